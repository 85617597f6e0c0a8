package forge

import (
	"strings"
	"testing"
)

// Tokens are put together here, because scanners look for complete ones.
func TestKindOf(t *testing.T) {
	body := strings.Repeat("x", 36)
	hex := strings.Repeat("0123456789abcdef", 3)[:40]
	for _, test := range []struct {
		why    string
		secret string
		f      Forge
		want   Kind
	}{
		{"fine-grained", "github_" + "pat_" + body, GitHub, FineGrained},
		{"classic", "ghp" + "_" + body, GitHub, Classic},
		{"OAuth app", "gho" + "_" + body, GitHub, OAuth},
		{"app for a user", "ghu" + "_" + body, GitHub, AppUser},
		{"installation", "ghs" + "_" + body, GitHub, AppInstallation},
		{"any length", "ghp" + "_" + "x", Other, Classic},
		{"a refresh token has no kind", "ghr" + "_" + body, GitHub, Password},
		{"40 hex digits at GitHub", hex, GitHub, Classic},
		{"GitLab", "glp" + "at-" + body, GitLab, GitLabToken},
		{"GitLab, unknown host", "glp" + "at-" + body, Other, GitLabToken},
		{"GitLab, routable", "glp" + "at-" + body + ".01.0abcdefgh", Other, GitLabToken},
		{"GitLab, deploy token", "gld" + "t-" + body, Other, GitLabDeploy},
		{"GitLab, job token", "glc" + "bt-64_" + body, Other, GitLabJob},
		{"Atlassian API token", "ATATT" + "3xFfGF0" + body, Other, BitbucketAPI},
		{"Bitbucket access token", "ATCTT" + "3xFfG" + body, Bitbucket, BitbucketAccess},
		{"Bitbucket Data Center", "BBDC" + "-" + body, Other, BitbucketHTTP},
		{"Azure DevOps", strings.Repeat("a", 75) + "AZDO" + "abcde", Other, AzureToken},
		{"Azure DevOps, one character later", strings.Repeat("A", 76) + "AZDO" + "abcd", Other, AzureToken},
		{"Azure DevOps, before 2024", strings.Repeat("a2", 26), Azure, AzureToken},
		{"the same elsewhere", strings.Repeat("a2", 26), Other, Password},
		{"too short for Azure DevOps", strings.Repeat("a", 74) + "AZDO" + "abcde", Azure, Password},
		{"another byte for Azure DevOps", strings.Repeat("-", 75) + "AZDO" + "abcde", Azure, Password},
		{"Gitea", hex, Gitea, GiteaToken},
		{"40 hex digits elsewhere", hex, Other, Password},
		{"upper case", strings.ToUpper(hex), Gitea, Password},
		{"39 hex digits", hex[1:], Gitea, Password},
		{"a password", "hunter2", GitHub, Password},
		{"nothing", "", GitLab, Password},
		{"a prefix in the middle", "xghp" + "_" + body, GitHub, Password},
		{"in other case", "GLPAT-" + body, GitLab, Password},
		{"of another forge: the prefix counts", "ghp" + "_" + body, GitLab, Classic},
	} {
		got := KindOf(test.secret, test.f)
		if got != test.want {
			t.Errorf("%s: got %q, want %q", test.why, got, test.want)
		}
		if !got.Known() || got.IsToken() != (got != Password) || got.IsGitHub() != (got.Forge() == GitHub) {
			t.Errorf("%s: the methods of %q contradict each other", test.why, got)
		}
	}
	if Kind("").Known() || Kind("").Forge() != Other || !Kind("").IsToken() || Kind("").IsPersonal() || Kind("token").Known() {
		t.Error("a kind of a damaged record")
	}
}

func TestUserName(t *testing.T) {
	for kind, want := range map[Kind]string{
		FineGrained: "x-access-token", GitLabToken: "x-access-token", GitLabJob: "gitlab-ci-token", AzureToken: "x-access-token",
		BitbucketAPI: "x-bitbucket-api-token-auth", BitbucketAccess: "x-token-auth", GiteaToken: "x-access-token",
	} {
		if got := kind.UserName(); got != want || !IsPlaceholder(got) {
			t.Errorf("%s: got %q, want %q", kind, got, want)
		}
	}
	for kind, want := range map[Kind]bool{GitLabDeploy: true, Password: true, GitLabToken: false, BitbucketAPI: false, Classic: false} {
		if got := kind.NeedsUserName(); got != want {
			t.Errorf("%s: got %v, want %v", kind, got, want)
		}
	}
	for user, want := range map[string]bool{"": true, "git": true, "oauth2": true, "x-oauth-basic": true, "alice": false, "Git": false, "x-access-token ": false} {
		if got := IsPlaceholder(user); got != want {
			t.Errorf("%q: got %v, want %v", user, got, want)
		}
	}
	for _, f := range all() {
		if got, want := f.CarriesUser(), f == Azure || f == Bitbucket; got != want {
			t.Errorf("%s: got %v, want %v", f, got, want)
		}
	}
}

func TestMask(t *testing.T) {
	body := strings.Repeat("0aB", 30)
	for _, test := range []struct{ why, in, want string }{
		{"GitHub", "got ghp" + "_" + body + "!", "got ghp_***!"},
		{"a refresh token", "ghr" + "_" + body, "ghr_***"},
		{"GitLab", "https://oauth2:glp" + "at-" + body[:20] + "@gitlab.com/a", "https://oauth2:glpat-***@gitlab.com/a"},
		{"GitLab, with a dash", "glp" + "at-" + body[:9] + "-" + body[:10], "glpat-***"},
		{"GitLab, routable", "glp" + "at-" + body[:40] + ".01.0abcdef", "glpat-***"},
		{"GitLab, deploy token", "gld" + "t-" + body[:20], "gldt-***"},
		{"GitLab, job token", "glc" + "bt-64_" + body[:20], "glcbt-***"},
		{"Bitbucket", `"ATATT` + `3xFfGF0` + body + `=0ABCDEF0"`, `"ATATT***"`},
		{"Bitbucket access token", "ATCTT" + "3xFfG" + body + "=0ABCDEF0", "ATCTT***"},
		{"Bitbucket Data Center", "BBDC" + "-" + body[:44], "BBDC-***"},
		{"Azure DevOps", body[:75] + "AZDO" + body[:5] + " x", "*** x"},
		{"two", "ghp" + "_" + body + " glp" + "at-" + body[:20], "ghp_*** glpat-***"},
		{"a name like a token", "acme/glpat-rotation-service-tools", "acme/glpat-rotation-service-tools"},
		{"a short name", "acme/glpat-tools ATATT AZDO", "acme/glpat-tools ATATT AZDO"},
		{"no token", "acme/app", "acme/app"},
	} {
		got := Mask(test.in)
		if got != test.want || Mask(got) != got {
			t.Errorf("%s: got %q, want %q", test.why, got, test.want)
		}
	}
}
