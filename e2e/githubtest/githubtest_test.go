package githubtest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A client is the machine of a user. It has its own home and no Git
// configuration, except on the command line, and it reaches the server for
// every URL.
type client struct {
	t   *testing.T
	dir string
	env []string
	in  string
}

func newServer(t *testing.T) *Server {
	t.Helper()
	s, err := NewServer(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func newClient(t *testing.T, s *Server) *client {
	dir := t.TempDir()
	env := append(s.Env(),
		"PATH="+os.Getenv("PATH"),
		"HOME="+dir,
		"GIT_CONFIG_GLOBAL="+os.DevNull,
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=Alice", "GIT_AUTHOR_EMAIL=alice@client.example",
		"GIT_COMMITTER_NAME=Alice", "GIT_COMMITTER_EMAIL=alice@client.example",
		"LC_ALL=C",
	)
	return &client{t: t, dir: dir, env: env}
}

// helper is a credential helper that returns one user name and one secret for
// every URL. The secret is in the environment, which Git never prints.
const helper = `!f() { test "$1" = get && echo "username=$TEST_USER" && echo "password=$TEST_SECRET"; }; f`

// git runs Git with a credential in a folder of the client.
func (c *client) git(user, secret, dir string, args ...string) (stdout, stderr string, err error) {
	c.t.Helper()
	if secret != "" {
		args = append([]string{"-c", "credential.helper=" + helper}, args...)
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), 2*time.Minute) // Git sometimes waited forever
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.WaitDelay = time.Second
	cmd.Dir = filepath.Join(c.dir, dir)
	cmd.Env = append(c.env[:len(c.env):len(c.env)], "TEST_USER="+user, "TEST_SECRET="+secret)
	cmd.Stdin = strings.NewReader(c.in)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	if secret != "" && strings.Contains(out.String()+errs.String(), secret) {
		c.t.Errorf("git %q printed the secret", args)
	}
	return out.String(), errs.String(), err
}

// must is like git, for commands that must succeed.
func (c *client) must(user, secret, dir string, args ...string) string {
	c.t.Helper()
	stdout, stderr, err := c.git(user, secret, dir, args...)
	if err != nil {
		c.t.Fatalf("git %q: %v\n%s", args, err, stderr)
	}
	return stdout
}

// refused is like git, for commands that must fail with a known message.
func (c *client) refused(user, secret, dir, want string, args ...string) {
	c.t.Helper()
	_, stderr, err := c.git(user, secret, dir, args...)
	if err == nil {
		c.t.Errorf("git %q: was let in", args)
	}
	if got := strings.TrimSpace(stderr); got != want {
		c.t.Errorf("git %q:\ngot  %q\nwant %q", args, got, want)
	}
}

// commit creates a commit with one file in a clone.
func (c *client) commit(dir, name string, content []byte) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, dir, name), content, 0o600); err != nil {
		c.t.Fatal(err)
	}
	c.must("", "", dir, "add", name)
	c.must("", "", dir, "commit", "--quiet", "-m", "Add "+name)
}

