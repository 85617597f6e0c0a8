package github

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// server plays every host, behind the proxy of the environment. There is one
// for all tests, since a program reads its environment's proxies once. Each
// test has hosts, users or owners of its own.
var server *githubtest.Server

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "git-pat-github-")
	if err == nil {
		defer os.RemoveAll(dir)
		server, err = githubtest.NewServer(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer server.Close()
	for _, variable := range server.Env() {
		name, value, _ := strings.Cut(variable, "=")
		os.Setenv(name, value)
	}
	return m.Run()
}

// client trusts the server on every system.
func client(t *testing.T) *Client {
	t.Helper()
	ca, err := os.ReadFile(server.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewClient("test", ca)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func token(t *testing.T, token githubtest.Token) credential.Secret {
	t.Helper()
	secret, err := server.AddToken(token)
	if err != nil {
		t.Fatal(err)
	}
	return credential.NewSecret(secret)
}

func repository(t *testing.T, r githubtest.Repository) {
	t.Helper()
	if _, err := server.AddRepository(r); err != nil {
		t.Fatal(err)
	}
}

// refused returns the refusal that an error is.
func refused(t *testing.T, err error) *Refusal {
	t.Helper()
	var r *Refusal
	if !errors.As(err, &r) {
		t.Fatalf("got the error %v, want a refusal", err)
	}
	return r
}

// hides fails if an error shows a secret or a half of it.
func hides(t *testing.T, err error, secret credential.Secret) {
	t.Helper()
	if err == nil {
		return
	}
	text, body := fmt.Sprintf("%v %+v %#v", err, err, err), secret.Reveal()
	for _, part := range []string{body[11 : len(body)/2+5], body[len(body)/2:]} {
		if strings.Contains(text, part) {
			t.Errorf("the error shows a part of the token")
		}
	}
}

func TestAccount(t *testing.T) {
	server.AddHost("ghes.account")
	server.AddHost("account.ghe.com")
	ends := time.Now().Add(50 * time.Hour).Truncate(time.Second)
	east := ends.In(time.FixedZone("", 2*60*60))
	for _, test := range []struct {
		name    string
		token   githubtest.Token
		scopes  []string
		expires time.Time
	}{
		{"fine-grained", githubtest.Token{Kind: githubtest.FineGrained, Expires: east}, nil, ends},
		{"fine-grained without end", githubtest.Token{Kind: githubtest.FineGrained}, nil, time.Time{}},
		{"classic", githubtest.Token{Kind: githubtest.Classic, Expires: ends, Scopes: []string{"repo", "gist"}}, []string{"repo", "gist"}, ends},
		{"classic without scopes", githubtest.Token{Kind: githubtest.Classic, Scopes: []string{}}, nil, time.Time{}},
		{"classic of before 2021", githubtest.Token{Kind: githubtest.ClassicHex}, []string{"repo"}, time.Time{}},
		{"OAuth", githubtest.Token{Kind: githubtest.OAuth}, []string{"repo"}, time.Time{}},
		{"of an app for a user", githubtest.Token{Kind: githubtest.AppUser}, nil, time.Time{}},
	} {
		for _, host := range []string{"github.com", "ghes.account", "account.ghe.com"} {
			t.Run(test.name+" at "+host, func(t *testing.T) {
				test.token.Host, test.token.Login = host, "Account"
				secret := token(t, test.token)
				got, err := client(t).Account(t.Context(), host, secret)
				if err != nil {
					t.Fatal(err)
				}
				if got.Login != "Account" || !got.Expires.Equal(test.expires) || !slices.Equal(got.Scopes, test.scopes) || got.SSO != "" {
					t.Errorf("got %+v", got)
				}
				if limited := host != "ghes.account"; limited != (got.Remaining > 0) {
					t.Errorf("%d calls remain", got.Remaining)
				}
			})
		}
	}
}

func TestAccountRefused(t *testing.T) {
	good := token(t, githubtest.Token{Kind: githubtest.FineGrained, Login: "refused"})
	expired := token(t, githubtest.Token{Kind: githubtest.Classic, Login: "refused", Expires: time.Now().Add(-time.Hour)})
	made, err := githubtest.MintSecret(githubtest.Classic)
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]credential.Secret{
		"expired":         expired,
		"of another host": token(t, githubtest.Token{Kind: githubtest.Classic, Host: func() string { server.AddHost("ghes.refused"); return "ghes.refused" }()}),
		"of nobody":       credential.NewSecret(made),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client(t).Account(t.Context(), "github.com", secret)
			r := refused(t, err)
			hides(t, err, secret)
			if r.Status != http.StatusUnauthorized || r.Text != "Bad credentials" || !r.RetryAfter.IsZero() {
				t.Errorf("got %+v", r)
			}
		})
	}
	if _, err := client(t).Account(t.Context(), "github.com", good); err != nil {
		t.Errorf("and the good one: %v", err)
	}
}

