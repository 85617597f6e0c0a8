package github

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

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

// Whatever the kind and whatever is known, a cause that is known has words and
// a remedy, each on a line, and all pages are of the host that was asked.
func TestExplain(t *testing.T) {
	kinds := []credential.Kind{credential.FineGrained, credential.Classic, credential.OAuth, credential.AppUser, credential.AppInstallation, ""}
	abouts := []About{
		{Host: "github.com", Repository: "acme/widgets", Name: "laptop", Scope: "acme --name laptop"},
		{Host: "ghes.example:8443", Repository: "acme/widgets", Scope: "ghes.example:8443/acme --name ci"},
		{Host: "github.com", Repository: "acme"},
		{Host: "github.com"},
	}
	for _, test := range answers {
		for _, kind := range kinds {
			for _, about := range abouts {
				about.Kind = kind
				c := Explain(test.status, test.text, about)
				where := fmt.Sprintf("%s, %s, %s/%s", test.name, kind, about.Host, about.Repository)
				if c.Reason != test.want || c.What == "" || strings.HasSuffix(c.What, ".") || strings.ContainsAny(c.What, "\n\r") {
					t.Errorf("%s: got %q, %q, want %q", where, c.Reason, c.What, test.want)
				}
				if test.want != Unknown && len(c.Do) == 0 {
					t.Errorf("%s: nothing helps", where)
				}
				for _, step := range c.Do {
					if step == "" || strings.ContainsAny(step, "\n\r") || strings.HasSuffix(step, ", at ") || strings.Contains(step, "%!") {
						t.Errorf("%s: a step is %q", where, step)
					}
					for _, found := range urlInGit.FindAllString(step, -1) {
						if !strings.HasPrefix(found, "https://"+about.Host+"/") {
							t.Errorf("%s: a page of another host: %q", where, found)
						}
					}
				}
			}
		}
	}
}

// The likeliest remedy is the first.
func TestRemedies(t *testing.T) {
	about := About{Host: "github.com", Repository: "acme/widgets", Kind: credential.FineGrained, Scope: "acme --name laptop"}
	classic := about
	classic.Kind = credential.Classic
	sso := classic
	sso.SSO = "https://github.com/orgs/acme/sso?authorization_request=ABC"
	for _, test := range []struct {
		answer string
		about  About
		what   string // a part of it
		do     string // the first
	}{
		{"bad token", about, "expired", "put a new one in its place: git pat rotate acme --name laptop"},
		{"not selected", about, "the token does not have acme/widgets: it is not selected, or waits for approval by an owner of acme", "select it, at https://github.com/settings/personal-access-tokens"},
		{"no push", about, "may fetch from acme/widgets, but not push", "give it the permission contents: write, at https://github.com/settings/personal-access-tokens"},
		{"no push", classic, "may fetch from acme/widgets, but not push", "it needs the scope repo, and its user the right to push"},
		{"workflow, personal", about, ".github/workflows", "give it the permission workflows: write, at https://github.com/settings/personal-access-tokens"},
		{"workflow, personal", classic, ".github/workflows", "give it the scope workflow"},
		{"single sign-on, personal", sso, "acme wants single sign-on", "open " + sso.SSO},
		{"single sign-on, classic", classic, "acme wants single sign-on", "choose Configure SSO beside the token, at https://github.com/settings/tokens"},
		{"classic blocked", classic, "acme takes no classic tokens", "add a fine-grained one: git pat add acme"},
		{"lifetime of a fine-grained token", about, "acme takes no tokens that live as long", "give it a shorter life, at " + lifetimePage},
		{"lifetime, by an enterprise", about, "acme-inc takes no tokens", "give it a shorter life, at " + lifetimePage},
		{"allow list", about, "addresses of its list", "use the organization's network or VPN, or ask an owner to add your address"},
		{"OAuth app", about, "acme has not approved the app", "ask an owner to approve it, or use a personal token: git pat add acme"},
		{"not there", about, "acme/widgets is not there, or the token does not see it", "look whether the name is right: https://github.com/acme/widgets"},
		{"rate limit", about, "the token may be good", "wait and try again"},
		{"push protection", about, "the token is good", "take the secret out of the commits, and have it revoked where it is from"},
	} {
		t.Run(test.answer, func(t *testing.T) {
			for _, answer := range answers {
				if answer.name != test.answer {
					continue
				}
				c := Explain(answer.status, answer.text, test.about)
				if !strings.Contains(c.What, test.what) || len(c.Do) == 0 || c.Do[0] != test.do {
					t.Errorf("got %q and %q, want %q and %q", c.What, c.Do, test.what, test.do)
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

// Nothing that a server or a person wrote gets into the words but names and
// pages, and no text makes a page of another host.
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
		for _, kind := range []credential.Kind{"", credential.FineGrained, credential.Classic} {
			about.Kind = kind
			c := Explain(status, text, about)
			for _, words := range append(c.Do, c.What) {
				if words == "" || strings.ContainsFunc(words, func(r rune) bool { return r < ' ' || r > '~' }) {
					t.Errorf("the words are %q", words)
				}
				for _, found := range urlInGit.FindAllString(words, -1) {
					if !strings.HasPrefix(found, page(about.Host, "/")) {
						t.Errorf("a page of another host than %q: %q", about.Host, found)
					}
				}
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