func addRepository(t *testing.T, s *Server, r Repository) string {
	t.Helper()
	dir, err := s.AddRepository(r)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func addToken(t *testing.T, s *Server, token Token) string {
	t.Helper()
	secret, err := s.AddToken(token)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// head returns the commit of the branch main in a repository of the server.
func head(t *testing.T, dir string) string {
	t.Helper()
	cmd := exec.Command("git", "--git-dir="+dir, "rev-parse", "refs/heads/main")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// TestTokens clones, pushes and lists with a token of each kind.
func TestTokens(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	dirs := map[string]string{
		"acme/widgets": addRepository(t, s, Repository{Owner: "acme", Name: "widgets", Private: true}),
		"acme/site":    addRepository(t, s, Repository{Owner: "acme", Name: "site"}),
	}
	tests := []Token{
		{Kind: FineGrained, Login: "alice", Owner: "acme", Write: true},
		{Kind: FineGrained, Login: "alice", Owner: "ACME", Repositories: []string{"Widgets", "site"}, Write: true},
		{Kind: Classic, Login: "alice", Write: true},
		{Kind: Classic, Login: "alice", Owners: []string{"acme"}, Scopes: []string{"repo"}, Write: true},
		{Kind: ClassicHex, Login: "alice", Write: true},
		{Kind: OAuth, Login: "alice", Write: true},
		{Kind: AppUser, Login: "alice", Owner: "acme", Write: true},
		{Kind: AppInstallation, Login: "acme-ci[bot]", Owner: "acme", Write: true},
		{Kind: AppInstallationStateless, Login: "acme-ci[bot]", Owner: "acme", Write: true},
	}
	for i, token := range tests {
		token.ID = fmt.Sprintf("%s-token-%d", token.Kind, i)
		t.Run(token.ID, func(t *testing.T) {
			// Do not run in parallel: all push to the same branch.
			secret := addToken(t, s, token)
			c := newClient(t, s)
			for path, dir := range dirs {
				url := "https://github.com/" + path + ".git"
				name := filepath.Base(path)
				c.must("any", secret, "", "clone", "--quiet", url, name)
				c.commit(name, token.ID, []byte(token.ID))
				c.must("any", secret, name, "push", "--quiet", "origin", "main")
				local := strings.TrimSpace(c.must("", "", name, "rev-parse", "HEAD"))
				if got := head(t, dir); got != local {
					t.Errorf("%s: main is %s after the push, want %s", path, got, local)
				}
				if got := c.must("any", secret, "", "ls-remote", url, "main"); !strings.HasPrefix(got, local) {
					t.Errorf("%s: ls-remote got %q, want %s", path, got, local)
				}
			}
		})
	}
}

// TestRefusals checks each text as Git shows it.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.AddHost("ghes.corp.example")
	s.AddHost("gist.ghes.corp.example")
	for _, r := range []Repository{
		{Owner: "acme", Name: "widgets", Private: true, Wiki: true},
		{Owner: "acme", Name: "other", Private: true},
		{Owner: "acme", Name: "site"},
		{Owner: "globex", Name: "plans", Private: true},
		{Host: "gist.github.com", Owner: "alice", Name: "0123abcd"},
		{Host: "ghes.corp.example", Owner: "acme", Name: "widgets", Private: true},
	} {
		addRepository(t, s, r)
	}
	past := time.Now().Add(-time.Minute)
	tokens := map[string]string{
		"reader":   addToken(t, s, Token{Kind: FineGrained, Login: "alice", Owner: "acme", Repositories: []string{"widgets"}}),
		"insider":  addToken(t, s, Token{Kind: FineGrained, Login: "alice", Owner: "acme", Owners: []string{"acme"}, Write: true}),
		"pending":  addToken(t, s, Token{Kind: FineGrained, Login: "alice", Owner: "acme", Repositories: []string{}, Write: true}),
		"expired":  addToken(t, s, Token{Kind: FineGrained, Login: "alice", Owner: "acme", Expires: past}),
		"revoked":  addToken(t, s, Token{Kind: Classic, Login: "alice"}),
		"classic":  addToken(t, s, Token{Kind: Classic, Login: "alice", Owners: []string{"acme"}, Write: true}),
		"noscope":  addToken(t, s, Token{Kind: Classic, Login: "alice", Scopes: []string{}, Write: true}),
		"public":   addToken(t, s, Token{Kind: OAuth, Login: "alice", Scopes: []string{"public_repo"}, Write: true}),
		"ci":       addToken(t, s, Token{Kind: AppInstallation, Login: "acme-ci[bot]", Owner: "acme", Repositories: []string{"widgets"}}),
		"bob":      addToken(t, s, Token{Kind: Classic, Login: "bob", Write: true}),
		"ghes":     addToken(t, s, Token{Kind: Classic, Host: "ghes.corp.example", Login: "alice", Write: true}),
		"password": "a password of 2020",
	}
	if err := s.Revoke(tokens["revoked"]); err != nil {
		t.Fatal(err)
	}
	const (
		invalid    = "remote: Invalid username or token. Password authentication is not supported for Git operations.\n"
		notGranted = "remote: Write access to repository not granted.\n"
		notFound   = "remote: Repository not found.\n"
		noLogin    = "fatal: could not read Username for 'https://github.com': terminal prompts disabled"
	)
	failed := func(path string) string {
		return "fatal: Authentication failed for 'https://" + path + "/'"
	}
	status := func(path string, status int) string {
		return fmt.Sprintf("fatal: unable to access 'https://%s/': The requested URL returned error: %d", path, status)
	}
	missing := func(path string) string {
		return "fatal: repository 'https://" + path + "/' not found"
	}
	const (
		widgets  = "github.com/acme/widgets.git"
		other    = "github.com/acme/other.git"
		site     = "github.com/acme/site.git"
		plans    = "github.com/globex/plans.git"
		gist     = "gist.github.com/0123abcd.git"
		onGHES   = "ghes.corp.example/acme/widgets.git"
		wiki     = "github.com/acme/widgets.wiki.git"
		otherWik = "github.com/acme/other.wiki.git"
		unknown  = "github.com/acme/unknown.git"
	)
	tests := []struct {
		token, url string
		read, push string // what Git prints; empty if the operation succeeds
	}{
		// No token.
		{"", widgets, noLogin, noLogin},
		{"", unknown, noLogin, noLogin},
		{"", site, "", noLogin},
		// Invalid tokens. They are rejected for public repositories too.
		{"password", widgets, invalid + failed(widgets), invalid + failed(widgets)},
		{"password", site, "", invalid + failed(site)},
		{"expired", widgets, invalid + failed(widgets), invalid + failed(widgets)},
		{"revoked", widgets, invalid + failed(widgets), invalid + failed(widgets)},
		{"ghes", widgets, invalid + failed(widgets), invalid + failed(widgets)},
		{"classic", onGHES, invalid + failed(onGHES), invalid + failed(onGHES)},
		{"ghes", gist, "", invalid + failed(gist)},
		// Fine-grained tokens.
		{"reader", widgets, "", "remote: Permission to acme/widgets.git denied to alice.\n" + status(widgets, 403)},
		{"reader", "github.com/ACME/Widgets", "", "remote: Permission to acme/widgets.git denied to alice.\n" + status("github.com/ACME/Widgets", 403)},
		{"reader", wiki, "", "remote: Permission to acme/widgets.wiki.git denied to alice.\n" + status(wiki, 403)},
		{"reader", other, notGranted + status(other, 403), notGranted + status(other, 403)},
		{"reader", site, "", "remote: Permission to acme/site.git denied to alice.\n" + status(site, 403)},
		{"reader", plans, notGranted + status(plans, 403), notGranted + status(plans, 403)},
		{"reader", unknown, notFound + missing(unknown), notFound + missing(unknown)},
		{"insider", plans, notFound + missing(plans), notFound + missing(plans)},
		{"insider", otherWik, notFound + missing(otherWik), notFound + missing(otherWik)},
		{"pending", widgets, notGranted + status(widgets, 403), notGranted + status(widgets, 403)},
		{"pending", site, "", "remote: Permission to acme/site.git denied to alice.\n" + status(site, 403)},
		// Other kinds.
		{"classic", plans, notFound + missing(plans), notFound + missing(plans)},
		{"classic", unknown, notFound + missing(unknown), notFound + missing(unknown)},
		{"noscope", widgets, notFound + missing(widgets), notFound + missing(widgets)},
		{"noscope", site, "", "remote: Permission to acme/site.git denied to alice.\n" + status(site, 403)},
		{"public", widgets, notFound + missing(widgets), notFound + missing(widgets)},
		{"public", site, "", ""},
		{"ci", widgets, "", "remote: Permission to acme/widgets.git denied to acme-ci[bot].\n" + status(widgets, 403)},
		{"ci", other, notFound + missing(other), notFound + missing(other)},
		// Gists.
		{"classic", gist, "", ""},
		{"classic", "gist.github.com/alice/0123abcd.git", "", ""},
		{"bob", gist, "", "remote: Permission to write to gist denied.\n" + status(gist, 403)},
		{"public", gist, "", "remote: Permission to write to gist denied.\n" + status(gist, 403)},
		{"reader", gist, "", "remote: Permission to write to gist denied.\n" + status(gist, 403)},
	}
	for _, test := range tests {
		t.Run(test.token+" "+test.url, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, s)
			c.must("", "", "", "init", "--quiet", "work")
			c.must("", "", "work", "symbolic-ref", "HEAD", "refs/heads/"+t.Name())
			c.commit("work", "file", []byte(t.Name()))
			check := func(want string, args ...string) {
				t.Helper()
				if want != "" {
					c.refused("any", tokens[test.token], "work", want, args...)
				} else {
					c.must("any", tokens[test.token], "work", args...)
				}
			}
			check(test.read, "ls-remote", "--quiet", "https://"+test.url)
			check(test.push, "push", "--quiet", "https://"+test.url, "HEAD")
		})
	}
}

