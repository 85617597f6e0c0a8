package githubtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// restRequest returns a request with the headers that GitHub requires, and with
// a token unless secret is empty.
func restRequest(t *testing.T, method, url, secret, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("User-Agent", "githubtest")
	r.Header.Set("Accept", "application/vnd.github+json")
	r.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	if secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	return r
}

// call sends a request and reads the answer. The answer must be JSON or empty.
func call(t *testing.T, web *http.Client, method, url, secret, body string) (*http.Response, map[string]any) {
	t.Helper()
	answer, text := do(t, web, restRequest(t, method, url, secret, body))
	if text == "" {
		return answer, nil
	}
	if got := answer.Header.Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Errorf("%s %s: Content-Type %q", method, url, got)
	}
	var values map[string]any
	if strings.HasPrefix(text, "[") {
		text = `{"list":` + text + `}`
	}
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		t.Fatalf("%s %s: %v in %q", method, url, err, text)
	}
	return answer, values
}

// expect is like call, for an answer with a known status and message. An empty
// message is not checked.
func expect(t *testing.T, web *http.Client, method, url, secret, body string, status int, message string) *http.Response {
	t.Helper()
	answer, values := call(t, web, method, url, secret, body)
	if answer.StatusCode != status {
		t.Errorf("%s %s: %d %v, want %d", method, url, answer.StatusCode, values["message"], status)
	}
	if message != "" {
		if got, _ := values["message"].(string); got != message {
			t.Errorf("%s %s:\ngot  %q\nwant %q", method, url, got, message)
		}
		if values["documentation_url"] == nil {
			t.Errorf("%s %s: no documentation_url", method, url)
		}
	}
	return answer
}

func names(values map[string]any, key string) string {
	var list []string
	entries, _ := values[key].([]any)
	for _, e := range entries {
		list = append(list, fmt.Sprint(e.(map[string]any)["full_name"]))
	}
	return strings.Join(list, " ")
}

func credentials(secrets ...string) string {
	text, _ := json.Marshal(map[string][]string{"credentials": secrets})
	return string(text)
}

const (
	probe   = "/info/refs?service=git-upload-pack"
	invalid = "Invalid username or token. Password authentication is not supported for Git operations."
)

// gitProbe sends the first request of Git, and returns the status and the text
// that Git would print.
func gitProbe(t *testing.T, web *http.Client, url, secret string) (int, string) {
	t.Helper()
	r, _ := http.NewRequest("GET", url, nil)
	r.SetBasicAuth("any", secret)
	answer, text := do(t, web, r)
	return answer.StatusCode, text
}

func TestRESTHosts(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.AddHost("acme.ghe.com")
	s.AddHost("ghes.corp.example")
	s.AddHost("gist.ghes.corp.example")
	web := webClient(t, s)
	for _, test := range []struct{ host, base string }{
		{"github.com", "https://api.github.com"},
		{"acme.ghe.com", "https://api.acme.ghe.com"},
		{"ghes.corp.example", "https://ghes.corp.example/api/v3"},
	} {
		good := addToken(t, s, Token{Host: test.host, Kind: Classic, Login: "alice"})
		answer, user := call(t, web, "GET", test.base+"/user", good, "")
		if answer.StatusCode != 200 || user["login"] != "alice" || user["id"] == nil {
			t.Errorf("%s: %d %v, want alice", test.base, answer.StatusCode, user)
		}
		r := restRequest(t, "GET", test.base+"/user", "", "")
		r.Header.Set("Authorization", "token "+good)
		if answer, _ := do(t, web, r); answer.StatusCode != 200 {
			t.Errorf("%s with \"token\": %d", test.base, answer.StatusCode)
		}
		r.Header.Set("Authorization", "Digest "+good)
		if answer, _ := do(t, web, r); answer.StatusCode != 401 {
			t.Errorf("%s with another scheme: %d", test.base, answer.StatusCode)
		}
		r.SetBasicAuth("alice", good)
		if answer, _ := do(t, web, r); answer.StatusCode != 200 {
			t.Errorf("%s with Basic: %d", test.base, answer.StatusCode)
		}
		for _, other := range []string{"https://api.github.com", "https://api.acme.ghe.com", "https://ghes.corp.example/api/v3"} {
			if other != test.base {
				expect(t, web, "GET", other+"/user", good, "", 401, "Bad credentials")
			}
		}
	}
	for _, url := range []string{
		"https://github.com/api/v3/user", "https://acme.ghe.com/api/v3/user", "https://gist.ghes.corp.example/api/v3/user",
	} {
		if answer, _ := do(t, web, restRequest(t, "GET", url, "", "")); answer.StatusCode != 404 {
			t.Errorf("%s: %d, want 404", url, answer.StatusCode)
		}
	}
	// An unregistered host.
	if answer, _ := do(t, web, restRequest(t, "GET", "https://api.other.ghe.com/user", "", "")); answer.StatusCode != 401 {
		t.Errorf("an unknown tenant: %d", answer.StatusCode)
	}
	if _, err := s.AddToken(Token{Host: "api.github.com", Kind: Classic}); err == nil {
		t.Error("a token of the API's host: no error")
	}
}

