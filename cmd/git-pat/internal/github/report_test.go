package github

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

func TestInspect(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	ends, noted := now.Add(50*time.Hour), now.Add(90*time.Hour)
	for _, name := range []string{"r1", "r2", "r3", "r4", "r5", "r6"} {
		repository(t, githubtest.Repository{Owner: "inspected", Name: name, Private: true})
	}
	repository(t, githubtest.Repository{Owner: "inspected2", Name: "one", Private: true})
	access := func(name string, fetch, push Answer, reason Reason) string {
		return name + " " + string(fetch) + " " + string(push) + " " + string(reason)
	}
	for _, test := range []struct {
		name         string
		token        githubtest.Token
		kind         credential.Kind
		target       string
		result       Result
		reason       Reason // of the cause; NoAnswer if there is none
		login        string
		expires      time.Time
		repositories []string
		noneSeen     string
	}{
		{"of an owner", githubtest.Token{Kind: githubtest.FineGrained, Owner: "inspected", Expires: ends, Write: true}, credential.FineGrained, "inspected",
			ResultGood, NoAnswer, "inspector", ends, []string{
				access("inspected/r1", Yes, Yes, ""), access("inspected/r2", Yes, Yes, ""), access("inspected/r3", Yes, Yes, ""),
				access("inspected/r4", Yes, Yes, ""), access("inspected/r5", Yes, Yes, ""),
			}, ""},
		{"for reading", githubtest.Token{Kind: githubtest.FineGrained, Owner: "inspected"}, credential.FineGrained, "inspected/r6",
			ResultGood, NoAnswer, "inspector", noted, []string{access("inspected/r6", Yes, No, NoPush)}, ""},
		{"not selected", githubtest.Token{Kind: githubtest.FineGrained, Owner: "inspected", Repositories: []string{}}, credential.FineGrained, "inspected/r6",
			ResultGood, NoAnswer, "inspector", noted, []string{access("inspected/r6", No, No, NotSelected)}, ""},
		{"none seen", githubtest.Token{Kind: githubtest.FineGrained, Owner: "inspected2", Pending: true}, credential.FineGrained, "inspected2",
			ResultGood, NoAnswer, "inspector", noted, nil, "inspected2"},
		{"of an app for a user, which names no end", githubtest.Token{Kind: githubtest.AppUser}, credential.AppUser, "github.com",
			ResultGood, NoAnswer, "inspector", noted, nil, ""},
		{"of an installation, which is nobody's", githubtest.Token{Kind: githubtest.AppInstallation, Owner: "inspected"}, credential.AppInstallation, "github.com",
			ResultGood, NoAnswer, "noted", noted, nil, ""},
		{"expired", githubtest.Token{Kind: githubtest.FineGrained, Owner: "inspected", Expires: now.Add(-time.Hour)}, credential.FineGrained, "inspected",
			ResultRefused, BadToken, "noted", noted, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.token.Login = "inspector"
			r := credential.Record{Target: target(t, test.target), Kind: test.kind, Name: "name", Username: "noted", Expires: noted}
			got := client(t).Inspect(t.Context(), r, token(t, test.token), now)
			if got.Result != test.result || got.Login != test.login || !got.Expires.Equal(test.expires) || got.NoneSeen != test.noneSeen || got.ListErr != nil || got.SSO != "" {
				t.Errorf("got %+v", got)
			}
			if (got.Cause == nil) != (test.reason == NoAnswer) || got.Cause != nil && got.Cause.Reason != test.reason {
				t.Errorf("got the cause %+v, want %q", got.Cause, test.reason)
			}
			var repositories []string
			for _, a := range got.Repositories {
				reason := Reason("")
				if a.Cause != nil {
					reason = a.Cause.Reason
				}
				repositories = append(repositories, access(a.Repository, a.Fetch, a.Push, reason))
			}
			if !slices.Equal(repositories, test.repositories) {
				t.Errorf("got %q, want %q", repositories, test.repositories)
			}
		})
	}
}

