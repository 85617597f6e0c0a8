package refusal

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

const lifetimePage = "https://github.com/settings/personal-access-tokens/12345"

// answers are the texts of GitHub's that are known, by the status they come
// with; 200 is that of a push of which a branch is rejected.
var answers = []struct {
	name   string
	status int
	text   string
	want   Reason
}{
	// Of the REST API.
	{"bad token", 401, "Bad credentials", BadToken},
	{"classic blocked", 403, "`acme` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions.", ClassicForbidden},
	{"lifetime of a fine-grained token", 403, "The 'acme' organization forbids access via a fine-grained personal access tokens if the token's lifetime is greater than 366 days. Please adjust your token's lifetime at the following URL: " + lifetimePage, LifetimeTooLong},
	{"lifetime, by an enterprise", 403, "The 'acme-inc' enterprise forbids access via a fine-grained personal access tokens if the token's lifetime is greater than 366 days. Please adjust your token's lifetime at the following URL: " + lifetimePage, LifetimeTooLong},
	{"lifetime of a classic token", 403, "The 'acme' organization forbids access via a personal access token (classic) if the token's lifetime is greater than 90 days. Please adjust your token's lifetime at the following URL: https://github.com/settings/tokens/12345", LifetimeTooLong},
	{"single sign-on, personal", 403, "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.", SingleSignOn},
	{"single sign-on, OAuth", 403, "Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.", SingleSignOn},
	{"permission", 403, "Resource not accessible by personal access token", NoPermission},
	{"permission of an app", 403, "Resource not accessible by integration", NoPermission},
	{"allow list", 403, "Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.", AddressNotAllowed},
	{"rate limit", 403, "API rate limit exceeded for user ID 1.", RateLimited},
	{"secondary rate limit", 403, "You have exceeded a secondary rate limit.", RateLimited},
	{"rate limit by status", 429, "", RateLimited},
	{"not found", 404, "Not Found", NotVisible},

	// Of Git's side, as after "remote: ".
	{"bad token, since 2025", 401, "Invalid username or token. Password authentication is not supported for Git operations.", BadToken},
	{"bad token, before", 401, "Support for password authentication was removed on August 13, 2021.\nPlease see https://docs.github.com/get-started/getting-started-with-git/about-remote-repositories#cloning-with-https-urls for information on currently recommended modes of authentication.", BadToken},
	{"bad token, Enterprise Server", 401, "Invalid username or password.", BadToken},
	{"not selected", 403, "Write access to repository not granted.", NotSelected},
	{"no push", 403, "Permission to acme/widgets.git denied to alice.", NoPush},
	{"gist", 403, "Permission to write to gist denied.", NoPush},
	{"not there", 404, "Repository not found.", NotVisible},
	{"single sign-on, classic", 403, "The 'acme' organization has enabled or enforced SAML SSO. To access\nthis repository, visit https://github.com/orgs/acme/sso?authorization_request=ABC\nand try your request again.", SingleSignOn},
	{"single sign-on, OAuth app", 403, "The 'acme' organization has enabled or enforced SAML SSO. To access\nthis repository, you must re-authorize the OAuth Application 'GitHub CLI'.", SingleSignOn},
	{"single sign-on, SSH", 0, "ERROR: The 'acme' organization has enabled or enforced SAML SSO.\nTo access this repository, you must use the HTTPS remote with a personal access token or SSH with an SSH key", SingleSignOn},
	{"allow list of an owner", 403, "The repository owner has an IP allow list enabled, and 192.0.2.1 is not permitted to access this repository.", AddressNotAllowed},
	{"OAuth app", 403, "Although you appear to have the correct authorization credentials, the acme organization has enabled OAuth App access restrictions, meaning that data access to third-parties is limited.", AppRestricted},
	{"workflow, personal", 200, "refusing to allow a Personal Access Token to create or update workflow `.github/workflows/ci.yml` without `workflow` scope", NoWorkflows},
	{"workflow, OAuth", 200, "refusing to allow an OAuth App to create or update workflow `.github/workflows/ci.yml` without `workflow` scope", NoWorkflows},
	{"workflow, app", 200, "refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml` without `workflows` permission", NoWorkflows},
	{"push protection", 200, "error: GH013: Repository rule violations found for refs/heads/main.\n\n- GITHUB PUSH PROTECTION\n  - Push cannot contain secrets", SecretInPush},

	// What says nothing of tokens.
	{"nothing", 0, "", Unknown},
	{"a status alone", 403, "", Unknown},
	{"of the server's own", 500, "Internal Server Error", Unknown},
	{"a permission of something else", 403, "Permission to fly denied.", Unknown},
	{"a file", 0, "error: file not found", Unknown},
	{"a ref", 0, "fatal: couldn't find remote ref nope", Unknown},
	{"a rejected branch", 200, "error: failed to push some refs to 'https://github.com/acme/widgets.git'", Unknown},
	{"a page of no token", 403, "<html>Access denied by the firewall</html>", Unknown},
}