func TestRESTRequirements(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	good := addToken(t, s, Token{ID: "good", Kind: Classic, Login: "alice"})
	web := webClient(t, s)
	const user = "https://api.github.com/user"

	r := restRequest(t, "GET", user, good, "")
	r.Header.Set("User-Agent", "")
	answer, text := do(t, web, r)
	if answer.StatusCode != 403 || !strings.Contains(text, "User-Agent header") || strings.HasPrefix(text, "{") {
		t.Errorf("no User-Agent: %d %q", answer.StatusCode, text)
	}
	for version, want := range map[string]int{"2026-03-10": 200, "2011-01-01": 400, "": 200} {
		r := restRequest(t, "GET", user, good, "")
		r.Header.Set("X-GitHub-Api-Version", version)
		if answer, _ := do(t, web, r); answer.StatusCode != want {
			t.Errorf("version %q: %d, want %d", version, answer.StatusCode, want)
		}
	}
	expect(t, web, "GET", user, "", "", 401, "Requires authentication")
	expect(t, web, "GET", user+"/", good, "", 404, "Not Found")
	expect(t, web, "GET", "https://api.github.com/none", good, "", 404, "Not Found")
	expect(t, web, "POST", user, good, "", 404, "Not Found")
	stranger, err := MintSecret(FineGrained)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, web, "GET", "https://api.github.com/none", stranger, "", 401, "Bad credentials")

	if got, want := fmt.Sprint(s.SecretsSeenBy("api.github.com")), "[good unknown-1]"; got != want {
		t.Errorf("seen %s, want %s", got, want)
	}
	log := s.Requests()
	if last := log[len(log)-1]; last.Token != "unknown-1" || last.Status != 401 || last.Path != "/none" {
		t.Errorf("log: %+v", last)
	}
	if text := fmt.Sprintf("%+v", log); strings.Contains(text, good) || strings.Contains(text, stranger) {
		t.Error("the log holds a secret")
	}
}

func TestRESTUser(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	web := webClient(t, s)
	const url = "https://api.github.com/user"
	zone := time.FixedZone("", 2*60*60)
	expires := time.Date(2126, 4, 26, 20, 23, 26, 0, zone)
	for _, test := range []struct {
		name    string
		token   Token
		scopes  string // "none" means no header
		expires string
	}{
		{"classic", Token{Kind: Classic, Expires: expires}, "repo", "2126-04-26 18:23:26 UTC"},
		{"classic for ever", Token{Kind: Classic, Scopes: []string{"repo", "gist"}}, "repo, gist", ""},
		{"hex", Token{Kind: ClassicHex, Scopes: []string{}}, "", ""},
		{"fine-grained", Token{Kind: FineGrained, Expires: expires}, "none", "2126-04-26 20:23:26 +0200"},
		{"fine-grained for ever", Token{Kind: FineGrained}, "none", ""},
		{"pending", Token{Kind: FineGrained, Owner: "acme", Pending: true}, "none", ""},
		{"OAuth", Token{Kind: OAuth, Expires: expires, Scopes: []string{"gist"}}, "gist", ""},
		{"app user", Token{Kind: AppUser, Expires: expires}, "none", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.token.Login = "Alice"
			answer, user := call(t, web, "GET", url, addToken(t, s, test.token), "")
			if answer.StatusCode != 200 || user["login"] != "Alice" {
				t.Errorf("%d %v", answer.StatusCode, user)
			}
			scopes := "none"
			if got := answer.Header.Values("X-OAuth-Scopes"); len(got) > 0 {
				scopes = got[0]
			}
			if scopes != test.scopes {
				t.Errorf("X-OAuth-Scopes %q, want %q", scopes, test.scopes)
			}
			if got := answer.Header.Get("GitHub-Authentication-Token-Expiration"); got != test.expires {
				t.Errorf("expires %q, want %q", got, test.expires)
			}
		})
	}
	for _, kind := range []string{AppInstallation, AppInstallationStateless} {
		secret := addToken(t, s, Token{Kind: kind, Login: "ci[bot]", Owner: "acme"})
		expect(t, web, "GET", url, secret, "", 403, "Resource not accessible by integration")
	}
	expired := addToken(t, s, Token{Kind: FineGrained, Login: "alice", Expires: time.Now()})
	expect(t, web, "GET", url, expired, "", 401, "Bad credentials")
	revoked := addToken(t, s, Token{Kind: Classic, Login: "alice"})
	if err := s.Revoke(revoked); err != nil {
		t.Fatal(err)
	}
	expect(t, web, "GET", url, revoked, "", 401, "Bad credentials")
	refresh := addToken(t, s, Token{Kind: AppRefresh, Login: "alice"})
	expect(t, web, "GET", url, refresh, "", 401, "Bad credentials")
}

