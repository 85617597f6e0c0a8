package inspect

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// shown is a report in one line: the result, the login, the scopes, whether it
// rotates, the reason or the error of the cause, and the repositories.
func shown(r Report) string {
	text := fmt.Sprint(r.Result, " ", r.Login, " ", r.Scopes, " ", r.Rotates)
	if r.Lacks != "" {
		text += " lacks " + r.Lacks
	}
	if r.Cause != nil && r.Cause.Reason == refusal.NoAnswer {
		text += " (" + r.Cause.Err.Error() + ")"
	} else if r.Cause != nil {
		text += " (" + string(r.Cause.Reason) + ")"
	}
	for _, a := range r.Repositories {
		text += fmt.Sprint(" ", a.Repository, " ", a.Fetch, " ", a.Push)
		if a.Cause != nil && a.Cause.Reason != "" && r.Result == ResultGood {
			text += " (" + string(a.Cause.Reason) + ")"
		}
	}
	return text
}

// asks is what a server was asked since a request, as method, path and token.
func asks(host string, since int) []string {
	var all []string
	for _, r := range server.Requests()[since:] {
		if r.Host == host {
			all = append(all, r.Method+" "+r.Path+" "+r.Token)
		}
	}
	return all
}

func TestGitLab(t *testing.T) {
	const host, below = "gitlab.inspect", "gitlab-below.inspect"
	server.AddForge("gitlab.com", githubtest.GitLab, "")
	server.AddForge(host, githubtest.GitLab, "")
	server.AddForge(below, githubtest.GitLab, "/gitlab")
	for _, at := range []string{"gitlab.com", host} {
		repository(t, githubtest.Repository{Host: at, Owner: "acme/backend", Name: "api", Private: true})
		repository(t, githubtest.Repository{Host: at, Owner: "globex", Name: "open"})
	}
	repository(t, githubtest.Repository{Host: below, Owner: "gitlab/acme", Name: "api", Private: true})
	ends := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 30)
	typed := ends.Add(-time.Hour)
	reads := githubtest.Token{Expires: ends.Add(time.Hour)}
	writes := githubtest.Token{Expires: ends, Write: true}
	for _, test := range []struct {
		name    string
		token   githubtest.Token
		kind    credential.Kind
		target  string
		want    string
		expires time.Time
		known   bool
	}{
		{"reads", reads, forge.GitLabToken, "gitlab.com/acme/backend/api", "good alice [read_repository] no acme/backend/api yes no (no push)", ends, true},
		{"writes", writes, forge.GitLabToken, host + "/acme/backend/api", "good alice [read_repository write_repository] no acme/backend/api yes yes", ends, true},
		{"rotates", githubtest.Token{Scopes: []string{"self_rotate", "read_repository"}}, forge.GitLabToken, host, "good alice [self_rotate read_repository] yes", time.Time{}, true},
		{"a group that may be a project", writes, forge.GitLabToken, host + "/acme/backend", "good alice [read_repository write_repository] no acme/backend unknown unknown (not visible)", ends, true},
		{"of a top group", writes, forge.GitLabToken, host + "/acme", "good alice [read_repository write_repository] no", ends, true},
		{"below a path", writes, forge.GitLabToken, below + "/gitlab/acme/api", "good alice [read_repository write_repository] no gitlab/acme/api yes yes", ends, true},
		{"below a path, which is the target", writes, forge.GitLabToken, below + "/gitlab", "good alice [read_repository write_repository] no", ends, true},
		{"below a path that the target does not tell", writes, forge.GitLabToken, below, "unknown alice [] unknown (" + ErrNoRepository.Error() + ")", typed, false},
		{"without a scope for Git", githubtest.Token{Scopes: []string{"read_api"}}, forge.GitLabToken, host + "/acme/backend/api", "good alice [read_api] no lacks read_repository acme/backend/api no no (no permission)", time.Time{}, true},
		{"fine-grained", githubtest.Token{Scopes: []string{"granular"}}, forge.GitLabToken, host + "/acme/backend/api", "good alice [granular] unknown acme/backend/api no no (no permission)", time.Time{}, true},
		{"of another group", githubtest.Token{Owner: "globex", Expires: ends}, forge.GitLabToken, host + "/acme/backend/api", "good alice [read_repository] no acme/backend/api unknown unknown (not visible)", ends, true},
		{"expired", githubtest.Token{Expires: ends.AddDate(0, 0, -31)}, forge.GitLabToken, host + "/acme/backend/api", "refused alice [] unknown (bad token)", typed, false},
		{"with a prefix of the instance", reads, credential.Other, host + "/acme/backend/api", "good alice [read_repository] no acme/backend/api yes no (no push)", ends, true},
		// A deploy token: GitLab knows nothing of it but what it may do.
		{"deploy token", reads, forge.GitLabDeploy, host + "/acme/backend/api", "good alice [] no acme/backend/api yes no (no push)", typed, false},
		{"deploy token of a public project", reads, forge.GitLabDeploy, host + "/globex/open", "unknown alice [] no (" + ErrPublic.Error() + ") globex/open yes no", typed, false},
		{"deploy token of a group", reads, forge.GitLabDeploy, host + "/acme", "unknown alice [] no (" + ErrNoRepository.Error() + ")", typed, false},
		{"deploy token, deleted", githubtest.Token{Expires: ends.AddDate(0, 0, -31)}, forge.GitLabDeploy, host + "/acme/backend/api", "refused alice [] no (bad token) acme/backend/api no no", typed, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := credential.Record{Target: target(t, test.target), Kind: test.kind, Username: "alice", Expires: typed, Forge: forge.GitLab}
			test.token.Host, test.token.Kind = r.Host, githubtest.GitLab
			got := client(t).Inspect(t.Context(), r, token(t, test.token), time.Now())
			if shown(got) != test.want || !got.Expires.Equal(test.expires) || got.ExpiryKnown != test.known {
				t.Errorf("got  %s, %v, %v\nwant %s, %v, %v", shown(got), got.Expires, got.ExpiryKnown, test.want, test.expires, test.known)
			}
		})
	}
}