func TestInstallation(t *testing.T) {
	for _, kind := range []string{githubtest.AppInstallation, githubtest.AppInstallationStateless} {
		secret := token(t, githubtest.Token{Kind: kind, Owner: "installed", Login: "ci[bot]"})
		if got, err := client(t).Installation(t.Context(), "github.com", secret); err != nil || got.Login != "" {
			t.Errorf("%s: got %+v, %v", kind, got, err)
		}
		// It is nobody's, and that is no reason to take it for a bad one.
		_, err := client(t).Account(t.Context(), "github.com", secret)
		if r := refused(t, err); r.Status != http.StatusForbidden || Read(r.Status, r.Text) != NoPermission {
			t.Errorf("%s: got %+v", kind, r)
		}
	}
}

func TestRateLimit(t *testing.T) {
	secret := token(t, githubtest.Token{Kind: githubtest.Classic, Login: "hasty"})
	server.SetRateLimit("github.com", "hasty", 1)
	if got, err := client(t).Account(t.Context(), "github.com", secret); err != nil || got.Remaining != 0 {
		t.Errorf("the last call: got %+v, %v", got, err)
	}
	_, err := client(t).Account(t.Context(), "github.com", secret)
	if r := refused(t, err); r.Status != http.StatusForbidden || time.Until(r.RetryAfter) < 50*time.Minute || Read(r.Status, r.Text) != RateLimited {
		t.Errorf("got %+v", r)
	}

	// A 429 with its Retry-After.
	server.AddHost("ghes.waiting")
	waiting := token(t, githubtest.Token{Kind: githubtest.Classic, Login: "waiting", Host: "ghes.waiting"})
	server.Fail("ghes.waiting", "/api/v3/user", http.StatusTooManyRequests, "Slow down.", 1)
	_, err = client(t).Account(t.Context(), "ghes.waiting", waiting)
	if r := refused(t, err); r.Status != http.StatusTooManyRequests || time.Until(r.RetryAfter) < 50*time.Second {
		t.Errorf("got %+v", r)
	}
}

// custom is an Enterprise Server that answers as a test wants.
func custom(t *testing.T, handler http.HandlerFunc) (c *Client, host string) {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that do not trust it say so themselves
	s.StartTLS()
	t.Cleanup(s.Close)
	c, err := NewClient("test", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	if err != nil {
		t.Fatal(err)
	}
	return c, strings.TrimPrefix(s.URL, "https://")
}

func minted(t *testing.T) credential.Secret {
	t.Helper()
	secret, err := githubtest.MintSecret(githubtest.FineGrained)
	if err != nil {
		t.Fatal(err)
	}
	return credential.NewSecret(secret)
}

// What a request carries, and that nothing else does.
func TestRequests(t *testing.T) {
	secret := minted(t)
	var got []*http.Request
	c, host := custom(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r)
		switch r.URL.Path {
		case "/api/v3/user":
			fmt.Fprint(w, `{"login":"alice"}`)
		case "/api/v3/user/repos":
			fmt.Fprint(w, `[]`)
		default:
			w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
		}
	})
	if _, err := c.Account(t.Context(), host, secret); err != nil {
		t.Error(err)
	}
	if _, err := c.Repositories(t.Context(), host, "acme", secret); err != nil {
		t.Error(err)
	}
	if err := c.Reach(t.Context(), host, "acme/widgets", Fetch, "alice", secret); err != nil {
		t.Error(err)
	}
	if len(got) != 3 {
		t.Fatalf("%d requests, want 3", len(got))
	}
	for i, want := range []string{"GET /api/v3/user", "GET /api/v3/user/repos?per_page=100&visibility=private", "GET /acme/widgets.git/info/refs?service=git-upload-pack"} {
		r := got[i]
		if line := r.Method + " " + r.URL.RequestURI(); line != want {
			t.Errorf("got %q, want %q", line, want)
		}
		authorization := r.Header.Get("Authorization")
		user, password, basic := r.BasicAuth()
		if i < 2 && authorization != "Bearer "+secret.Reveal() || i == 2 && (!basic || user != "alice" || password != secret.Reveal()) {
			t.Errorf("%s: the token is not where it belongs", want)
		}
		r.Header.Del("Authorization")
		var rest strings.Builder
		r.Header.Write(&rest)
		if strings.Contains(rest.String()+r.URL.String(), secret.Reveal()) {
			t.Errorf("%s: the token is elsewhere too", want)
		}
		if agent := r.UserAgent(); !strings.Contains(agent, "git-credential-pat/test") {
			t.Errorf("%s: it is called %q", want, agent)
		}
	}
}