func TestRESTRateLimit(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.AddHost("ghes.corp.example")
	web := webClient(t, s)
	const url = "https://api.github.com/user"
	first := addToken(t, s, Token{Kind: Classic, Login: "alice"})
	second := addToken(t, s, Token{Kind: FineGrained, Login: "Alice"})
	other := addToken(t, s, Token{Kind: Classic, Login: "bob"})
	check := func(secret, remaining string, status int) {
		t.Helper()
		answer, _ := call(t, web, "GET", url, secret, "")
		if got := answer.Header.Get("X-RateLimit-Remaining"); got != remaining || answer.StatusCode != status {
			t.Errorf("%d with %q remaining, want %d with %s", answer.StatusCode, got, status, remaining)
		}
		seconds, err := strconv.ParseInt(answer.Header.Get("X-RateLimit-Reset"), 10, 64)
		if left := time.Until(time.Unix(seconds, 0)); err != nil || left < 59*time.Minute || left > 61*time.Minute {
			t.Errorf("reset in %v (%v), want an hour", left, err)
		}
	}
	check(first, "4999", 200)
	check(second, "4998", 200) // both tokens belong to one user
	s.SetRateLimit("github.com", "alice", 1)
	check(first, "0", 200)
	check(second, "0", 403)
	check(other, "4999", 200)

	ghes := addToken(t, s, Token{Host: "ghes.corp.example", Kind: Classic, Login: "alice"})
	const onGHES = "https://ghes.corp.example/api/v3/user"
	answer := expect(t, web, "GET", onGHES, ghes, "", 200, "")
	if answer.Header.Get("X-RateLimit-Remaining") != "" {
		t.Error("Enterprise Server counts without being told to")
	}
	s.SetRateLimit("ghes.corp.example", "alice", 0)
	answer = expect(t, web, "GET", onGHES, ghes, "", 403, fmt.Sprintf("API rate limit exceeded for user ID %d.", numberOf("alice")))
	if answer.Header.Get("X-RateLimit-Remaining") != "0" {
		t.Error("no x-ratelimit-remaining on Enterprise Server")
	}
}