func TestRead(t *testing.T) {
	for _, test := range answers {
		t.Run(test.name, func(t *testing.T) {
			if got := Read(test.status, test.text); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if got := Read(test.status, strings.ToUpper(test.text)); got != test.want {
				t.Errorf("in capitals got %q, want %q", got, test.want)
			}
		})
	}
}

// What else an answer tells.
func TestExplain(t *testing.T) {
	const sso = "https://github.com/orgs/acme/sso?authorization_request=ABC"
	about := About{Host: "github.com", Repository: "owner/widgets", Kind: credential.Classic, SSO: sso}
	elsewhere := about
	elsewhere.Host = "ghes.example:8443"
	for _, test := range []struct {
		answer       string
		about        About
		organization string
		tokenPage    string
	}{
		{"bad token", about, "owner", ""},
		{"bad token", About{Host: "github.com", Repository: "owner"}, "owner", ""},
		{"bad token", About{Host: "github.com"}, "", ""},
		{"classic blocked", about, "acme", ""},
		{"single sign-on, classic", about, "acme", ""},
		{"single sign-on, personal", about, "owner", ""},
		{"allow list", about, "acme", ""},
		{"OAuth app", about, "acme", ""},
		{"lifetime of a classic token", about, "acme", "https://github.com/settings/tokens/12345"},
		{"lifetime of a fine-grained token", about, "acme", lifetimePage},
		{"lifetime, by an enterprise", about, "acme-inc", lifetimePage},
		{"lifetime, by an enterprise", elsewhere, "acme-inc", ""}, // a page of another host
		{"lifetime, by an enterprise", About{Host: "gist.github.com"}, "acme-inc", lifetimePage},
	} {
		t.Run(test.answer, func(t *testing.T) {
			for _, answer := range answers {
				if answer.name != test.answer {
					continue
				}
				want := Cause{About: test.about, Reason: answer.want, Organization: test.organization, TokenPage: test.tokenPage}
				if got := Explain(answer.status, answer.text, test.about); got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
				return
			}
			t.Error("no such answer")
		})
	}
}

// remote is a text as Git passes it on.
func remote(text string) string {
	var all strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		all.WriteString("remote: " + line + "\n")
	}
	return all.String()
}

// What Git prints of each answer is read as the answer is.
func TestReadGitAnswers(t *testing.T) {
	const url = "https://github.com/acme/widgets.git"
	for _, test := range answers {
		var text string
		switch test.status {
		case 401:
			text = remote(test.text) + "fatal: Authentication failed for '" + url + "/'\n"
		case 404:
			text = remote(test.text) + "fatal: repository '" + url + "/' not found\n"
		case 403, 429:
			text = remote(test.text) + fmt.Sprintf("fatal: unable to access '%s/': The requested URL returned error: %d\n", url, test.status)
		case 200:
			if test.want == Unknown {
				continue
			}
			text = "To " + url + "\n" + remote(test.text) + " ! [remote rejected] main -> main (" + strings.ReplaceAll(test.text, "\n", " ") + ")\nerror: failed to push some refs to '" + url + "'\n"
		default:
			continue // not over https
		}
		t.Run(test.name, func(t *testing.T) {
			for _, text := range []string{text, strings.ReplaceAll(text, "\n", "\r\n"), "Cloning into 'widgets'...\n" + text} {
				about, status := ReadGit(text)
				if about.Host != "github.com" || about.Repository != "acme/widgets" {
					t.Errorf("got %q and %q of\n%s", about.Host, about.Repository, text)
				}
				if got := Explain(status, text, about).Reason; got != test.want {
					t.Errorf("got %q with the status %d, want %q, of\n%s", got, status, test.want, text)
				}
			}
		})
	}
}

