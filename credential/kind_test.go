package credential

import (
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

func TestKindOf(t *testing.T) {
	hex := strings.Repeat("0123456789abcdef", 3)[:40]
	body := strings.Repeat("x", 36)
	for _, test := range []struct {
		name   string
		secret string
		host   string
		want   Kind
	}{
		{"fine-grained", "github_" + "pat_" + strings.Repeat("x", 82), GitHubHost, FineGrained},
		{"classic", "ghp" + "_" + body, GitHubHost, Classic},
		{"OAuth app", "gho" + "_" + body, GitHubHost, OAuth},
		{"app for a user", "ghu" + "_" + body, GitHubHost, AppUser},
		{"installation", "ghs" + "_" + body, GitHubHost, AppInstallation},
		{"installation since 2026", "ghs" + "_" + "1234_" + strings.Repeat("a.b-c_", 80), GitHubHost, AppInstallation},
		{"any length", "ghp" + "_" + "x", GitHubHost, Classic},
		{"any host: GitHub Enterprise Server", "ghp" + "_" + body, "git.example.com", Classic},

		{"40 hex digits", hex, GitHubHost, Classic},
		{"40 hex digits for gists", hex, GistHost, Classic},
		{"40 hex digits, data residency", hex, "acme.ghe.com", Classic},
		{"40 hex digits elsewhere", hex, "gitea.example.com", Other},
		{"40 hex digits on a longer name", hex, "github.com.evil.example", Other},
		{"40 hex digits on another ghe.com", hex, "acmeghe.com", Other},
		{"40 hex digits on ghe.com itself", hex, "ghe.com", Other},
		{"40 hex digits below ghe.com.example", hex, "acme.ghe.com.example", Other},
		{"40 hex digits on another port", hex, "github.com:8443", Other},
		{"39 hex digits", hex[1:], GitHubHost, Other},
		{"41 hex digits", hex + "0", GitHubHost, Other},
		{"upper case hex", strings.ToUpper(hex), GitHubHost, Other},
		{"one letter too far", "g" + hex[1:], GitHubHost, Other},
		{"one letter too far inside", hex[:20] + "g" + hex[21:], GitHubHost, Other},

		{"refresh token", "ghr" + "_" + body + body, GitHubHost, Other},
		{"no underscore", "ghp" + body, GitHubHost, Other},
		{"upper case prefix", "GHP" + "_" + body, GitHubHost, Other},
		{"space before", " ghp" + "_" + body, GitHubHost, Other},
		{"prefix inside", "xghp" + "_" + body, GitHubHost, Other},
		{"half of a prefix", "github_pa" + "t", GitHubHost, Other},
		{"another forge", "glpat-" + body, "gitlab.example.com", forge.GitLabToken},
		{"40 hex digits on Codeberg", hex, forge.CodebergHost, forge.GiteaToken},
		{"password", "hunter2", GitHubHost, Other},
		{"nothing", "", GitHubHost, Other},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := KindOf(NewSecret(test.secret), test.host)
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if !got.Known() {
				t.Errorf("%q is not known", got)
			}
			if want := strings.HasPrefix(test.secret, "ghr"+"_"); IsRefreshToken(NewSecret(test.secret)) != want {
				t.Errorf("got refresh token %v, want %v", !want, want)
			}
		})
	}
}

func TestKind(t *testing.T) {
	for _, test := range []struct {
		kind                      Kind
		isGitHub, personal, known bool
	}{
		{FineGrained, true, true, true},
		{Classic, true, true, true},
		{OAuth, true, false, true},
		{AppUser, true, false, true},
		{AppInstallation, true, false, true},
		{Other, false, false, true},
		{forge.GitLabToken, false, true, true},
		{forge.BitbucketAccess, false, false, true},
		{"", false, false, false}, // the kind of a damaged record
		{"Classic", false, false, false},
		{"fine-grained-2", false, false, false},
	} {
		if got := test.kind.IsGitHub(); got != test.isGitHub {
			t.Errorf("%q: got GitHub %v, want %v", test.kind, got, test.isGitHub)
		}
		if got := test.kind.IsPersonal(); got != test.personal {
			t.Errorf("%q: got personal %v, want %v", test.kind, got, test.personal)
		}
		if got := test.kind.Known(); got != test.known {
			t.Errorf("%q: got known %v, want %v", test.kind, got, test.known)
		}
		if got := test.kind.String(); got != string(test.kind) {
			t.Errorf("got %q, want %q", got, string(test.kind))
		}
	}
}