func TestRESTRepositories(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.AddHost("ghes.corp.example")
	for _, r := range []Repository{
		{Owner: "acme", Name: "widgets", Private: true, Wiki: true},
		{Owner: "acme", Name: "other", Private: true},
		{Owner: "acme", Name: "site"},
		{Owner: "globex", Name: "plans", Private: true},
		{Owner: "globex", Name: "home"},
		{Host: "gist.github.com", Owner: "alice", Name: "0123abcd"},
		{Host: "ghes.corp.example", Owner: "acme", Name: "inner", Private: true},
		{Host: "ghes.corp.example", Owner: "acme", Name: "old"},
	} {
		addRepository(t, s, r)
	}
	tokens := map[string]string{
		"all":      addToken(t, s, Token{Kind: FineGrained, Login: "alice", Owner: "acme"}),
		"selected": addToken(t, s, Token{Kind: FineGrained, Login: "alice", Owner: "acme", Repositories: []string{"widgets"}}),
		"pending":  addToken(t, s, Token{Kind: FineGrained, Login: "alice", Owner: "acme", Pending: true}),
		"classic":  addToken(t, s, Token{Kind: Classic, Login: "alice", Owners: []string{"acme"}}),
		"noscope":  addToken(t, s, Token{Kind: Classic, Login: "alice", Scopes: []string{}}),
		"ci":       addToken(t, s, Token{Kind: AppInstallation, Login: "ci[bot]", Owner: "acme", Repositories: []string{"other", "site"}}),
		"ghes":     addToken(t, s, Token{Host: "ghes.corp.example", Kind: Classic, Login: "alice"}),
	}
	web := webClient(t, s)
	const api = "https://api.github.com/"
	const ghes = "https://ghes.corp.example/api/v3/"

	for _, test := range []struct {
		token, path string
		status      int
	}{
		{"", "acme/site", 200}, {"", "acme/widgets", 404}, {"", "acme/none", 404},
		{"all", "ACME/Widgets", 200}, {"all", "globex/plans", 404}, {"all", "globex/home", 200},
		{"selected", "acme/widgets", 200}, {"selected", "acme/other", 404}, {"selected", "acme/none", 404},
		{"pending", "acme/widgets", 404}, {"pending", "acme/site", 200},
		{"classic", "acme/widgets", 200}, {"classic", "globex/plans", 404},
		{"noscope", "acme/widgets", 404}, {"noscope", "acme/site", 200},
		{"ci", "acme/other", 200}, {"ci", "acme/widgets", 404},
		{"all", "acme/widgets/", 404}, {"all", "acme/widgets.wiki", 404}, {"all", "acme/widgets.git", 404}, {"all", "acme", 404},
	} {
		answer, values := call(t, web, "GET", api+"repos/"+test.path, tokens[test.token], "")
		if answer.StatusCode != test.status {
			t.Errorf("%s %s: %d, want %d", test.token, test.path, answer.StatusCode, test.status)
		}
		if full, _ := values["full_name"].(string); test.status == 200 && !strings.EqualFold(full, test.path) {
			t.Errorf("%s %s: full_name %q", test.token, test.path, full)
		}
	}

	for _, test := range []struct{ token, url, key, want string }{
		{"all", api + "user/repos?visibility=private&per_page=100", "list", "acme/widgets acme/other"},
		{"selected", api + "user/repos?visibility=private&per_page=1", "list", "acme/widgets"},
		{"selected", api + "user/repos", "list", "acme/widgets acme/site globex/home"},
		{"pending", api + "user/repos?visibility=private&per_page=1", "list", ""},
		{"classic", api + "user/repos?visibility=private", "list", "acme/widgets acme/other"},
		{"classic", api + "user/repos?visibility=public", "list", "acme/site"},
		{"noscope", api + "user/repos?visibility=private", "list", ""},
		{"ghes", ghes + "user/repos?visibility=private", "list", "acme/inner"},
		{"ci", api + "installation/repositories", "repositories", "acme/other acme/site"},
	} {
		answer, values := call(t, web, "GET", test.url, tokens[test.token], "")
		if got := names(values, test.key); answer.StatusCode != 200 || got != test.want {
			t.Errorf("%s %s: %d %q, want %q", test.token, test.url, answer.StatusCode, got, test.want)
		}
	}
	answer, _ := call(t, web, "GET", api+"user/repos?visibility=private&per_page=1", tokens["all"], "")
	next, _, _ := strings.Cut(strings.TrimPrefix(answer.Header.Get("Link"), "<"), ">")
	if _, values := call(t, web, "GET", next, tokens["all"], ""); names(values, "list") != "acme/other" {
		t.Errorf("the next page %q has %q", next, names(values, "list"))
	}
	expect(t, web, "GET", api+"user/repos", tokens["ci"], "", 403, "Resource not accessible by integration")
	expect(t, web, "GET", api+"installation/repositories", tokens["classic"], "", 403, "Resource not accessible by personal access token")
	expect(t, web, "GET", api+"installation/repositories", "", "", 401, "Requires authentication")

	// The text for Git, before and after the approval of a token.
	const widgets = "https://github.com/acme/widgets.git" + probe
	if status, text := gitProbe(t, web, widgets, tokens["pending"]); status != 403 || text != "Write access to repository not granted." {
		t.Errorf("pending: %d %q", status, text)
	}
	if err := s.Approve(tokens["pending"]); err != nil {
		t.Fatal(err)
	}
	if status, text := gitProbe(t, web, widgets, tokens["pending"]); status != 200 {
		t.Errorf("approved: %d %q", status, text)
	}
	if _, err := s.AddToken(Token{Kind: Classic, Pending: true}); err == nil {
		t.Error("a pending classic token: no error")
	}

	// Only tokens with access are redirected, on the same host.
	for _, rename := range [][3]string{
		{"github.com", "acme/widgets", "acme/gadgets"}, {"ghes.corp.example", "acme/old", "acme/new"},
	} {
		if err := s.Rename(rename[0], rename[1], rename[2]); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, web, "GET", api+"repos/acme/widgets", tokens["ci"], "", 404, "Not Found")
	for _, test := range []struct{ url, token, prefix, want string }{
		{api + "repos/acme/widgets", "selected", api + "repositories/", "acme/gadgets"},
		{ghes + "repos/acme/old", "ghes", ghes + "repositories/", "acme/new"},
	} {
		answer := expect(t, web, "GET", test.url, tokens[test.token], "", 301, "Moved Permanently")
		location := answer.Header.Get("Location")
		if !strings.HasPrefix(location, test.prefix) {
			t.Errorf("%s: Location %q", test.url, location)
		}
		if _, values := call(t, web, "GET", location, tokens[test.token], ""); values["full_name"] != test.want {
			t.Errorf("%s: %v, want %s", location, values, test.want)
		}
		expect(t, web, "GET", location+"000", tokens[test.token], "", 404, "Not Found")
	}
}

