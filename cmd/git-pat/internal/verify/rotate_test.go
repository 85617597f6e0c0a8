package verify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/inspect"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// server plays every host; see githubtest.Main.
var server *githubtest.Server

func TestMain(m *testing.M) {
	os.Exit(githubtest.Main(m, func(s *githubtest.Server) { server = s }))
}

// A fixture has tokens of GitLab and a client for their host.
type fixture struct {
	*tokens.Tokens
	client *inspect.Client
	host   string
	t      *testing.T
}

func newFixture(t *testing.T) *fixture {
	ca, err := os.ReadFile(server.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	client, err := inspect.NewClient("test", ca)
	if err != nil {
		t.Fatal(err)
	}
	host := strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(t.Name(), "/", "."), "_", "-"))
	server.AddForge(host, githubtest.GitLab, "")
	return &fixture{&tokens.Tokens{Tree: record.NewTree(t.TempDir()), Now: time.Now()}, client, host, t}
}

// keep stores a token of GitLab, or one of another kind that the server does not know.
func (f *fixture) keep(name string, kind credential.Kind, token githubtest.Token, expires time.Time) (credential.Candidate, credential.Secret) {
	f.t.Helper()
	secret, err := githubtest.MintSecret(githubtest.Gitea)
	if token.Host, token.Kind = f.host, githubtest.GitLab; kind == forge.GitLabToken {
		secret, err = server.AddToken(token)
	}
	r := credential.Record{Target: credential.Target{Host: f.host, Paths: []string{"acme"}}, Name: name, Kind: kind, Store: "file", Expires: expires, Added: f.Now.Add(-time.Hour)}
	if err == nil {
		err = f.Keep(f.t.Context(), nil, r, credential.NewSecret(secret))
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return f.find(name), credential.NewSecret(secret)
}

func (f *fixture) find(name string) credential.Candidate {
	f.t.Helper()
	c, err := f.Find(credential.Target{Host: f.host, Paths: []string{"acme"}}, name)
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

func (f *fixture) secret(name string) string {
	f.t.Helper()
	secret, err := f.Secret(f.t.Context(), f.find(name))
	if err != nil {
		f.t.Fatal(err)
	}
	return secret.Reveal()
}

// Whatever becomes of a rotation, the store has a token that works, or the record says
// that it does not.
func TestRotate(t *testing.T) {
	const path = "/api/v4/personal_access_tokens/self/rotate"
	for _, test := range []struct {
		name    string
		scopes  []string
		fault   func(host string)
		err     string // nothing if it succeeds
		revoked bool   // the token is dead before
		rotated bool   // the store has the new token
		aside   bool
	}{
		{name: "rotated", scopes: []string{"self_rotate"}, rotated: true},
		{name: "without the scope", scopes: []string{"read_repository"}, err: "may not rotate itself"},
		{name: "dead before", scopes: []string{"api"}, revoked: true, err: "the server answered 401", aside: true},
		{name: "refused", scopes: []string{"api"}, fault: func(host string) { server.Fail(host, path, 400, "No.", 1) }, err: `the server answered 400: "No."`},
		{name: "lost on the way", scopes: []string{"api"}, fault: func(host string) { server.FailAfter(host, path, 500, 1) }, err: "was lost on the way", aside: true},
		{name: "cut off", scopes: []string{"api"}, fault: func(host string) { server.FailAfter(host, path, 0, 1) }, err: "was lost on the way", aside: true},
		{name: "not begun", scopes: []string{"api"}, fault: func(host string) { server.Fail(host, path, 500, "", 1) }, err: "was not rotated"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			ends := f.Now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 5)
			c, secret := f.keep("laptop", forge.GitLabToken, githubtest.Token{Scopes: test.scopes, Expires: ends}, ends)
			if test.fault != nil {
				test.fault(f.host)
			}
			if test.revoked {
				if err := server.Revoke(secret.Reveal()); err != nil {
					t.Fatal(err)
				}
			}
			until := ends.AddDate(0, 0, 60)
			got, err := Rotate(t.Context(), f.Tokens, f.client, c, until)
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("got %v, want %s", err, test.err)
			}
			now := f.find("laptop")
			want := secret.Reveal()
			if test.rotated {
				want = server.Successor(want)
			}
			if rotated := f.secret("laptop") == want && want != ""; !rotated || now.Expires.Equal(until) != test.rotated || now.Expires.Equal(ends) == test.rotated {
				t.Errorf("the store has the right token: %v; it expires %v", rotated, now.Expires)
			}
			if (now.Aside != nil) != test.aside || !got.Equal(now.Record) {
				t.Errorf("got %+v, and stored is %+v", got, now)
			}
			if live := !server.Revoked(f.secret("laptop")); live == test.aside {
				t.Errorf("the stored token works: %v", live)
			}
		})
	}
}