// What GitLab says that the server of the tests does not.
func TestGitLabSelf(t *testing.T) {
	noted := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		status int
		body   string
		want   string
		name   string
	}{
		{200, `{"id":7,"name":"laptop","scopes":["api"],"expires_at":"2031-02-03","last_used_at":"2026-10-06T17:58:37.550Z","active":true,"revoked":false}`, "good  [api] yes 2031-02-03 2026-10-06", "laptop"},
		{200, `{"id":7,"scopes":["api"],"expires_at":null,"last_used_at":null}`, "good  [api] yes 0001-01-01 0001-01-01", ""},
		{200, `{"id":7,"scopes":["api"],"expires_at":"soon"}`, "good  [api] yes 2030-01-01 0001-01-01", ""},
		{200, `{"id":7,"active":false}`, "refused  [] unknown (bad token) 2030-01-01 0001-01-01", ""},
		{200, `{"id":7,"active":true,"revoked":true}`, "refused  [] unknown (bad token) 2030-01-01 0001-01-01", ""},
		{200, `{}`, "unknown  [] unknown (unknown) 2030-01-01 0001-01-01", ""},
		{200, `<html>`, "unknown  [] unknown (unknown) 2030-01-01 0001-01-01", ""},
		{200, `[]`, "unknown  [] unknown (unknown) 2030-01-01 0001-01-01", ""},
		{401, `{"message":"401 Unauthorized"}`, "refused  [] unknown (bad token) 2030-01-01 0001-01-01", ""},
		{403, `{"message":"403 Forbidden - Your account has been blocked."}`, "unknown  [] unknown (unknown) 2030-01-01 0001-01-01", ""},
		{404, ``, "unknown  [] unknown (" + ErrNoRepository.Error() + ") 2030-01-01 0001-01-01", ""},
		{429, `Retry later`, "unknown  [] unknown (rate limited) 2030-01-01 0001-01-01", ""},
		{500, `{"message":{"a":["b"]}}`, "unknown  [] unknown (unknown) 2030-01-01 0001-01-01", ""},
	} {
		t.Run(fmt.Sprint(test.status, " ", test.body), func(t *testing.T) {
			c, host := custom(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/api/v4/personal_access_tokens/self" {
					t.Errorf("%s was asked for", r.URL.Path)
				}
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			})
			r := credential.Record{Target: credential.Target{Host: host}, Kind: forge.GitLabToken, Expires: noted}
			got := c.Inspect(t.Context(), r, minted(t), time.Now())
			if text := shown(got) + got.Expires.Format(" 2006-01-02") + got.LastUsed.Format(" 2006-01-02"); text != test.want || got.Name != test.name {
				t.Errorf("got %s, %q, want %s, %q", text, got.Name, test.want, test.name)
			}
		})
	}
}