func TestRESTRevoke(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	addRepository(t, s, Repository{Owner: "acme", Name: "widgets", Private: true})
	s.AddHost("ghes.corp.example")
	web := webClient(t, s)
	const url = "https://api.github.com/credentials/revoke"
	const onGHES = "https://ghes.corp.example/api/v3/credentials/revoke"

	var secrets []string
	for _, kind := range []string{FineGrained, Classic, OAuth, AppUser, AppRefresh} {
		secrets = append(secrets, addToken(t, s, Token{ID: kind, Kind: kind, Login: "alice", Owner: "acme"}))
	}
	ignored := []string{
		addToken(t, s, Token{ID: "ci", Kind: AppInstallation, Login: "ci[bot]", Owner: "acme"}),
		addToken(t, s, Token{ID: "hex", Kind: ClassicHex, Login: "alice"}),
		addToken(t, s, Token{ID: "ghes", Kind: Classic, Host: "ghes.corp.example", Login: "alice"}),
	}
	unknown, err := MintSecret(Classic)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"", "no JSON", "{}", `{"credentials":[]}`, `{"credentials":"x"}`, `{"credentials":[1]}`} {
		expect(t, web, "POST", url, "", body, 422, "Validation Failed")
	}
	many := slices.Repeat([]string{"x"}, 1001)
	expect(t, web, "POST", url, "", credentials(many...), 422, "Validation Failed")
	expect(t, web, "POST", url, "", credentials(many[1:]...), 202, "")
	answer := expect(t, web, "POST", url, secrets[0], credentials(secrets...), 403, "")
	if answer.Header.Get("X-RateLimit-Remaining") != "4999" {
		t.Error("a signed-in request counts as anonymous")
	}
	for _, secret := range secrets {
		if s.Revoked(secret) {
			t.Error("revoked by a request that was refused")
		}
	}

	all := append(append([]string{unknown, "hunter2"}, ignored...), secrets...)
	expect(t, web, "POST", url, "", credentials(all...), 202, "")
	log := s.Requests()
	if last := log[len(log)-1]; last.Token != "app-refresh,app-user,ci,classic,fine-grained,ghes,hex,oauth" {
		t.Errorf("log: %+v, want the tokens of the body", last)
	}
	for i, secret := range secrets {
		if !s.Revoked(secret) {
			t.Errorf("%d: not revoked", i)
		}
		expect(t, web, "GET", "https://api.github.com/user", secret, "", 401, "Bad credentials")
		if status, text := gitProbe(t, web, "https://github.com/acme/widgets.git"+probe, secret); status != 401 || text != invalid {
			t.Errorf("%d: Git says %d %q", i, status, text)
		}
	}
	for i, secret := range ignored {
		if s.Revoked(secret) {
			t.Errorf("ignored %d: revoked", i)
		}
	}

	// The list of an installation.
	const installation = "https://api.github.com/installation/token"
	expect(t, web, "DELETE", installation, "", "", 401, "Requires authentication")
	expect(t, web, "DELETE", installation, ignored[1], "", 403, "Resource not accessible by personal access token")
	expect(t, web, "DELETE", installation, ignored[0], "", 204, "")
	expect(t, web, "DELETE", installation, ignored[0], "", 401, "Bad credentials")
	if status, _ := gitProbe(t, web, "https://github.com/acme/widgets.git"+probe, ignored[0]); status != 401 {
		t.Errorf("after DELETE Git says %d", status)
	}

	// The rate limit for an hour.
	s.SetRateLimit("api.github.com", "", 2)
	for i, want := range []int{202, 202, 403} {
		answer, _ := call(t, web, "POST", url, "", credentials("x"))
		if got := answer.Header.Get("X-RateLimit-Remaining"); answer.StatusCode != want || got != fmt.Sprint(max(1-i, 0)) {
			t.Errorf("call %d: %d with %s remaining, want %d", i, answer.StatusCode, got, want)
		}
	}

	signed := addToken(t, s, Token{Kind: Classic, Host: "ghes.corp.example", Login: "alice"})
	expect(t, web, "POST", onGHES, "", credentials(ignored[2]), 401, "Requires authentication")
	expect(t, web, "POST", onGHES, signed, credentials(ignored[2]), 202, "")
	expect(t, web, "GET", "https://ghes.corp.example/api/v3/user", ignored[2], "", 401, "Bad credentials")
}

