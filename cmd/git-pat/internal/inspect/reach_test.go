package inspect

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// 301 is how a renamed repository is answered for; not that of another host.
func TestReachMoved(t *testing.T) {
	repository(t, githubtest.Repository{Owner: "mover", Name: "old", Private: true})
	if err := server.Rename("github.com", "mover/old", "mover/new"); err != nil {
		t.Fatal(err)
	}
	secret := token(t, githubtest.Token{Kind: githubtest.FineGrained, Owner: "mover", Login: "alice"})
	err := client(t).reach(t.Context(), forge.GitHub, "github.com", "mover/old", Fetch, "alice", secret)
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
		err := c.reach(t.Context(), forge.GitHub, host, "acme/widgets", Fetch, "alice", minted(t))
		if r := refused(t, err); r.Status != http.StatusMovedPermanently || refusal.Read(r.Status, r.Text) != refusal.Unknown {
			t.Errorf("to %q: got %+v", to, r)
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
	const ok = refusal.Reason("")
	for _, test := range []struct {
		name        string
		token       githubtest.Token
		repository  string
		fetch, push refusal.Reason
	}{
		{"all", fine, "reached/widgets", ok, ok},
		{"read only", change(fine, func(t *githubtest.Token) { t.Write = false }), "reached/widgets", ok, refusal.NoPush},
		{"not selected", change(fine, func(t *githubtest.Token) { t.Repositories = []string{"gadgets"} }), "reached/widgets", refusal.NotSelected, refusal.NotSelected},
		{"pending", change(fine, func(t *githubtest.Token) { t.Pending = true }), "reached/widgets", refusal.NotSelected, refusal.NotSelected},
		{"not there", fine, "reached/nothing", refusal.NotVisible, refusal.NotVisible},
		{"expired", change(fine, func(t *githubtest.Token) { t.Expires = time.Now().Add(-time.Hour) }), "reached/widgets", refusal.BadToken, refusal.BadToken},
		{"without access", change(classic, func(t *githubtest.Token) { t.Owners = []string{} }), "reached/widgets", refusal.NotVisible, refusal.NotVisible},
		{"classic", classic, "reached/widgets", ok, ok},
		{"single sign-on", classic, "reach-sso/widgets", refusal.SingleSignOn, refusal.SingleSignOn},
		{"single sign-on, authorised", change(classic, func(t *githubtest.Token) { t.SSO = []string{"reach-sso"} }), "reach-sso/widgets", ok, ok},
		{"classic forbidden", classic, "reach-classic/widgets", refusal.ClassicForbidden, refusal.ClassicForbidden},
		{"OAuth restricted", githubtest.Token{Kind: githubtest.OAuth, Write: true}, "reach-oauth/widgets", refusal.AppRestricted, refusal.AppRestricted},
		{"lifetime", classic, "reach-lifetime/widgets", refusal.LifetimeTooLong, refusal.LifetimeTooLong},
		{"address", classic, "reach-address/widgets", refusal.AddressNotAllowed, refusal.AddressNotAllowed},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.token.Login = "reacher"
			secret := token(t, test.token)
			for service, want := range map[Service]refusal.Reason{Fetch: test.fetch, Push: test.push} {
				err := client(t).reach(t.Context(), forge.GitHub, "github.com", test.repository, service, "x-access-token", secret)
				hides(t, err, secret)
				if want == ok {
					if err != nil {
						t.Errorf("%s: got %v", service, err)
					}
					continue
				}
				r := refused(t, err)
				if got := refusal.Read(r.Status, r.Text); got != want {
					t.Errorf("%s: got %q of %+v, want %q", service, got, r, want)
				}
				if hasPage := strings.HasPrefix(r.SSO, "https://github.com/orgs/reach-sso/sso?authorization_request="); hasPage != (want == refusal.SingleSignOn) {
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
	err := client(t).reach(t.Context(), forge.GitHub, "ghes.busy", "acme/widgets", Fetch, "alice", secret)
	if r := refused(t, err); r.RetryAfter.Before(time.Now()) {
		t.Errorf("got %+v", r)
	}
}

func TestTry(t *testing.T) {
	answer := func(status int, header, value, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			if header != "" {
				w.Header().Set(header, value)
			}
			w.WriteHeader(status)
			fmt.Fprint(w, text)
		}
	}
	for _, test := range []struct {
		name     string
		username string
		answer   http.HandlerFunc
		want     Answer
		reason   refusal.Reason // refusal.NoAnswer if there is no cause
		retry    bool
		login    string // that was sent
	}{
		{"yes", "alice", answer(200, "Content-Type", "application/x-git-receive-pack-advertisement", ""), Yes, refusal.NoAnswer, false, "alice"},
		{"without a login", "", answer(200, "Content-Type", "application/x-git-receive-pack-advertisement", ""), Yes, refusal.NoAnswer, false, credential.AnyLogin},
		{"not there", "alice", answer(404, "", "", "Repository not found."), No, refusal.NotVisible, false, "alice"},
		{"may not push", "alice", answer(403, "", "", "Permission to acme/widgets.git denied to alice."), No, refusal.NoPush, false, "alice"},
		{"an unknown text", "alice", answer(403, "", "", "No."), NotKnown, refusal.Unknown, false, "alice"},
		{"busy", "alice", answer(429, "", "", "Slow down."), NotKnown, refusal.RateLimited, true, "alice"},
		{"busy, with another text", "alice", answer(403, "Retry-After", "60", "Repository not found."), NotKnown, refusal.RateLimited, true, "alice"},
		{"no answer", "alice", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, NotKnown, refusal.NoAnswer, false, "alice"},
	} {
		t.Run(test.name, func(t *testing.T) {
			login := ""
			c, host := custom(t, func(w http.ResponseWriter, r *http.Request) {
				login, _, _ = r.BasicAuth()
				test.answer(w, r)
			})
			r := credential.Record{Target: credential.Target{Host: host, Paths: []string{"acme"}}, Kind: credential.Classic, Username: test.username}
			got, cause := c.Try(t.Context(), r, "acme/widgets", Push, minted(t))
			if got != test.want || login != test.login {
				t.Errorf("got %q with the login %q, want %q with %q", got, login, test.want, test.login)
			}
			if got == Yes {
				if cause != nil {
					t.Errorf("got the cause %+v", cause)
				}
				return
			}
			if cause == nil || cause.Reason != test.reason || cause.Err == nil || cause.RetryAfter.IsZero() == test.retry || cause.Repository != "acme/widgets" || cause.Kind != credential.Classic {
				t.Errorf("got the cause %+v, want %q", cause, test.reason)
			}
		})
	}
}

// What an old token may do and a new one may not is found.
func TestLost(t *testing.T) {
	repository(t, githubtest.Repository{Owner: "lost1", Name: "one", Private: true})
	repository(t, githubtest.Repository{Owner: "lost1", Name: "two", Private: true})
	all := githubtest.Token{Kind: githubtest.FineGrained, Owner: "lost1", Write: true}
	reads, one := all, all
	reads.Write, one.Repositories = false, []string{"one"}
	for _, test := range []struct {
		name     string
		old, new githubtest.Token
		access   credential.Access
		want     string
	}{
		{"the same", all, all, "", "[]"},
		{"more", one, all, "", "[]"},
		{"for reading", all, reads, "", "[lost1/one yes no lost1/two yes no]"},
		{"for reading, which is all that is wanted", all, reads, credential.ReadAccess, "[]"},
		{"less", all, one, "", "[lost1/two no no]"},
		{"of another owner", one, githubtest.Token{Kind: githubtest.FineGrained, Owner: "lost2"}, "", "[lost1/one no no]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := client(t)
			test.old.Login, test.new.Login = "loser", "loser"
			r := credential.Record{Target: target(t, "lost1"), Kind: credential.FineGrained, Name: "name", Access: test.access}
			var got []string
			for _, a := range c.Lost(t.Context(), c.Inspect(t.Context(), r, token(t, test.old), time.Now()), r, token(t, test.new)) {
				got = append(got, fmt.Sprint(a.Repository, " ", a.Fetch, " ", a.Push))
			}
			if fmt.Sprint(got) != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