// A page of a hundred repositories is long at GitHub's.
func TestRepositories(t *testing.T) {
	secret := minted(t)
	c, host := custom(t, func(w http.ResponseWriter, r *http.Request) {
		var list []map[string]any
		for i := range 100 {
			owner := []string{"Acme", "globex"}[i%2]
			list = append(list, map[string]any{
				"full_name":   fmt.Sprintf("%s/r%d", owner, i),
				"owner":       map[string]string{"login": owner},
				"description": strings.Repeat("x", 8<<10),
			})
		}
		json.NewEncoder(w).Encode(list)
	})
	got, err := c.Repositories(t.Context(), host, "acme", secret)
	if err != nil || len(got) != 50 || got[0] != "Acme/r0" {
		t.Errorf("got %d, %v", len(got), err)
	}
	if got, err = c.Repositories(t.Context(), host, "", secret); err != nil || len(got) != 100 {
		t.Errorf("of all owners: got %d, %v", len(got), err)
	}
}

func TestRepositoriesOfToken(t *testing.T) {
	for _, name := range []string{"one", "two", "three"} {
		repository(t, githubtest.Repository{Owner: "listed", Name: name, Private: true})
	}
	repository(t, githubtest.Repository{Owner: "listed", Name: "open"})
	repository(t, githubtest.Repository{Owner: "unlisted", Name: "other", Private: true})
	for _, test := range []struct {
		name  string
		token githubtest.Token
		want  []string
	}{
		{"all", githubtest.Token{Kind: githubtest.FineGrained, Owner: "listed"}, []string{"listed/one", "listed/two", "listed/three"}},
		{"selected", githubtest.Token{Kind: githubtest.FineGrained, Owner: "listed", Repositories: []string{"two"}}, []string{"listed/two"}},
		{"none", githubtest.Token{Kind: githubtest.FineGrained, Owner: "listed", Repositories: []string{}}, nil},
		{"pending", githubtest.Token{Kind: githubtest.FineGrained, Owner: "listed", Pending: true}, nil},
		{"of another owner", githubtest.Token{Kind: githubtest.FineGrained, Owner: "unlisted"}, nil},
		{"classic", githubtest.Token{Kind: githubtest.Classic}, []string{"listed/one", "listed/two", "listed/three"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.token.Login = "lister"
			got, err := client(t).Repositories(t.Context(), "github.com", "Listed", token(t, test.token))
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

// calls are all that a client can ask.
var calls = []struct {
	name string
	path string // of an Enterprise Server
	call func(context.Context, *Client, string, credential.Secret) error
}{
	{"account", "/api/v3/user", func(ctx context.Context, c *Client, host string, secret credential.Secret) error {
		_, err := c.Account(ctx, host, secret)
		return err
	}},
	{"repositories", "/api/v3/user/repos", func(ctx context.Context, c *Client, host string, secret credential.Secret) error {
		_, err := c.Repositories(ctx, host, "acme", secret)
		return err
	}},
	{"revoke", "/api/v3/credentials/revoke", func(ctx context.Context, c *Client, host string, secret credential.Secret) error {
		return c.Revoke(ctx, host, secret)
	}},
	{"fetch", "/faulty/widgets.git/info/refs", func(ctx context.Context, c *Client, host string, secret credential.Secret) error {
		return c.Reach(ctx, host, "faulty/widgets", Fetch, "alice", secret)
	}},
	{"push", "/faulty/widgets.git/info/refs", func(ctx context.Context, c *Client, host string, secret credential.Secret) error {
		return c.Reach(ctx, host, "faulty/widgets", Push, "alice", secret)
	}},
}

// Wherever a server sends a request on to, the token stays.
func TestRedirects(t *testing.T) {
	for i, call := range calls {
		for _, to := range []string{"thief.example", "http://thief.example", "https://ghes.redirect.thief.example"} {
			t.Run(call.name+" to "+to, func(t *testing.T) {
				host := fmt.Sprintf("ghes%d.redirect", i)
				server.AddHost(host)
				if to == "thief.example" {
					repository(t, githubtest.Repository{Host: host, Owner: "faulty", Name: "widgets", Private: true})
				}
				secret := token(t, githubtest.Token{Kind: githubtest.Classic, Host: host, Login: "alice", Write: true})
				server.Redirect(host, call.path, to, 1)
				err := call.call(t.Context(), client(t), host, secret)
				hides(t, err, secret)
				if r := refused(t, err); r.Status != http.StatusFound && r.Status != http.StatusTemporaryRedirect {
					t.Errorf("got %+v", r)
				}
				if got := server.SecretsSeenBy(host); len(got) == 0 {
					t.Error("the host itself has not seen the token")
				}
				for _, thief := range []string{"thief.example", "thief.example:80", "ghes.redirect.thief.example"} {
					if got := server.SecretsSeenBy(thief); len(got) > 0 {
						t.Errorf("%s has seen %v", thief, got)
					}
				}
				for _, r := range server.Requests() {
					if strings.Contains(r.Host, "thief.example") {
						t.Fatalf("%s was asked for %s", r.Host, r.Path)
					}
				}
			})
		}
	}
}

// 301 is how a renamed repository is answered for; not that of another host.
func TestReachMoved(t *testing.T) {
	repository(t, githubtest.Repository{Owner: "mover", Name: "old", Private: true})
	if err := server.Rename("github.com", "mover/old", "mover/new"); err != nil {
		t.Fatal(err)
	}
	secret := token(t, githubtest.Token{Kind: githubtest.FineGrained, Owner: "mover", Login: "alice"})
	err := client(t).Reach(t.Context(), "github.com", "mover/old", Fetch, "alice", secret)
	if moved := new(MovedError); !errors.As(err, &moved) || moved.Repository != "mover/new" {
		t.Error(err)
	}
	for _, to := range []string{"https://elsewhere.example/a/b", "http://127.0.0.1/a/b", ""} {
		c, host := custom(t, func(w http.ResponseWriter, _ *http.Request) {
			if to != "" {
				w.Header().Set("Location", to)
			}
			w.WriteHeader(http.StatusMovedPermanently)
		})
		err := c.Reach(t.Context(), host, "acme/widgets", Fetch, "alice", minted(t))
		if r := refused(t, err); r.Status != http.StatusMovedPermanently || Read(r.Status, r.Text) != Unknown {
			t.Errorf("to %q: got %+v", to, r)
		}
	}
}

// An answer that is none ends in an error, soon, and is never a yes.
func TestBrokenAnswers(t *testing.T) {
	faults := []struct {
		name string
		set  func(host, path string)
	}{
		{"cut", func(host, path string) { server.Break(host, path, 1) }},
		{"garbage", func(host, path string) { server.Garbage(host, path, 1) }},
		{"endless", func(host, path string) { server.Endless(host, path, 1) }},
		{"a page of the proxy's", func(host, path string) { server.Fail(host, path, http.StatusBadGateway, "", 1) }},
	}
	for i, call := range calls {
		for _, fault := range faults {
			t.Run(call.name+" "+fault.name, func(t *testing.T) {
				host := fmt.Sprintf("%s%d.broken", strings.Fields(fault.name)[0], i)
				server.AddHost(host)
				repository(t, githubtest.Repository{Host: host, Owner: "faulty", Name: "widgets", Private: true})
				secret := token(t, githubtest.Token{Kind: githubtest.Classic, Host: host, Login: "alice", Write: true})
				fault.set(host, call.path)
				began := time.Now()
				err := call.call(t.Context(), client(t), host, secret)
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("it took %v", took)
				}
				hides(t, err, secret)
				var r *Refusal
				switch {
				case fault.name == "cut" && err == nil && (call.name == "fetch" || call.name == "push"):
					// The status alone is what is asked for.
				case fault.name == "cut" && err == nil && call.name == "revoke":
					if !server.Revoked(secret.Reveal()) {
						t.Error("it says that the token is revoked, and it is not")
					}
				case errors.Is(err, ErrUnreachable):
				case errors.As(err, &r):
					if r.Status == http.StatusUnauthorized || Read(r.Status, r.Text) != Unknown {
						t.Errorf("got %+v", r)
					}
				default:
					t.Errorf("got %v", err)
				}
				// The next answer is a whole one.
				if call.name != "revoke" {
					if err := call.call(t.Context(), client(t), host, secret); err != nil {
						t.Errorf("then: %v", err)
					}
				}
			})
		}
	}
}

// JSON that says of nobody that the token is theirs.
func TestAccountNobody(t *testing.T) {
	for _, body := range []string{"{}", "null", `{"login":""}`, `{"login":null}`, `[]`, `"alice"`, ``} {
		c, host := custom(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
		got, err := c.Account(t.Context(), host, minted(t))
		if r := refused(t, err); r.Status != http.StatusOK || got.Login != "" {
			t.Errorf("%s: got %+v, %+v", body, got, r)
		}
	}
}

// A server that takes its time, and one that is not there.
func TestUnreachable(t *testing.T) {
	done := make(chan struct{})
	c, host := custom(t, func(http.ResponseWriter, *http.Request) { <-done })
	if c.http.Timeout != callLimit || callLimit > 30*time.Second {
		t.Errorf("a call may take %v", c.http.Timeout)
	}
	c.http.Timeout = 100 * time.Millisecond
	// A body that stops in the middle counts as well.
	stopping, stops := custom(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"login":"al`)
		w.(http.Flusher).Flush()
		<-done
	})
	stopping.http.Timeout = 100 * time.Millisecond
	t.Cleanup(func() { close(done) }) // before the servers, which wait for their answers
	closed := httptest.NewTLSServer(nil)
	closed.Close()
	for _, call := range calls {
		secret := minted(t)
		for name, err := range map[string]error{
			"slow":      call.call(t.Context(), c, host, secret),
			"not there": call.call(t.Context(), client(t), strings.TrimPrefix(closed.URL, "https://"), secret),
			"untrusted": call.call(t.Context(), client(t), host, secret),
		} {
			hides(t, err, secret)
			if !errors.Is(err, ErrUnreachable) {
				t.Errorf("%s, %s: got %v", call.name, name, err)
			}
		}
	}
	began := time.Now()
	_, err := stopping.Account(t.Context(), stops, minted(t))
	if err == nil || time.Since(began) > 5*time.Second {
		t.Errorf("got %v after %v", err, time.Since(began))
	}
	// Whoever calls may have less time.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client(t).Account(ctx, "github.com", minted(t)); !errors.Is(err, ErrUnreachable) {
		t.Errorf("cancelled: got %v", err)
	}
}

// Certificates of nobody are not taken, and a file without any is said.
func TestTrust(t *testing.T) {
	s := httptest.NewTLSServer(http.NotFoundHandler())
	defer s.Close()
	secret := minted(t)
	err := client(t).Reach(t.Context(), strings.TrimPrefix(s.URL, "https://"), "acme/widgets", Fetch, "alice", secret)
	if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v", err)
	}
	if _, err := NewClient("test", []byte("nothing of the sort")); err == nil {
		t.Error("a file without certificates is taken")
	}
	if runtime.GOOS == "linux" { // elsewhere the system is asked, not SSL_CERT_FILE
		c, err := NewClient("test", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Account(t.Context(), "github.com", token(t, githubtest.Token{Kind: githubtest.Classic, Login: "alice"})); err != nil {
			t.Errorf("with SSL_CERT_FILE: %v", err)
		}
	}
}

func TestReach(t *testing.T) {
	repository(t, githubtest.Repository{Owner: "reached", Name: "widgets", Private: true})
	repository(t, githubtest.Repository{Owner: "reached", Name: "gadgets", Private: true})
	for owner, policy := range map[string]githubtest.Policy{
		"reach-sso":      {SSO: true},
		"reach-classic":  {ClassicForbidden: true},
		"reach-oauth":    {OAuthRestricted: true},
		"reach-lifetime": {MaxLifetimeDays: 90},
		"reach-address":  {IPAllowList: true},
	} {
		repository(t, githubtest.Repository{Owner: owner, Name: "widgets", Private: true})
		server.SetPolicy(owner, policy)
	}
	fine := githubtest.Token{Kind: githubtest.FineGrained, Owner: "reached", Write: true}
	classic := githubtest.Token{Kind: githubtest.Classic, Write: true}
	change := func(token githubtest.Token, change func(*githubtest.Token)) githubtest.Token {
		change(&token)
		return token
	}
	const ok = Reason("")
	for _, test := range []struct {
		name        string
		token       githubtest.Token
		repository  string
		fetch, push Reason
	}{
		{"all", fine, "reached/widgets", ok, ok},
		{"read only", change(fine, func(t *githubtest.Token) { t.Write = false }), "reached/widgets", ok, NoPush},
		{"not selected", change(fine, func(t *githubtest.Token) { t.Repositories = []string{"gadgets"} }), "reached/widgets", NotSelected, NotSelected},
		{"pending", change(fine, func(t *githubtest.Token) { t.Pending = true }), "reached/widgets", NotSelected, NotSelected},
		{"not there", fine, "reached/nothing", NotVisible, NotVisible},
		{"expired", change(fine, func(t *githubtest.Token) { t.Expires = time.Now().Add(-time.Hour) }), "reached/widgets", BadToken, BadToken},
		{"without access", change(classic, func(t *githubtest.Token) { t.Owners = []string{} }), "reached/widgets", NotVisible, NotVisible},
		{"classic", classic, "reached/widgets", ok, ok},
		{"single sign-on", classic, "reach-sso/widgets", SingleSignOn, SingleSignOn},
		{"single sign-on, authorised", change(classic, func(t *githubtest.Token) { t.SSO = []string{"reach-sso"} }), "reach-sso/widgets", ok, ok},
		{"classic forbidden", classic, "reach-classic/widgets", ClassicForbidden, ClassicForbidden},
		{"OAuth restricted", githubtest.Token{Kind: githubtest.OAuth, Write: true}, "reach-oauth/widgets", AppRestricted, AppRestricted},
		{"lifetime", classic, "reach-lifetime/widgets", LifetimeTooLong, LifetimeTooLong},
		{"address", classic, "reach-address/widgets", AddressNotAllowed, AddressNotAllowed},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.token.Login = "reacher"
			secret := token(t, test.token)
			for service, want := range map[Service]Reason{Fetch: test.fetch, Push: test.push} {
				err := client(t).Reach(t.Context(), "github.com", test.repository, service, "x-access-token", secret)
				hides(t, err, secret)
				if want == ok {
					if err != nil {
						t.Errorf("%s: got %v", service, err)
					}
					continue
				}
				r := refused(t, err)
				if got := Read(r.Status, r.Text); got != want {
					t.Errorf("%s: got %q of %+v, want %q", service, got, r, want)
				}
				if hasPage := strings.HasPrefix(r.SSO, "https://github.com/orgs/reach-sso/sso?authorization_request="); hasPage != (want == SingleSignOn) {
					t.Errorf("%s: the page for single sign-on is %q", service, r.SSO)
				}
			}
		})
	}
}