func TestRevokeLimit(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	web := webClient(t, s)
	for i := range 61 {
		want := 202
		if i == 60 {
			want = 403
		}
		answer, _ := call(t, web, "POST", "https://api.github.com/credentials/revoke", "", credentials("x"))
		if answer.StatusCode != want {
			t.Fatalf("call %d: %d, want %d", i+1, answer.StatusCode, want)
		}
	}
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	dir := addRepository(t, s, Repository{Owner: "Acme", Name: "widgets", Private: true})
	addRepository(t, s, Repository{Owner: "Acme", Name: "site"})
	soon := time.Now().Add(30 * 24 * time.Hour)
	outside := []string{"globex"}
	tokens := map[string]string{
		"classic":    addToken(t, s, Token{ID: "classic", Kind: Classic, Login: "alice", Write: true, Expires: soon}),
		"authorised": addToken(t, s, Token{Kind: Classic, Login: "alice", Write: true, Expires: soon, SSO: []string{"acme"}}),
		"oauth":      addToken(t, s, Token{Kind: OAuth, Login: "alice", Write: true}),
		"fine":       addToken(t, s, Token{Kind: FineGrained, Login: "alice", Owner: "acme", Write: true, Expires: soon}),
		"forever":    addToken(t, s, Token{ID: "forever", Kind: FineGrained, Login: "alice", Owner: "acme", Write: true}),
		"old":        addToken(t, s, Token{ID: "old", Kind: Classic, Login: "alice", Expires: soon, Created: soon.Add(-31 * 24 * time.Hour)}),
		"outsider":   addToken(t, s, Token{Kind: Classic, Login: "bob", Owners: outside}),
		"ci":         addToken(t, s, Token{Kind: AppInstallation, Login: "ci[bot]", Owner: "acme", Write: true}),
	}
	web := webClient(t, s)
	const (
		allowList = "Although you appear to have the correct authorization credentials, the `Acme` organization has an IP allow list enabled, " +
			"and your IP address is not permitted to access this resource."
		forbidden = "`Acme` forbids access via a personal access token (classic). " +
			"Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions."
		restricted = "Although you appear to have the correct authorization credentials, the `Acme` organization has enabled " +
			"OAuth App access restrictions, meaning that data access to third-parties is limited."
		samlPersonal = "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization."
		samlOAuth    = "Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization."
		reauthorize  = "The 'Acme' organization has enabled or enforced SAML SSO. To access\n" +
			"this repository, you must re-authorize the OAuth Application 'GitHub CLI'."
		visit = "The 'Acme' organization has enabled or enforced SAML SSO. To access\n" +
			"this repository, visit https://github.com/orgs/Acme/sso?authorization_request=X\nand try your request again."
	)
	lifetime := func(kind, page, id string, days int) string {
		return fmt.Sprintf("The 'Acme' organization forbids access via %s if the token's lifetime is greater than %d days. "+
			"Please adjust your token's lifetime at the following URL: https://github.com/settings/%s/%d", kind, days, page, numberOf(id))
	}
	tooLongFine := lifetime("a fine-grained personal access tokens", "personal-access-tokens", "forever", 366)
	tooLongClassic := lifetime("a personal access token (classic)", "tokens", "old", 30)
	for _, test := range []struct {
		name            string
		policy          Policy
		token           string
		rest, git       string // refusals for reading a private repository; empty if accepted
		public, pushing bool   // reading and writing a public repository is accepted
	}{
		{"nothing", Policy{}, "classic", "", "", true, true},
		{"allow list", Policy{IPAllowList: true}, "fine", allowList, allowList, true, false},
		{"allow list and app", Policy{IPAllowList: true}, "ci", allowList, allowList, true, false},
		{"classic forbidden", Policy{ClassicForbidden: true}, "classic", forbidden, forbidden, true, false},
		{"classic forbidden, fine-grained", Policy{ClassicForbidden: true}, "fine", "", "", true, true},
		{"classic forbidden, OAuth", Policy{ClassicForbidden: true}, "oauth", "", "", true, true},
		{"OAuth restricted", Policy{OAuthRestricted: true}, "oauth", restricted, restricted, true, false},
		{"OAuth restricted, classic", Policy{OAuthRestricted: true}, "classic", "", "", true, true},
		{"SSO", Policy{SSO: true}, "classic", samlPersonal, visit, true, false},
		{"SSO authorised", Policy{SSO: true}, "authorised", "", "", true, true},
		{"SSO, OAuth", Policy{SSO: true}, "oauth", samlOAuth, reauthorize, true, false},
		{"SSO, fine-grained", Policy{SSO: true}, "fine", "", "", true, true},
		{"SSO, app", Policy{SSO: true}, "ci", "", "", true, true},
		{"lifetime", Policy{MaxLifetimeDays: 366}, "forever", tooLongFine, tooLongFine, false, false},
		{"lifetime, classic", Policy{MaxLifetimeDays: 30}, "old", tooLongClassic, tooLongClassic, false, false},
		{"lifetime short", Policy{MaxLifetimeDays: 31}, "fine", "", "", true, true},
		{"lifetime, app", Policy{MaxLifetimeDays: 1}, "ci", "", "", true, true},
		{"lifetime, OAuth", Policy{MaxLifetimeDays: 1}, "oauth", "", "", true, true},
		{"lifetime, outsider", Policy{MaxLifetimeDays: 1}, "outsider", "Not Found", "Repository not found.", true, false},
		{"outsider", Policy{true, true, true, 0, true}, "outsider", "Not Found", "Repository not found.", true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.SetPolicy("", "acme", test.policy)
			secret := tokens[test.token]
			status := func(refusal string) int {
				switch refusal {
				case "":
					return 200
				case "Not Found", "Repository not found.":
					return 404
				}
				return 403
			}
			answer := expect(t, web, "GET", "https://api.github.com/repos/acme/widgets", secret, "", status(test.rest), test.rest)
			url, sso := strings.CutPrefix(answer.Header.Get("X-GitHub-SSO"), "required; url=https://github.com/orgs/Acme/sso?authorization_request=")
			if want := strings.HasPrefix(test.rest, "Resource protected"); sso != want || sso && len(url) < 20 {
				t.Errorf("X-GitHub-SSO %q", answer.Header.Get("X-GitHub-SSO"))
			}
			got, text := gitProbe(t, web, "https://github.com/acme/widgets.git"+probe, secret)
			if got != status(test.git) || got != 200 && hideRequest(text) != test.git {
				t.Errorf("Git: %d\n%q, want %d\n%q", got, text, status(test.git), test.git)
			}
			public := map[bool]int{true: 200, false: 403}
			expect(t, web, "GET", "https://api.github.com/repos/acme/site", secret, "", public[test.public], "")
			if got, text := gitProbe(t, web, "https://github.com/acme/site.git"+probe, secret); got != public[test.public] {
				t.Errorf("Git, public: %d %q", got, text)
			}
			push := strings.Replace(probe, "upload", "receive", 1)
			if got, text := gitProbe(t, web, "https://github.com/acme/site.git"+push, secret); got != public[test.pushing] {
				t.Errorf("Git, push to public: %d %q", got, text)
			}
			if test.token != "ci" {
				expect(t, web, "GET", "https://api.github.com/user", secret, "", 200, "")
			}
			expect(t, web, "GET", "https://api.github.com/repos/acme/site", "", "", 200, "")
		})
	}

	// The text that Git shows.
	s.SetPolicy("github.com", "ACME", Policy{SSO: true})
	c := newClient(t, s)
	_, stderr, _ := c.git("any", tokens["classic"], "", "ls-remote", "https://github.com/acme/widgets.git")
	want := "remote: " + strings.ReplaceAll(visit, "\n", "\nremote: ") + "\n"
	if !strings.HasPrefix(hideRequest(stderr), want) || !strings.HasSuffix(stderr, "returned error: 403\n") {
		t.Errorf("Git shows %q, want %q", stderr, want)
	}
	answer, values := call(t, web, "GET", "https://api.github.com/user/repos?visibility=private", tokens["classic"], "")
	if got := answer.Header.Get("X-GitHub-SSO"); got != fmt.Sprintf("partial-results; organizations=%d", numberOf("acme")) || names(values, "list") != "" {
		t.Errorf("list: X-GitHub-SSO %q, %v", got, values)
	}
	if err := s.Authorize(tokens["classic"], "acme"); err != nil {
		t.Fatal(err)
	}
	if got, want := c.must("any", tokens["classic"], "", "ls-remote", "https://github.com/acme/widgets.git"), head(t, dir); !strings.HasPrefix(got, want) {
		t.Errorf("authorised: %q", got)
	}
}