func TestGitea(t *testing.T) {
	const host = "gitea.inspect"
	server.AddForge(host, githubtest.Gitea, "")
	repository(t, githubtest.Repository{Host: host, Owner: "acme", Name: "app", Private: true})
	server.AddForge("below."+host, githubtest.Gitea, "/git")
	repository(t, githubtest.Repository{Host: "below." + host, Owner: "git/acme", Name: "app", Private: true})
	expired := time.Now().Add(-time.Hour)
	for _, test := range []struct {
		name   string
		token  githubtest.Token
		target string
		want   string
	}{
		{"with its user", githubtest.Token{Scopes: []string{"read:user", "write:repository"}, Write: true}, host + "/acme/app", "good mona [read:user] no acme/app yes yes"},
		{"of a user who only reads", githubtest.Token{Scopes: []string{"write:repository"}}, host + "/acme/app", "good noted [] no acme/app yes no (no push)"},
		{"without the scope for its user", githubtest.Token{Write: true}, host + "/acme/app", "good noted [] no acme/app yes yes"},
		{"reads", githubtest.Token{}, host + "/acme/app", "good noted [] no acme/app yes no (no push)"},
		{"below a path", githubtest.Token{Write: true}, "below." + host + "/git/acme/app", "good noted [] no git/acme/app yes yes"},
		{"below a path, of an owner", githubtest.Token{Write: true}, "below." + host + "/git/acme", "good noted [] no git/acme unknown unknown (not visible)"},
		{"of an owner", githubtest.Token{}, host + "/acme", "good noted [] no"},
		{"without a scope for Git", githubtest.Token{Scopes: []string{"read:user"}}, host + "/acme/app", "good mona [] no acme/app unknown unknown (unknown)"},
		{"expired", githubtest.Token{Expires: expired}, host + "/acme/app", "refused noted [] no (bad token)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := credential.Record{Target: target(t, test.target), Kind: forge.GiteaToken, Username: "noted"}
			test.token.Host, test.token.Kind, test.token.Login = r.Host, githubtest.Gitea, "mona"
			got := client(t).Inspect(t.Context(), r, token(t, test.token), time.Now())
			if want := strings.Replace(test.want, "[read:user]", "[]", 1); shown(got) != want || got.ExpiryKnown {
				t.Errorf("got  %s\nwant %s", shown(got), want)
			}
		})
	}
	// A 403 with another text says nothing of the token.
	c, other := custom(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"message":"This account is prohibited from signing in"}`)
	})
	r := credential.Record{Target: credential.Target{Host: other}, Kind: forge.GiteaToken}
	if got := shown(c.Inspect(t.Context(), r, minted(t), time.Now())); got != "unknown  [] no (unknown)" {
		t.Errorf("got %s", got)
	}
}

// Servers that say nothing about tokens are asked as Git asks.
func TestOtherServers(t *testing.T) {
	const secret = "s3cr3t"
	for _, test := range []struct {
		name     string
		kind     credential.Kind
		forge    forge.Forge
		username string
		path     string
		paths    map[string]int // what is there, and what an answer is without a token
		login    string         // that is sent
		want     string
	}{
		{"Azure", forge.AzureToken, "", "", "tfs/acme/_git/app", map[string]int{"/tfs/acme/_git/app": 401}, credential.AnyLogin, "good  [] no tfs/acme/_git/app yes yes"},
		{"Azure, a project", forge.AzureToken, "", "", "tfs/acme", nil, "", "unknown  [] no (" + ErrNoRepository.Error() + ")"},
		{"Bitbucket", forge.BitbucketHTTP, "", "", "scm/acme/app", map[string]int{"/scm/acme/app.git": 401}, "x-token-auth", "good  [] no scm/acme/app yes yes"},
		{"Bitbucket, a project", forge.BitbucketHTTP, "", "", "scm/acme", nil, "", "unknown  [] no (" + ErrNoRepository.Error() + ")"},
		{"a password", credential.Other, "", "mona", "app", map[string]int{"/app.git": 401}, "mona", "good mona [] no app yes yes"},
		{"a password, without .git", credential.Other, "", "mona", "x/app", map[string]int{"/x/app": 401}, "mona", "good mona [] no x/app yes yes"},
		{"a password that nobody asks for", credential.Other, "", "mona", "app", map[string]int{"/app.git": 200}, "mona", "unknown mona [] no (" + ErrPublic.Error() + ") app yes yes"},
		{"a busy server without a token", credential.Other, "", "mona", "app", map[string]int{"/app.git": 503}, "mona", "unknown mona [] no (unknown) app yes yes"},
		{"a folder", credential.Other, "", "mona", "x", nil, "mona", "unknown mona [] no (not visible) x unknown unknown"},
		{"a password for a host", credential.Other, "", "mona", "", nil, "", "unknown mona [] no (" + ErrNoRepository.Error() + ")"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, host := custom(t, func(w http.ResponseWriter, r *http.Request) {
				login, password, has := r.BasicAuth()
				anonymous, there := test.paths[strings.TrimSuffix(r.URL.Path, "/info/refs")]
				switch {
				case has && (password != secret || login != test.login):
					t.Errorf("got the login %q", login)
				case !there:
					w.WriteHeader(http.StatusNotFound)
				case !has && anonymous != 200:
					w.WriteHeader(anonymous)
				default:
					w.Header().Set("Content-Type", "application/x-"+r.URL.Query().Get("service")+"-advertisement")
				}
			})
			r := credential.Record{Target: credential.Target{Host: host}, Kind: test.kind, Forge: test.forge, Username: test.username}
			if test.path != "" {
				r.Paths = []string{test.path}
			}
			if got := shown(c.Inspect(t.Context(), r, credential.NewSecret(secret), time.Now())); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// A 403 for a push alone is about pushing. A 403 for everything may have any reason.
func TestTryPush(t *testing.T) {
	for _, test := range []struct {
		name   string
		fetch  int // status
		want   Answer
		reason refusal.Reason
	}{
		{"only the push is forbidden", 200, No, refusal.NoPush},
		{"all is forbidden", 403, NotKnown, refusal.Unknown},
		{"the fetch fails", 503, NotKnown, refusal.Unknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, host := custom(t, func(w http.ResponseWriter, r *http.Request) {
				service := r.URL.Query().Get("service")
				w.Header().Set("Content-Type", "application/x-"+service+"-advertisement")
				w.WriteHeader(map[string]int{string(Fetch): test.fetch, string(Push): 403}[service])
			})
			r := credential.Record{Target: credential.Target{Host: host, Paths: []string{"acme/app"}}, Kind: forge.GiteaToken}
			answer, cause := c.Try(t.Context(), r, "acme/app", Push, minted(t))
			if answer != test.want || cause == nil || cause.Reason != test.reason {
				t.Errorf("got %q, %+v, want %q, %q", answer, cause, test.want, test.reason)
			}
		})
	}
}

// A host that refuses everything has refused the token, and one that does something
// else has not.
func TestOtherRefusals(t *testing.T) {
	for _, test := range []struct {
		status   int
		location string
		want     string
	}{
		{401, "", "refused  [] no (bad token) a/_git/b no no"},
		{403, "", "unknown  [] no (unknown) a/_git/b unknown unknown"},
		{404, "", "unknown  [] no (not visible) a/_git/b no no"},
		{429, "", "unknown  [] no (rate limited) a/_git/b unknown unknown"},
		{503, "", "unknown  [] no (unknown) a/_git/b unknown unknown"},
		{200, "", "unknown  [] no (unknown) a/_git/b unknown unknown"}, // a page to log in
		{302, "/_signin", "unknown  [] no (unknown) a/_git/b unknown unknown"},
		{301, "/a/_git/c/info/refs", "unknown  [] no (unknown) a/_git/b unknown unknown"},
	} {
		t.Run(fmt.Sprint(test.status), func(t *testing.T) {
			secret := minted(t)
			c, host := custom(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", test.location)
				w.Header().Set("Content-Type", "text/plain")
				w.WriteHeader(test.status)
				_, password, _ := r.BasicAuth()
				fmt.Fprint(w, "remote: Repository not found. You sent ", password)
			})
			r := credential.Record{Target: credential.Target{Host: host, Paths: []string{"a/_git/b"}}, Kind: forge.AzureToken}
			got := c.Inspect(t.Context(), r, secret, time.Now())
			if shown(got) != test.want {
				t.Errorf("got  %s\nwant %s", shown(got), test.want)
			}
			hides(t, got.Cause.Err, secret)
		})
	}
}

// A token goes only where a server answered as an API does, and never to another host.
func TestTokenStays(t *testing.T) {
	const below, other = "gitlab.stays", "no-gitlab.stays"
	server.AddForge(below, githubtest.GitLab, "/gitlab")
	server.AddHost(other)
	repository(t, githubtest.Repository{Host: below, Owner: "gitlab/acme/x", Name: "api", Private: true})
	secret := token(t, githubtest.Token{ID: "stays", Host: below, Kind: githubtest.GitLab})
	r := credential.Record{Target: target(t, below+"/gitlab/acme/x/api"), Kind: forge.GitLabToken}
	before := len(server.Requests())
	client(t).Inspect(t.Context(), r, secret, time.Now())
	const self = "api/v4/personal_access_tokens/self "
	want := []string{"GET /" + self, "GET /gitlab/" + self, "GET /gitlab/" + self + "stays", "GET /gitlab/acme/x/api.git/info/refs stays", "GET /gitlab/acme/x/api.git/info/refs stays"}
	if got := asks(below, before); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// Where there is no API, only Git's own requests have the token.
	r.Target = target(t, other+"/acme/x/api")
	before = len(server.Requests())
	got := client(t).Inspect(t.Context(), r, secret, time.Now())
	if text := shown(got); text != "refused  [] unknown (bad token) acme/x/api no no" {
		t.Errorf("got %s", text)
	}
	for _, asked := range asks(other, before) {
		if strings.Contains(asked, "/api/v4/") != strings.HasSuffix(asked, " ") {
			t.Errorf("%s", asked)
		}
	}
	for _, kind := range []string{githubtest.GitLab, githubtest.Gitea} {
		host := kind + ".redirects"
		server.AddForge(host, kind, "")
		secret := token(t, githubtest.Token{Host: host, Kind: kind, Scopes: []string{"api", "read:user"}})
		r := credential.Record{Target: target(t, host), Kind: forge.Kind(kind)}
		for _, to := range []string{"thief.redirects", "http://" + host} {
			server.Redirect(host, "/api/", to, 1)
			if got := client(t).Inspect(t.Context(), r, secret, time.Now()); got.Result != ResultUnknown {
				t.Errorf("%s to %s: got %s", kind, to, shown(got))
			}
		}
		if seen := append(server.SecretsSeenBy("thief.redirects"), server.SecretsSeenBy(host+":80")...); len(seen) > 0 {
			t.Errorf("got %v", seen)
		}
	}
}