// TestBasic checks requests that Git does not send and answers that it does not
// show.
func TestBasic(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	addRepository(t, s, Repository{Owner: "acme", Name: "widgets", Private: true})
	addRepository(t, s, Repository{Owner: "acme", Name: "site"})
	secret := addToken(t, s, Token{ID: "good", Kind: Classic, Login: "alice"})
	stranger, err := MintSecret(Classic)
	if err != nil {
		t.Fatal(err)
	}
	const invalid = "Invalid username or token. Password authentication is not supported for Git operations."
	const read, write = "/info/refs?service=git-upload-pack", "/info/refs?service=git-receive-pack"
	tests := []struct {
		name           string
		path           string
		user, password string
		bearer         string
		status         int
		body           string // not checked if the status is 200
		token, login   string
	}{
		{name: "anonymous, private", path: "acme/widgets.git" + read, status: 401, body: "Repository not found."},
		{name: "anonymous, unknown", path: "acme/none.git" + read, status: 401, body: "Repository not found."},
		{name: "anonymous, no wiki", path: "acme/site.wiki.git" + read, status: 401, body: "Repository not found."},
		{name: "anonymous, public", path: "acme/site.git" + read, status: 200},
		{name: "anonymous, push", path: "acme/site.git" + write, status: 401, body: "No anonymous write access."},
		{name: "a page", path: "acme/site", status: 404, body: "Not Found"},
		{name: "no smart client", path: "acme/site.git/info/refs", status: 403, body: "Please upgrade your git client."},
		{name: "any username", path: "acme/widgets" + read, user: "x", password: secret, status: 200, token: "good", login: "x"},
		{name: "no username", path: "acme/widgets" + read, password: secret, status: 401, body: invalid, token: "good"},
		{name: "token as username", path: "acme/widgets" + read, user: secret, status: 200, token: "good", login: "***"},
		{name: "x-oauth-basic", path: "acme/widgets" + read, user: secret, password: "x-oauth-basic", status: 200, token: "good", login: "***"},
		{name: "token as both", path: "acme/widgets" + read, user: secret, password: secret, status: 200, token: "good", login: "***"},
		{name: "no password", path: "acme/widgets" + read, user: "alice", status: 401, body: invalid, login: "alice"},
		{name: "unknown", path: "acme/widgets" + read, user: "alice", password: stranger, status: 401, body: invalid, token: "unknown-1", login: "alice"},
		{name: "unknown as username", path: "acme/widgets" + read, user: stranger, status: 401, body: invalid, token: "unknown-1", login: "***"},
		{name: "another unknown", path: "acme/widgets" + read, user: "alice", password: "hunter2", status: 401, body: invalid, token: "unknown-2", login: "alice"},
		{name: "bad token, public", path: "acme/site" + read, user: "alice", password: stranger, status: 401, body: invalid, token: "unknown-1", login: "alice"},
		{name: "bearer", path: "acme/widgets" + read, bearer: secret, status: 401, body: invalid, token: "good"},
		{name: "token in the query", path: "acme/site" + read + "&t=" + secret, status: 200, token: "good"},
		{name: "token in the path", path: "acme/" + secret + read, status: 401, body: "Repository not found.", token: "good"},
		// Another spelling of a path is another path.
		{name: "escaped", path: "acme/%73ite.git" + read, status: 401, body: "Repository not found."},
		{name: "dots", path: "acme/x/../site.git" + read, status: 401, body: "Repository not found."},
		{name: "slashes", path: "acme//site.git" + read, status: 401, body: "Repository not found."},
		{name: "deeper", path: "acme/site/x.git" + read, status: 401, body: "Repository not found."},
	}
	web := webClient(t, s)
	for _, test := range tests {
		// Do not run in parallel: unknown secrets are numbered.
		t.Run(test.name, func(t *testing.T) {
			r, err := http.NewRequest("GET", "https://github.com/"+test.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case test.bearer != "":
				r.Header.Set("Authorization", "Bearer "+test.bearer)
			case test.user+test.password != "":
				r.SetBasicAuth(test.user, test.password)
			}
			answer, body := do(t, web, r)
			if answer.StatusCode != test.status {
				t.Errorf("status %d, want %d", answer.StatusCode, test.status)
			}
			if test.status != 200 {
				if body != test.body {
					t.Errorf("body %q, want %q", body, test.body)
				}
				if got := answer.Header.Get("Content-Type"); got != "text/plain; charset=utf-8" {
					t.Errorf("Content-Type %q", got)
				}
			}
			want := ""
			if test.status == 401 {
				want = `Basic realm="GitHub"`
			}
			if got := answer.Header.Get("WWW-Authenticate"); got != want {
				t.Errorf("WWW-Authenticate %q, want %q", got, want)
			}
			log := s.Requests()
			last := log[len(log)-1]
			if last.Token != test.token || last.Login != test.login || last.Status != test.status || !last.TLS {
				t.Errorf("log: %+v, want token %q, login %q, status %d", last, test.token, test.login, test.status)
			}
			if strings.Contains(fmt.Sprintf("%+v", log), secret) || strings.Contains(fmt.Sprintf("%+v", log), stranger) {
				t.Error("the log holds a secret")
			}
		})
	}
	if got, want := fmt.Sprint(s.SecretsSeenBy("GitHub.com:443")), "[good unknown-1 unknown-2]"; got != want {
		t.Errorf("SecretsSeenBy: got %s, want %s", got, want)
	}
}