func TestReachRateLimited(t *testing.T) {
	server.AddHost("ghes.busy")
	repository(t, githubtest.Repository{Host: "ghes.busy", Owner: "acme", Name: "widgets", Private: true})
	secret := token(t, githubtest.Token{Kind: githubtest.Classic, Host: "ghes.busy", Login: "alice"})
	server.Fail("ghes.busy", "/acme/", http.StatusTooManyRequests, "", 1)
	err := client(t).Reach(t.Context(), "ghes.busy", "acme/widgets", Fetch, "alice", secret)
	if r := refused(t, err); r.RetryAfter.Before(time.Now()) {
		t.Errorf("got %+v", r)
	}
}

func TestRevoke(t *testing.T) {
	server.AddHost("ghes.revoke")
	server.AddHost("revoke.ghe.com")
	for _, host := range []string{"github.com", "revoke.ghe.com", "ghes.revoke"} {
		for _, kind := range []string{githubtest.FineGrained, githubtest.Classic, githubtest.OAuth, githubtest.AppUser} {
			t.Run(kind+" at "+host, func(t *testing.T) {
				secret := token(t, githubtest.Token{Kind: kind, Host: host, Login: "revoker"})
				other := token(t, githubtest.Token{Kind: kind, Host: host, Login: "revoker"})
				before := len(server.Requests())
				if err := client(t).Revoke(t.Context(), host, secret); err != nil {
					t.Fatal(err)
				}
				if !server.Revoked(secret.Reveal()) || server.Revoked(other.Reveal()) {
					t.Error("not just that one is revoked")
				}
				if got := server.Requests()[before:]; len(got) != 1 || got[0].Method != http.MethodPost || !strings.HasSuffix(got[0].Path, "/credentials/revoke") {
					t.Errorf("the requests are %+v", got)
				}
				_, err := client(t).Account(t.Context(), host, secret)
				if r := refused(t, err); r.Status != http.StatusUnauthorized {
					t.Errorf("then: %+v", r)
				}
			})
		}
	}

	// Signed where it is to be, and nowhere else. (githubtest refuses a
	// signed one for github.com, so that the rows above say that half.)
	var signed string
	c, host := custom(t, func(w http.ResponseWriter, r *http.Request) {
		signed = r.Header.Get("Authorization")
		w.WriteHeader(http.StatusAccepted)
	})
	secret := minted(t)
	if err := c.Revoke(t.Context(), host, secret); err != nil || signed != "Bearer "+secret.Reveal() {
		t.Errorf("not signed at an Enterprise Server, %v", err)
	}
	for _, status := range []int{200, 204, 401, 403, 404, 422, 500} {
		c, host := custom(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		if r := refused(t, c.Revoke(t.Context(), host, secret)); r.Status != status {
			t.Errorf("%d: got %+v", status, r)
		}
	}
}

func TestParseExpiry(t *testing.T) {
	for text, want := range map[string]string{
		"2021-10-07 19:07:53 UTC":       "2021-10-07T19:07:53Z",
		"2023-04-26 20:23:26 +0200":     "2023-04-26T18:23:26Z",
		"2023-04-26 20:23:26 -0800":     "2023-04-27T04:23:26Z",
		"":                              "0001-01-01T00:00:00Z",
		"soon":                          "0001-01-01T00:00:00Z",
		"2023-04-26":                    "0001-01-01T00:00:00Z",
		"2023-13-26 20:23:26 UTC":       "0001-01-01T00:00:00Z",
		"2023-04-26 20:23:26 UTC extra": "0001-01-01T00:00:00Z",
	} {
		if got := parseExpiry(text).Format(time.RFC3339); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestSSOHeader(t *testing.T) {
	const page = "/orgs/acme/sso?authorization_request=ABC"
	for _, test := range []struct{ host, header, want string }{
		{"github.com", "required; url=https://github.com" + page, "https://github.com" + page},
		{"github.com", "required; url=https://GitHub.com:443" + page, "https://GitHub.com:443" + page},
		{"gist.github.com", "required; url=https://github.com" + page, "https://github.com" + page},
		{"octo.ghe.com", "required; url=https://octo.ghe.com" + page, "https://octo.ghe.com" + page},
		{"ghes.example:8443", "required; url=https://ghes.example:8443" + page, "https://ghes.example:8443" + page},
		{"github.com", "partial-results; organizations=1,2", ""},
		{"github.com", "required; url=http://github.com/orgs/acme/sso", ""},
		{"github.com", "required; url=javascript:alert(1)", ""},
		{"github.com", "required; url=https://user@github.com" + page, ""},
		{"github.com", "required; url=https://github.com@evil.example" + page, ""},
		{"github.com", "required; url=https://github.com/\x1b]8;;", ""},
		{"github.com", "required", ""},
		{"github.com", "", ""},
		// Of another host, or one that looks alike.
		{"github.com", "required; url=https://evil.example" + page, ""},
		{"github.com", "required; url=https://github.com.evil.example" + page, ""},
		{"github.com", "required; url=https://gist.github.com" + page, ""},
		{"github.com", "required; url=https://github.com." + page, ""},
		{"github.com", "required; url=https://github.com:8443" + page, ""},
		{"github.com", "required; url=https://g\u0131thub.com" + page, ""},
		{"github.com", "required; url=https:///orgs/acme", ""},
		{"ghes.example:8443", "required; url=https://ghes.example" + page, ""},
		{"ghes.example", "required; url=https://github.com" + page, ""},
		{"octo.ghe.com", "required; url=https://github.com" + page, ""},
	} {
		if got := ssoURL(test.host, http.Header{"X-Github-Sso": {test.header}}); got != test.want {
			t.Errorf("%s, %q: got %q, want %q", test.host, test.header, got, test.want)
		}
	}
}
