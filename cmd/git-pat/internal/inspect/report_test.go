package inspect

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
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
	access := func(name string, fetch, push Answer, reason refusal.Reason) string {
		return name + " " + string(fetch) + " " + string(push) + " " + string(reason)
	}
	for _, test := range []struct {
		name         string
		token        githubtest.Token
		kind         credential.Kind
		target       string
		result       Result
		reason       refusal.Reason // of the cause; refusal.NoAnswer if there is none
		login        string
		expires      time.Time
		repositories []string
		noneSeen     string
	}{
		{"of an owner", githubtest.Token{Kind: githubtest.FineGrained, Owner: "inspected", Expires: ends, Write: true}, credential.FineGrained, "inspected",
			ResultGood, refusal.NoAnswer, "inspector", ends, []string{
				access("inspected/r1", Yes, Yes, ""), access("inspected/r2", Yes, Yes, ""), access("inspected/r3", Yes, Yes, ""),
				access("inspected/r4", Yes, Yes, ""), access("inspected/r5", Yes, Yes, ""),
			}, ""},
		{"for reading", githubtest.Token{Kind: githubtest.FineGrained, Owner: "inspected"}, credential.FineGrained, "inspected/r6",
			ResultGood, refusal.NoAnswer, "inspector", noted, []string{access("inspected/r6", Yes, No, refusal.NoPush)}, ""},
		{"not selected", githubtest.Token{Kind: githubtest.FineGrained, Owner: "inspected", Repositories: []string{}}, credential.FineGrained, "inspected/r6",
			ResultGood, refusal.NoAnswer, "inspector", noted, []string{access("inspected/r6", No, No, refusal.NotSelected)}, ""},
		{"none seen", githubtest.Token{Kind: githubtest.FineGrained, Owner: "inspected2", Pending: true}, credential.FineGrained, "inspected2",
			ResultGood, refusal.NoAnswer, "inspector", noted, nil, "inspected2"},
		{"of an app for a user, which names no end", githubtest.Token{Kind: githubtest.AppUser}, credential.AppUser, "github.com",
			ResultGood, refusal.NoAnswer, "inspector", noted, nil, ""},
		{"of an installation, which is nobody's", githubtest.Token{Kind: githubtest.AppInstallation, Owner: "inspected"}, credential.AppInstallation, "github.com",
			ResultGood, refusal.NoAnswer, "noted", noted, nil, ""},
		{"expired", githubtest.Token{Kind: githubtest.FineGrained, Owner: "inspected", Expires: now.Add(-time.Hour)}, credential.FineGrained, "inspected",
			ResultRefused, refusal.BadToken, "noted", noted, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.token.Login = "inspector"
			r := credential.Record{Target: target(t, test.target), Kind: test.kind, Name: "name", Username: "noted", Expires: noted}
			got := client(t).Inspect(t.Context(), r, token(t, test.token), now)
			if got.Result != test.result || got.Login != test.login || !got.Expires.Equal(test.expires) || got.NoneSeen != test.noneSeen || got.ListErr != nil || got.SSO != "" {
				t.Errorf("got %+v", got)
			}
			if (got.Cause == nil) != (test.reason == refusal.NoAnswer) || got.Cause != nil && got.Cause.Reason != test.reason {
				t.Errorf("got the cause %+v, want %q", got.Cause, test.reason)
			}
			var repositories []string
			for _, a := range got.Repositories {
				reason := refusal.Reason("")
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
		reason     refusal.Reason
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
		{name: "refused", result: ResultRefused, reason: refusal.BadToken, expires: noted,
			user: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusUnauthorized) }},
		{name: "busy", result: ResultUnknown, reason: refusal.RateLimited, expires: noted, retry: true,
			user: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }},
		{name: "refused, and busy", result: ResultUnknown, reason: refusal.RateLimited, expires: noted, retry: true,
			user: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Retry-After", "60")
				w.WriteHeader(http.StatusUnauthorized)
			}},
		{name: "broken", result: ResultUnknown, reason: refusal.Unknown, expires: noted,
			user: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusBadGateway) }},
		{name: "no answer", result: ResultUnknown, reason: refusal.NoAnswer, expires: noted,
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