func TestExpiryAndRevocation(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	addRepository(t, s, Repository{Owner: "acme", Name: "widgets", Private: true})
	secret := addToken(t, s, Token{Kind: FineGrained, Login: "alice", Owner: "acme"})
	c := newClient(t, s)
	const url = "https://github.com/acme/widgets"
	const invalid = "remote: Invalid username or token. Password authentication is not supported for Git operations.\n" +
		"fatal: Authentication failed for '" + url + "/'"
	c.must("alice", secret, "", "ls-remote", url)
	if err := s.SetExpiry(secret, time.Now()); err != nil {
		t.Fatal(err)
	}
	c.refused("alice", secret, "", invalid, "ls-remote", url)
	if err := s.SetExpiry(secret, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	c.must("alice", secret, "", "ls-remote", url)
	if err := s.Revoke(secret); err != nil {
		t.Fatal(err)
	}
	c.refused("alice", secret, "", invalid, "ls-remote", url)
	if err := s.Revoke("no token"); err == nil {
		t.Error("Revoke of an unknown secret: no error")
	}
}

// TestRename checks that a clone with the old path still works for tokens with
// access.
func TestRename(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	dir := addRepository(t, s, Repository{Owner: "acme", Name: "widgets", Private: true, Wiki: true})
	addRepository(t, s, Repository{Owner: "acme", Name: "site"})
	secret := addToken(t, s, Token{Kind: FineGrained, Login: "alice", Owner: "acme", Repositories: []string{"widgets"}, Write: true})
	c := newClient(t, s)
	c.must("alice", secret, "", "clone", "--quiet", "https://github.com/acme/widgets.git")
	for _, names := range [][2]string{{"acme/widgets", "acme/gadgets"}, {"acme/gadgets", "acme/things"}, {"acme/site", "acme/home"}} {
		if err := s.Rename("github.com", names[0], names[1]); err != nil {
			t.Fatal(err)
		}
	}

	// Without a token, only a public repository is redirected.
	web := webClient(t, s)
	for _, test := range []struct {
		path, location string
		status         int
	}{
		{"Acme/Site.git/info/refs?service=git-upload-pack", "https://github.com/acme/home.git/info/refs?service=git-upload-pack", 301},
		{"acme/site/info/refs?service=git-upload-pack", "https://github.com/acme/home/info/refs?service=git-upload-pack", 301},
		{"acme/site/info/refs?service=git-receive-pack", "", 401},
		{"acme/widgets.git/info/refs?service=git-upload-pack", "", 401},
	} {
		r, _ := http.NewRequest("GET", "https://github.com/"+test.path, nil)
		answer, _ := do(t, web, r)
		if got := answer.Header.Get("Location"); answer.StatusCode != test.status || got != test.location {
			t.Errorf("%s: %d to %q, want %d to %q", test.path, answer.StatusCode, got, test.status, test.location)
		}
	}

	c.must("alice", secret, "widgets", "fetch", "--quiet")
	c.commit("widgets", "new", []byte("new"))
	c.must("alice", secret, "widgets", "push", "--quiet", "origin", "HEAD:main")
	if got, want := head(t, dir), strings.TrimSpace(c.must("", "", "widgets", "rev-parse", "HEAD")); got != want {
		t.Errorf("main is %s after the push, want %s", got, want)
	}
	c.must("alice", secret, "", "ls-remote", "https://github.com/acme/gadgets.wiki.git")

	// The new owner has other tokens.
	if err := s.Rename("github.com", "acme/things", "globex/things"); err != nil {
		t.Fatal(err)
	}
	c.refused("alice", secret, "widgets", "remote: Write access to repository not granted.\n"+
		"fatal: unable to access 'https://github.com/acme/widgets.git/': The requested URL returned error: 403", "fetch")

	// A new repository may use the old path.
	addRepository(t, s, Repository{Owner: "acme", Name: "widgets"})
	c.must("", "", "", "ls-remote", "https://github.com/acme/widgets.git")
	if err := s.Rename("github.com", "acme/none", "acme/some"); err == nil {
		t.Error("Rename of what is not there: no error")
	}
	if err := s.Rename("github.com", "acme/home", "acme/widgets"); err == nil {
		t.Error("Rename to a path that is taken: no error")
	}
}

func TestOpaqueHost(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.AddOpaqueHost("git.other.example:8443", "carol", "not a token")
	addRepository(t, s, Repository{Host: "git.other.example:8443", Owner: "group/sub", Name: "repo", Private: true})
	c := newClient(t, s)
	const url = "https://git.other.example:8443/group/sub/repo.git"
	c.must("carol", "not a token", "", "clone", "--quiet", url)
	c.commit("repo", "file", []byte("file"))
	c.must("carol", "not a token", "repo", "push", "--quiet")
	c.refused("dave", "not a token", "", "remote: Access denied.\nfatal: Authentication failed for '"+url+"/'", "ls-remote", url)
	if got, want := fmt.Sprint(s.SecretsSeenBy("git.other.example:8443")), "[carol@git.other.example:8443]"; got != want {
		t.Errorf("seen %s, want %s", got, want)
	}
	// Without the port it is another host.
	c.git("carol", "not a token", "", "ls-remote", "https://git.other.example/group/sub/repo.git")
	if got, want := fmt.Sprint(s.SecretsSeenBy("git.other.example")), "[carol@git.other.example:8443]"; got != want {
		t.Errorf("seen %s, want %s", got, want)
	}
}

// TestStranger checks that an unregistered host asks for a password and that
// the log shows what the host received.
func TestStranger(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	secret := addToken(t, s, Token{ID: "mine", Kind: FineGrained, Login: "alice", Owner: "acme"})
	c := newClient(t, s)
	const url = "https://evil.example/acme/widgets.git"
	c.refused("", "", "", "fatal: could not read Username for 'https://evil.example': terminal prompts disabled", "ls-remote", url)
	if got := s.Requests(); len(got) != 1 || got[0].Host != "evil.example" || got[0].Status != 401 || got[0].Token != "" {
		t.Errorf("log: %+v, want one request without a token", got)
	}
	if got := s.SecretsSeenBy("evil.example"); len(got) != 0 {
		t.Errorf("seen %q, want none", got)
	}

	// A secret in any part of a request is in the log.
	c.refused("alice", secret, "", "remote: Authentication required.\nfatal: Authentication failed for '"+url+"/'", "ls-remote", url)
	web := webClient(t, s)
	for i, change := range []func(*http.Request){
		func(r *http.Request) { r.Header.Set("Private-Token", secret) },
		func(r *http.Request) { r.URL.RawQuery = "access_token=" + secret },
		func(r *http.Request) { r.Header.Set("Cookie", "a=b; t="+secret) },
	} {
		r, _ := http.NewRequest("POST", fmt.Sprintf("https://evil%d.example/", i), nil)
		change(r)
		do(t, web, r)
		if got, want := fmt.Sprint(s.SecretsSeenBy(r.Host)), "[mine]"; got != want {
			t.Errorf("%d: seen %s, want %s", i, got, want)
		}
	}
	r, _ := http.NewRequest("POST", "https://evil.example/", strings.NewReader(`{"credentials":["`+secret+`"]}`))
	do(t, web, r)
	if got, want := fmt.Sprint(s.SecretsSeenBy("evil.example")), "[mine]"; got != want {
		t.Errorf("seen %s, want %s", got, want)
	}
	if log := s.Requests(); log[len(log)-1].Token != "mine" {
		t.Errorf("the token in a body is not in the log: %+v", log[len(log)-1])
	}
}

// TestClear checks that requests without TLS are redirected to https and marked
// in the log.
func TestClear(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	addRepository(t, s, Repository{Owner: "acme", Name: "widgets", Private: true})
	secret := addToken(t, s, Token{ID: "mine", Kind: FineGrained, Login: "alice", Owner: "acme"})
	c := newClient(t, s)
	c.must("alice", secret, "", "ls-remote", "http://github.com/acme/widgets")
	log := s.Requests()
	first := log[0]
	if first.Host != "github.com:80" || first.TLS || first.Status != 301 || first.Path != "/acme/widgets/info/refs" {
		t.Errorf("log: %+v, want a redirect in the clear", first)
	}
	if got := s.SecretsSeenBy("github.com:80"); len(got) != 0 {
		t.Errorf("seen in the clear: %q, want none", got)
	}
	// A client that sends its token without TLS.
	r, _ := http.NewRequest("GET", "http://github.com/acme/widgets?a=b", nil)
	r.SetBasicAuth("alice", secret)
	answer, _ := do(t, webClient(t, s), r)
	if got, want := answer.Header.Get("Location"), "https://github.com/acme/widgets?a=b"; got != want {
		t.Errorf("Location %q, want %q", got, want)
	}
	if got, want := fmt.Sprint(s.SecretsSeenBy("github.com:80")), "[mine]"; got != want {
		t.Errorf("seen in the clear: %s, want %s", got, want)
	}
}

func TestMisdirected(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	secret := addToken(t, s, Token{ID: "mine", Kind: Classic, Login: "alice"})
	r, _ := http.NewRequest("GET", "https://evil.example/", nil)
	r.Host = "github.com"
	r.SetBasicAuth("alice", secret)
	if answer, _ := do(t, webClient(t, s), r); answer.StatusCode != 421 {
		t.Errorf("status %d, want 421", answer.StatusCode)
	}
	if got, want := fmt.Sprint(s.SecretsSeenBy("evil.example")), "[mine]"; got != want {
		t.Errorf("seen %s, want %s: it went to the host of the connection", got, want)
	}
}

func TestFaultsAndDelay(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	addRepository(t, s, Repository{Owner: "acme", Name: "widgets", Private: true})
	secret := addToken(t, s, Token{Kind: Classic, Login: "alice"})
	c := newClient(t, s)
	const url = "https://github.com/acme/widgets.git"
	s.Fail("github.com", "/acme/", 401, "Repository not found.", 1)
	s.Fail("github.com", "/acme/", 429, "", 1)
	s.Fail("github.com", "/globex/", 500, "", -1)
	c.refused("alice", secret, "", "remote: Repository not found.\nfatal: Authentication failed for '"+url+"/'", "ls-remote", url)
	_, stderr, _ := c.git("alice", secret, "", "ls-remote", url)
	if !strings.HasPrefix(stderr, "remote: Too Many Requests\n") || !strings.Contains(stderr, "429") && !strings.Contains(stderr, "rate limited") {
		t.Errorf("got %q, want a 429", stderr)
	}
	c.must("alice", secret, "", "ls-remote", url)

	const wait = 100 * time.Millisecond
	s.Delay("github.com", "/acme/", wait)
	start := time.Now()
	c.must("alice", secret, "", "ls-remote", url)
	if took := time.Since(start); took < wait {
		t.Errorf("took %v with a delay of %v", took, wait)
	}
	// Close does not wait for the end of a delay.
	s.Delay("github.com", "/acme/", time.Hour)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.git("alice", secret, "", "ls-remote", url)
	}()
	for seen := len(s.Requests()); len(s.Requests()) == seen; {
		time.Sleep(time.Millisecond)
	}
	s.Close()
	<-done
}