// Two programs that rotate one token do not kill the new one.
func TestRotateTwice(t *testing.T) {
	f := newFixture(t)
	c, secret := f.keep("laptop", forge.GitLabToken, githubtest.Token{Scopes: []string{"api"}}, time.Time{})
	errs := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := Rotate(context.Background(), f.Tokens, f.client, c, time.Time{})
			errs <- err
		}()
	}
	var failed error
	for range 2 {
		if err := <-errs; err != nil {
			failed = errors.Join(failed, err)
		}
	}
	var changed *tokens.ChangedError
	if !errors.As(failed, &changed) || f.secret("laptop") != server.Successor(secret.Reveal()) || server.Revoked(f.secret("laptop")) || f.find("laptop").Aside != nil {
		t.Errorf("got %v", failed)
	}
}

func TestExpiring(t *testing.T) {
	f := newFixture(t)
	day := func(n int) time.Time { return f.Now.UTC().Truncate(24*time.Hour).AddDate(0, 0, n) }
	gitlab := func(days int, scopes ...string) githubtest.Token {
		return githubtest.Token{Scopes: scopes, Expires: day(days)}
	}
	f.keep("later", forge.GitLabToken, gitlab(40, "api"), day(40))
	f.keep("late in the record", forge.GitLabToken, gitlab(40, "api"), day(3)) // GitLab knows better
	f.keep("unknown", forge.GitLabToken, gitlab(4, "api"), time.Time{})
	f.keep("rotates", forge.GitLabToken, gitlab(9, "self_rotate", "read_repository"), day(9))
	f.keep("reads", forge.GitLabToken, gitlab(8, "read_repository"), day(8))
	f.keep("expired", forge.GitLabToken, gitlab(-1, "api"), day(-1))
	f.keep("job", forge.GitLabJob, githubtest.Token{}, day(1))
	f.keep("job without an end", forge.GitLabJob, githubtest.Token{}, time.Time{})
	f.keep("job later", forge.GitLabJob, githubtest.Token{}, day(15))
	found := []credential.Candidate{}
	for c, err := range f.Within(credential.Target{Host: f.host}) {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, c)
	}
	v := &Verifier{f.Tokens, func(ctx context.Context, r credential.Record, secret credential.Secret, _ time.Time) (inspect.Report, error) {
		return f.client.Inspect(ctx, r, secret, f.Now), nil
	}}
	var got []string
	for _, e := range v.Expiring(t.Context(), found, 14*24*time.Hour, func() {}) {
		got = append(got, fmt.Sprint(e.Token.Name, " ", e.Rotates))
		if e.Rotates == inspect.Yes { // the record was changed by the check, and is the one to rotate
			if _, err := Rotate(t.Context(), f.Tokens, f.client, e.Token, day(30)); err != nil {
				t.Errorf("%s: %v", e.Token.Name, err)
			}
		}
	}
	if want := "expired no, job no, unknown yes, reads no, rotates yes"; strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
	if now := f.find("late in the record"); !now.Expires.Equal(day(40)) {
		t.Errorf("got %v", now.Expires)
	}
	// A forge that does not answer leaves it open, and says why.
	server.Fail(f.host, "/api/v4/personal_access_tokens/self", 503, "", -1)
	left := v.Expiring(t.Context(), []credential.Candidate{f.find("reads")}, 14*24*time.Hour, func() {})
	if len(left) != 1 || left[0].Rotates != inspect.NotKnown || left[0].Err == nil {
		t.Errorf("got %+v", left)
	}
}
