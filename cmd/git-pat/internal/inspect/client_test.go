package inspect

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// server plays every host; see githubtest.Main.
var server *githubtest.Server

func TestMain(m *testing.M) {
	os.Exit(githubtest.Main(m, func(s *githubtest.Server) { server = s }))
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
func refused(t *testing.T, err error) *refusal.Error {
	t.Helper()
	var r *refusal.Error
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
	if err := c.reach(t.Context(), forge.GitHub, host, "acme/widgets", Fetch, "alice", secret); err != nil {
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
		return c.reach(ctx, forge.GitHub, host, "faulty/widgets", Fetch, "alice", secret)
	}},
	{"push", "/faulty/widgets.git/info/refs", func(ctx context.Context, c *Client, host string, secret credential.Secret) error {
		return c.reach(ctx, forge.GitHub, host, "faulty/widgets", Push, "alice", secret)
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

// A server that does not really answer causes an error soon, and never a yes.
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
				err := call.call(t.Context(), client(t), host, secret)
				hides(t, err, secret)
				var r *refusal.Error
				switch {
				case fault.name == "cut" && err == nil && (call.name == "fetch" || call.name == "push"):
					// The status alone is what is asked for.
				case fault.name == "cut" && err == nil && call.name == "revoke":
					if !server.Revoked(secret.Reveal()) {
						t.Error("it says that the token is revoked, and it is not")
					}
				case errors.Is(err, refusal.ErrUnreachable):
				case errors.As(err, &r):
					if r.Status == http.StatusUnauthorized || refusal.Read(r.Status, r.Text) != refusal.Unknown {
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
			if !errors.Is(err, refusal.ErrUnreachable) {
				t.Errorf("%s, %s: got %v", call.name, name, err)
			}
		}
	}
	if _, err := stopping.Account(t.Context(), stops, minted(t)); err == nil { // it would wait until the end of the test
		t.Error("got no error")
	}
	// The caller may have less time.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client(t).Account(ctx, "github.com", minted(t)); !errors.Is(err, refusal.ErrUnreachable) {
		t.Errorf("cancelled: got %v", err)
	}
}

// Certificates of nobody are not taken, and a file without any is said.
func TestTrust(t *testing.T) {
	s := httptest.NewTLSServer(http.NotFoundHandler())
	defer s.Close()
	secret := minted(t)
	err := client(t).reach(t.Context(), forge.GitHub, strings.TrimPrefix(s.URL, "https://"), "acme/widgets", Fetch, "alice", secret)
	if !errors.Is(err, refusal.ErrUnreachable) || !strings.Contains(err.Error(), "certificate") {
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

func target(t *testing.T, text string) credential.Target {
	t.Helper()
	s, err := credential.ParseTarget(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