func TestHold(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	addRepository(t, s, Repository{Owner: "acme", Name: "widgets", Private: true})
	secret := addToken(t, s, Token{Kind: Classic, Login: "alice"})
	c := newClient(t, s)
	const url = "https://github.com/acme/widgets.git"
	held, release := s.Hold("github.com", "/acme/")
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.git("alice", secret, "", "ls-remote", url)
	}()
	<-held
	last := func() Request { return s.Requests()[len(s.Requests())-1] }
	if got := last(); got.Token == "" || got.Status != 0 {
		t.Errorf("held %+v, want a request with a token and without an answer", got)
	}
	release()
	<-done
	if got := last(); got.Status != 200 {
		t.Errorf("got %+v once it was over, want 200", got)
	}
	c.must("alice", secret, "", "ls-remote", url)

	// Close does not wait for a request that is held.
	held, _ = s.Hold("github.com", "/acme/")
	done = make(chan struct{})
	go func() {
		defer close(done)
		c.git("alice", secret, "", "ls-remote", url)
	}()
	<-held
	s.Close()
	<-done
}

// TestLargeBodies sends bodies larger than Git's buffer, in chunks, and a
// request that Git compresses, with both versions of HTTP.
func TestLargeBodies(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"HTTP/1.1", "HTTP/2"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			dir := addRepository(t, s, Repository{Owner: "acme", Name: "widgets", Private: true})
			secret := addToken(t, s, Token{Kind: Classic, Login: "alice", Write: true})
			c := newClient(t, s)
			const url = "https://github.com/acme/widgets.git"
			for _, name := range []string{"work", "other"} {
				c.must("alice", secret, "", "clone", "--quiet", "-c", "http.version="+version, url, name)
			}
			c.commit("work", "large", []byte(randomString(base62, 8<<20)))
			c.must("alice", secret, "work", "push", "--quiet", "origin", "main")
			want := strings.TrimSpace(c.must("", "", "work", "rev-parse", "HEAD"))
			if got := head(t, dir); got != want {
				t.Errorf("main is %s after the push, want %s", got, want)
			}

			// A fetch sends the list of local commits, which is long here.
			var stream strings.Builder
			for i := range 100 {
				fmt.Fprintf(&stream, "commit refs/heads/long\ncommitter A <a@b.example> %d +0000\ndata 0\n\n", 1767225600+i)
			}
			c.in = stream.String()
			c.must("", "", "other", "fast-import", "--quiet")
			c.in = ""
			c.env = append(c.env, "GIT_TRACE_CURL=1")
			_, stderr, err := c.git("alice", secret, "other", "fetch", "--quiet")
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(strings.ToLower(stderr), "content-encoding: gzip") {
				t.Error("Git compressed nothing: this tests nothing")
			}
			if got := strings.TrimSpace(c.must("", "", "other", "rev-parse", "origin/main")); got != want {
				t.Errorf("fetched %s, want %s", got, want)
			}
			c.must("alice", secret, "", "clone", "--quiet", "--filter=blob:none", "--no-checkout", url, "partial")
		})
	}
}