func TestReadGit(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       Reason
		about      About
		status     int
	}{
		{"the last line alone", "fatal: repository 'https://github.com/acme/widgets.git/' not found\n",
			NotVisible, About{Host: "github.com", Repository: "acme/widgets"}, 404},
		{"of another host", "remote: Invalid username or password.\nfatal: Authentication failed for 'https://ghes.example:8443/Acme/Widgets.git/'\n",
			BadToken, About{Host: "ghes.example:8443", Repository: "acme/widgets"}, 0},
		{"nobody to ask", "fatal: could not read Username for 'https://github.com': terminal prompts disabled\n",
			NoCredential, About{Host: "github.com"}, 0},
		{"too many", "fatal: unable to access 'https://github.com/acme/widgets/': The requested URL returned error: 429\n",
			RateLimited, About{Host: "github.com", Repository: "acme/widgets"}, 429},
		{"too many, newer Git", "fatal: rate limited by 'https://github.com/acme/widgets/', please try again in 60 seconds\n",
			RateLimited, About{Host: "github.com", Repository: "acme/widgets"}, 0},
		{"Gitea, without the scope", "remote: Forbidden\nfatal: unable to access 'https://gitea.example:3000/acme/widgets.git/': The requested URL returned error: 403\n",
			NoPermission, About{Host: "gitea.example:3000", Repository: "acme/widgets"}, 403},
		{"single sign-on", remote("The 'acme' organization has enabled or enforced SAML SSO. To access\nthis repository, visit https://github.com/orgs/acme/sso?authorization_request=ABC\nand try your request again.") +
			"fatal: unable to access 'https://github.com/acme/widgets.git/': The requested URL returned error: 403\n",
			SingleSignOn, About{Host: "github.com", Repository: "acme/widgets", SSO: "https://github.com/orgs/acme/sso?authorization_request=ABC"}, 403},
		{"single sign-on, with a page of another host", remote("The 'acme' organization has enabled or enforced SAML SSO. To access\nthis repository, visit https://evil.example/orgs/acme/sso?authorization_request=ABC") +
			"fatal: unable to access 'https://github.com/acme/widgets.git/': The requested URL returned error: 403\n",
			SingleSignOn, About{Host: "github.com", Repository: "acme/widgets"}, 403},
		{"nothing of a server's", "fatal: not a git repository (or any of the parent directories): .git\n",
			Unknown, About{Host: "github.com"}, 0},
		{"the name does not resolve", "fatal: unable to access 'https://github.com/acme/widgets.git/': Could not resolve host: github.com\n",
			Unknown, About{Host: "github.com", Repository: "acme/widgets"}, 0},
		{"nothing", "", Unknown, About{Host: "github.com"}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			about, status := ReadGit(test.text)
			about.Repository = strings.ToLower(about.Repository)
			if about != test.about || status != test.status {
				t.Errorf("got %+v, %d, want %+v, %d", about, status, test.about, test.status)
			}
			if got := Explain(status, test.text, about).Reason; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Of a text, nothing gets into a cause but names and pages, and no text makes a
// page of another host.
func FuzzReadGit(f *testing.F) {
	for _, test := range answers {
		f.Add(remote(test.text) + "fatal: unable to access 'https://github.com/acme/widgets.git/': The requested URL returned error: 403\n")
	}
	f.Add("https://[::1\x1b/a/b 'https://github.com/a/b?x' https://github.com/orgs/\x07/sso?\x1b]8;;")
	f.Add("The 'x' organization has enabled or enforced SAML SSO https://github.com/orgs/x/sso?\x1b[2J\u202e")
	f.Fuzz(func(t *testing.T, text string) {
		about, status := ReadGit(text)
		if about.Host == "" || status != 0 && (status < 0 || status > 999) || strings.Count(about.Repository, "/") > 1 {
			t.Errorf("got %+v, %d", about, status)
		}
		c := Explain(status, text, about)
		for _, field := range []string{c.Host, c.Repository, c.SSO, c.Organization, c.TokenPage} {
			if strings.ContainsFunc(field, func(r rune) bool { return r <= ' ' || r > '~' }) {
				t.Errorf("a field is %q", field)
			}
		}
		for _, address := range []string{c.SSO, c.TokenPage} {
			if address != "" && !strings.HasPrefix(address, github.Page(c.Host, "/")) {
				t.Errorf("a page of another host than %q: %q", c.Host, address)
			}
		}
	})
}

// The statuses by which a text is not needed.
func TestReadStatus(t *testing.T) {
	for status, want := range map[int]Reason{
		http.StatusUnauthorized:    BadToken,
		http.StatusNotFound:        NotVisible,
		http.StatusTooManyRequests: RateLimited,
		http.StatusForbidden:       Unknown,
		http.StatusBadGateway:      Unknown,
		http.StatusOK:              Unknown,
	} {
		if got := Read(status, "an answer that nobody knows"); got != want {
			t.Errorf("%d: got %q, want %q", status, got, want)
		}
	}
}
