package inspect

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

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
		if got, err := client(t).installation(t.Context(), "github.com", secret); err != nil || got.Login != "" {
			t.Errorf("%s: got %+v, %v", kind, got, err)
		}
		// It is nobody's, and that is no reason to take it for a bad one.
		_, err := client(t).Account(t.Context(), "github.com", secret)
		if r := refused(t, err); r.Status != http.StatusForbidden || refusal.Read(r.Status, r.Text) != refusal.NoPermission {
			t.Errorf("%s: got %+v", kind, r)
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

func TestRateLimit(t *testing.T) {
	secret := token(t, githubtest.Token{Kind: githubtest.Classic, Login: "hasty"})
	server.SetRateLimit("github.com", "hasty", 1)
	if got, err := client(t).Account(t.Context(), "github.com", secret); err != nil || got.Remaining != 0 {
		t.Errorf("the last call: got %+v, %v", got, err)
	}
	_, err := client(t).Account(t.Context(), "github.com", secret)
	if r := refused(t, err); r.Status != http.StatusForbidden || time.Until(r.RetryAfter) < 50*time.Minute || refusal.Read(r.Status, r.Text) != refusal.RateLimited {
		t.Errorf("got %+v", r)
	}

	// A 429 with its Retry-After.
	server.AddHost("ghes.waiting")
	waiting := token(t, githubtest.Token{Kind: githubtest.Classic, Login: "waiting", Host: "ghes.waiting"})
	server.Fail("ghes.waiting", "/api/v3/user", http.StatusTooManyRequests, "Slow down.", 1)
	began := time.Now()
	_, err = client(t).Account(t.Context(), "ghes.waiting", waiting)
	if r := refused(t, err); r.Status != http.StatusTooManyRequests || r.RetryAfter.Sub(began) < 50*time.Second {
		t.Errorf("got %+v", r)
	}
}