// What a server answers that a real one seldom does.
func TestInspectAnswers(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	noted := now.Add(90 * time.Hour)
	const expiry = "GitHub-Authentication-Token-Expiration"
	for _, test := range []struct {
		name       string
		user       http.HandlerFunc
		list       http.HandlerFunc
		result     Result
		reason     Reason
		expires    time.Time
		retry, sso bool
		listErr    bool
		noneSeen   string
	}{
		{name: "no credible expiry", result: ResultGood, expires: noted, noneSeen: "acme",
			user: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set(expiry, now.UTC().Format("2006-01-02 15:04:05 UTC"))
				fmt.Fprint(w, `{"login":"alice"}`)
			}},
		{name: "no expiry", result: ResultGood, expires: noted, noneSeen: "acme"},
		{name: "single sign-on", result: ResultGood, expires: noted, sso: true, noneSeen: "acme",
			user: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-GitHub-SSO", "required; url=https://"+r.Host+"/orgs/acme/sso?authorization_request=ABC")
				fmt.Fprint(w, `{"login":"alice"}`)
			}},
		{name: "no list", result: ResultGood, expires: noted, listErr: true,
			list: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusBadGateway) }},
		{name: "refused", result: ResultRefused, reason: BadToken, expires: noted,
			user: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusUnauthorized) }},
		{name: "busy", result: ResultUnknown, reason: RateLimited, expires: noted, retry: true,
			user: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }},
		{name: "refused, and busy", result: ResultUnknown, reason: RateLimited, expires: noted, retry: true,
			user: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Retry-After", "60")
				w.WriteHeader(http.StatusUnauthorized)
			}},
		{name: "broken", result: ResultUnknown, reason: Unknown, expires: noted,
			user: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusBadGateway) }},
		{name: "no answer", result: ResultUnknown, reason: NoAnswer, expires: noted,
			user: func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.user == nil {
				test.user = func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `{"login":"alice"}`) }
			}
			if test.list == nil {
				test.list = func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `[]`) }
			}
			c, host := custom(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/api/v3/user" {
					test.user(w, r)
				} else {
					test.list(w, r)
				}
			})
			r := credential.Record{Target: credential.Target{Host: host, Paths: []string{"acme"}}, Kind: credential.FineGrained, Name: "name", Expires: noted}
			got := c.Inspect(t.Context(), r, minted(t), now)
			if got.Result != test.result || !got.Expires.Equal(test.expires) || got.NoneSeen != test.noneSeen || (got.SSO != "") != test.sso || (got.ListErr != nil) != test.listErr {
				t.Errorf("got %+v", got)
			}
			if (got.Cause == nil) != (test.result == ResultGood) {
				t.Fatalf("got the cause %+v", got.Cause)
			}
			if got.Cause != nil && (got.Cause.Reason != test.reason || got.Cause.Err == nil || got.Cause.RetryAfter.IsZero() == test.retry) {
				t.Errorf("got the cause %+v", got.Cause)
			}
		})
	}
}

// A token that GitHub accepts may be of no use for its target.
func TestFit(t *testing.T) {
	repository(t, githubtest.Repository{Owner: "fit1", Name: "one", Private: true})
	repository(t, githubtest.Repository{Owner: "fit2", Name: "one", Private: true})
	fine := func(owner string) githubtest.Token {
		return githubtest.Token{Kind: githubtest.FineGrained, Owner: owner}
	}
	classic := func(scopes ...string) githubtest.Token {
		return githubtest.Token{Kind: githubtest.Classic, Scopes: scopes}
	}
	for _, test := range []struct {
		name   string
		token  githubtest.Token
		kind   credential.Kind
		target string
		want   Result
		other  string
		lacks  string
	}{
		{"of the owner", fine("fit1"), credential.FineGrained, "fit1", ResultGood, "", ""},
		{"of another owner", fine("fit2"), credential.FineGrained, "fit1", ResultUnfit, "fit2", ""},
		{"of an owner without private repositories", fine("fit3"), credential.FineGrained, "fit1", ResultUnknown, "", ""},
		{"classic", classic("repo"), credential.Classic, "fit1", ResultGood, "", ""},
		{"classic, with the scope", classic("gist", "repo"), credential.Classic, "github.com", ResultGood, "", ""},
		{"classic, without the scope", classic("gist"), credential.Classic, "github.com", ResultUnfit, "", "repo"},
		{"classic, for gists", classic("gist"), credential.Classic, "gist.github.com", ResultGood, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.token.Login = "fit"
			r := credential.Record{Target: target(t, test.target), Kind: test.kind, Name: "name"}
			got := client(t).Inspect(t.Context(), r, token(t, test.token), time.Now())
			if got.Result != ResultGood || got.Fit() != test.want || got.OtherOwner != test.other || got.Lacks != test.lacks {
				t.Errorf("got %q of %+v, want %q", got.Fit(), got, test.want)
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
		reason   Reason // NoAnswer if there is no cause
		retry    bool
		login    string // that was sent
	}{
		{"yes", "alice", answer(200, "Content-Type", "application/x-git-receive-pack-advertisement", ""), Yes, NoAnswer, false, "alice"},
		{"without a login", "", answer(200, "Content-Type", "application/x-git-receive-pack-advertisement", ""), Yes, NoAnswer, false, credential.AnyLogin},
		{"not there", "alice", answer(404, "", "", "Repository not found."), No, NotVisible, false, "alice"},
		{"may not push", "alice", answer(403, "", "", "Permission to acme/widgets.git denied to alice."), No, NoPush, false, "alice"},
		{"an unknown text", "alice", answer(403, "", "", "No."), NotKnown, Unknown, false, "alice"},
		{"busy", "alice", answer(429, "", "", "Slow down."), NotKnown, RateLimited, true, "alice"},
		{"busy, with another text", "alice", answer(403, "Retry-After", "60", "Repository not found."), NotKnown, RateLimited, true, "alice"},
		{"no answer", "alice", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, NotKnown, NoAnswer, false, "alice"},
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