// hideRequest replaces the random part of a text.
func hideRequest(text string) string {
	before, after, ok := strings.Cut(text, "authorization_request=")
	if !ok {
		return text
	}
	return before + "authorization_request=X" + strings.TrimLeft(after, base62)
}

func TestRESTFaults(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.AddHost("ghes.corp.example")
	addRepository(t, s, Repository{Owner: "acme", Name: "widgets", Private: true})
	mine := addToken(t, s, Token{ID: "mine", Kind: Classic, Login: "alice"})
	ghes := addToken(t, s, Token{ID: "ghes", Kind: Classic, Host: "ghes.corp.example", Login: "alice"})
	web := webClient(t, s)
	const user, onGHES = "https://api.github.com/user", "https://ghes.corp.example/api/v3/user"
	const revoke = "https://api.github.com/credentials/revoke"
	const widgets = "https://github.com/acme/widgets.git" + probe

	// The first fault is used first, and only for requests that would be
	// accepted.
	s.Fail("api.github.com", "/user", 503, "", 1)
	s.Fail("api.github.com", "/user", 429, "You have exceeded a secondary rate limit.", 1)
	s.Fail("ghes.corp.example", "/api/v3/", 500, "Server Error", 1)
	expect(t, web, "GET", user, "", "", 401, "Requires authentication")
	expect(t, web, "GET", user, mine, "", 503, "Service Unavailable")
	if answer := expect(t, web, "GET", user, mine, "", 429, "You have exceeded a secondary rate limit."); answer.Header.Get("Retry-After") == "" {
		t.Error("429 without Retry-After")
	}
	expect(t, web, "GET", user, mine, "", 200, "")
	expect(t, web, "GET", onGHES, ghes, "", 500, "Server Error")
	expect(t, web, "GET", onGHES, ghes, "", 200, "")

	const wait = 50 * time.Millisecond
	s.Delay("ghes.corp.example", "/api/v3/user", wait)
	start := time.Now()
	expect(t, web, "GET", onGHES, ghes, "", 200, "")
	if took := time.Since(start); took < wait {
		t.Errorf("took %v with a delay of %v", took, wait)
	}

	t.Run("Fail changes nothing", func(t *testing.T) {
		victim := addToken(t, s, Token{Kind: Classic, Login: "alice"})
		s.Fail("api.github.com", "/credentials/", 500, "", 1)
		expect(t, web, "POST", revoke, "", credentials(victim), 500, "Internal Server Error")
		if s.Revoked(victim) {
			t.Error("revoked all the same")
		}
	})
	t.Run("Break", func(t *testing.T) {
		older := webClient(t, s)
		older.Transport.(*http.Transport).ForceAttemptHTTP2 = false
		for _, test := range []struct {
			host, url, secret string
			web               *http.Client
			major             int
		}{
			{"api.github.com", user, mine, web, 2},
			{"api.github.com", user, mine, older, 1},
			{"ghes.corp.example", onGHES, ghes, web, 2},
		} {
			s.Break(test.host, "", 1)
			answer, err := test.web.Do(restRequest(t, "GET", test.url, test.secret, ""))
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if answer.StatusCode != 200 || err == nil || len(body) == 0 || json.Valid(body) || answer.ProtoMajor != test.major {
				t.Errorf("%s: %d %q, %v, want half a body", test.url, answer.StatusCode, body, err)
			}
			expect(t, web, "GET", test.url, test.secret, "", 200, "")
		}
		s.Break("github.com", "/acme/", 1)
		c := newClient(t, s)
		if _, stderr, err := c.git("any", mine, "", "ls-remote", "https://github.com/acme/widgets.git"); err == nil {
			t.Errorf("Git was content: %q", stderr)
		}
		c.must("any", mine, "", "ls-remote", "https://github.com/acme/widgets.git")

		// A request without a body in its answer, which has its effect.
		ci := addToken(t, s, Token{Kind: AppInstallation, Login: "ci[bot]", Owner: "acme"})
		s.Break("api.github.com", "/installation/token", 1)
		if answer, err := web.Do(restRequest(t, "DELETE", "https://api.github.com/installation/token", ci, "")); err == nil {
			t.Errorf("%d, want no answer", answer.StatusCode)
		}
		log := s.Requests()
		if last := log[len(log)-1]; last.Status != 0 {
			t.Errorf("log: %+v, want no status", last)
		}
		if !s.Revoked(ci) {
			t.Error("the request had no effect")
		}
	})
	t.Run("Garbage", func(t *testing.T) {
		s.Garbage("api.github.com", "/user", 1)
		s.Garbage("github.com", "/acme/", 1)
		answer, text := do(t, web, restRequest(t, "GET", user, mine, ""))
		if answer.StatusCode != 200 || json.Valid([]byte(text)) {
			t.Errorf("%d %q", answer.StatusCode, text)
		}
		if status, text := gitProbe(t, web, widgets, mine); status != 200 || !strings.HasPrefix(text, "<!DOCTYPE html>") {
			t.Errorf("Git: %d %q", status, text)
		}
	})
	t.Run("Endless", func(t *testing.T) {
		s.Endless("api.github.com", "/user", 1)
		answer, err := web.Do(restRequest(t, "GET", user, mine, ""))
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.CopyN(io.Discard, answer.Body, 4<<20)
		answer.Body.Close()
		if answer.StatusCode != 200 || err != nil {
			t.Errorf("%d, %d bytes, %v", answer.StatusCode, n, err)
		}
		expect(t, web, "GET", user, mine, "", 200, "")
	})
	t.Run("Redirect", func(t *testing.T) {
		s.Redirect("api.github.com", "/", "evil.example", 2)
		s.Redirect("github.com", "/acme/", "http://github.com/", 1)
		for _, test := range []struct {
			method, url, secret, body string
			status                    int
			location                  string
		}{
			{"GET", user + "?a=b", mine, "", 302, "https://evil.example/user?a=b"},
			{"POST", revoke, "", credentials(mine), 307, "https://evil.example/credentials/revoke"},
		} {
			answer, _ := do(t, web, restRequest(t, test.method, test.url, test.secret, test.body))
			if got := answer.Header.Get("Location"); answer.StatusCode != test.status || got != test.location {
				t.Errorf("%s: %d to %q", test.url, answer.StatusCode, got)
			}
		}
		if status, _ := gitProbe(t, web, widgets, mine); status != 302 {
			t.Errorf("Git: %d, want 302", status)
		}
		if got := s.SecretsSeenBy("evil.example"); len(got) != 0 || s.Revoked(mine) {
			t.Errorf("evil.example saw %q before anybody went there", got)
		}

		// A client that follows every redirect with its body is found out.
		careless := *web
		careless.CheckRedirect = nil
		s.Redirect("api.github.com", "/credentials/", "https://evil.example", 1)
		do(t, &careless, restRequest(t, "POST", revoke, "", credentials(mine)))
		if got := fmt.Sprint(s.SecretsSeenBy("evil.example")); got != "[mine]" {
			t.Errorf("evil.example saw %s, want [mine]", got)
		}
	})
}

// TestCloseWhileEndless checks that Close ends an endless answer.
func TestCloseWhileEndless(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	secret := addToken(t, s, Token{Kind: Classic, Login: "alice"})
	s.Endless("api.github.com", "/", 1)
	answer, err := webClient(t, s).Do(restRequest(t, "GET", "https://api.github.com/user", secret, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	s.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("the body ended: %v", err)
	}
}