// TestDirect connects to the server without its proxy.
func TestDirect(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	host := strings.TrimPrefix(s.URL, "https://")
	s.AddHost(host)
	addRepository(t, s, Repository{Host: host, Owner: "acme", Name: "site"})
	c := newClient(t, s)
	c.must("", "", "", "-c", "http.proxy=", "ls-remote", s.URL+"/acme/site")
	c.must("", "", "", "ls-remote", s.URL+"/acme/site")
	s.AddHost("[::1]")
	addRepository(t, s, Repository{Host: "[::1]", Owner: "acme", Name: "site"})
	c.must("", "", "", "ls-remote", "https://[::1]/acme/site")
	// Different spellings of one host.
	addRepository(t, s, Repository{Owner: "acme", Name: "site"})
	for _, url := range []string{"https://GitHub.COM/acme/site", "https://github.com:443/acme/site"} {
		c.must("", "", "", "ls-remote", url)
	}
}

func TestWriteLog(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	addRepository(t, s, Repository{Owner: "acme", Name: "widgets", Private: true})
	secret := addToken(t, s, Token{Kind: FineGrained, Login: "alice", Owner: "acme"})
	c := newClient(t, s)
	c.must("alice", secret, "", "-c", "protocol.version=0", "ls-remote", "https://github.com/acme/widgets.git")
	file := filepath.Join(t.TempDir(), "log")
	if err := s.WriteLog(file); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const want = "github.com GET /acme/widgets.git/info/refs?service=git-upload-pack token=- 401\n" +
		"github.com GET /acme/widgets.git/info/refs?service=git-upload-pack token=fine-grained-1 200\n"
	if string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	addRepository(t, s, Repository{Owner: "acme", Name: "site"})
	for _, r := range []Repository{
		{Owner: "ACME", Name: "Site"}, // already exists
		{Owner: "acme", Name: "site.git"},
		{Owner: "acme/sub", Name: "site"}, // GitHub has no such path
		{Owner: "acme"},
		{Host: "evil.example", Owner: "acme", Name: "site"},
	} {
		if _, err := s.AddRepository(r); err == nil {
			t.Errorf("AddRepository(%+v): no error", r)
		}
	}
	addToken(t, s, Token{ID: "a", Kind: Classic})
	for _, token := range []Token{
		{ID: "a", Kind: Classic},
		{ID: "a b", Kind: Classic},
		{Kind: "password"},
		{Kind: Classic, Host: "evil.example"},
		{Kind: Classic, Host: "gist.github.com"},
	} {
		if _, err := s.AddToken(token); err == nil {
			t.Errorf("AddToken(%+v): no error", token)
		}
	}
	s.Close()
	s.Close()
}
