package githubtest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"
)

// rest calls an API with a header and returns the status, 0 for none, and the object
// in the answer.
func (s *Server) rest(t *testing.T, method, address, header, value string) (int, object) {
	t.Helper()
	ca, err := os.ReadFile(s.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots},
		Proxy:           func(*http.Request) (*url.URL, error) { return url.Parse(s.ProxyURL) },
	}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequest(method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(header, value)
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close()
	body := object{}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body
}

func issue(t *testing.T, s *Server, token Token) string {
	t.Helper()
	secret, err := s.AddToken(token)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func TestGitLab(t *testing.T) {
	s := startServer(t)
	s.AddForge("gitlab.example", GitLab, "/gitlab")
	const self = "https://gitlab.example/gitlab/api/v4/personal_access_tokens/self"
	call := func(method, query, secret string, want int) object {
		t.Helper()
		status, body := s.rest(t, method, self+query, "PRIVATE-TOKEN", secret)
		if status != want {
			t.Fatalf("%s %s: got %d, %v, want %d", method, query, status, body, want)
		}
		return body
	}
	first := issue(t, s, Token{ID: "first", Host: "gitlab.example", Kind: GitLab, Scopes: []string{"api"}, Expires: time.Now().AddDate(0, 0, 9)})
	if got := call("GET", "", first, 200); got["name"] != "first" || got["expires_at"] != time.Now().UTC().AddDate(0, 0, 9).Format(time.DateOnly) {
		t.Errorf("got %v", got)
	}
	call("GET", "", "x", 401)
	call("POST", "/rotate", issue(t, s, Token{Host: "gitlab.example", Kind: GitLab}), 403)
	call("POST", "/rotate?expires_at=2001-01-01", first, 400)
	call("POST", "/rotate?expires_at=soon", first, 400)

	// The old token is dead at once, and whoever rotates it again kills the new one.
	second := call("POST", "/rotate", first, 200)["token"]
	if second != s.Successor(first) {
		t.Error("the new token is another one")
	}
	call("GET", "", first, 401)
	call("GET", "", s.Successor(first), 200)
	call("POST", "/rotate", first, 401)
	call("GET", "", s.Successor(first), 401)

	// Answers that get lost after the request had its effect.
	for _, status := range []int{500, 0} {
		secret := issue(t, s, Token{Host: "gitlab.example", Kind: GitLab, Scopes: []string{"self_rotate"}})
		s.FailAfter("gitlab.example", "/gitlab/api/", status, 1)
		if got, _ := s.rest(t, "POST", self+"/rotate", "PRIVATE-TOKEN", secret); got != status {
			t.Errorf("got %d, want %d", got, status)
		}
		if !s.Revoked(secret) || s.Successor(secret) == "" {
			t.Error("the token was not rotated")
		}
	}
}

func TestGitea(t *testing.T) {
	s := startServer(t)
	s.AddForge("gitea.example", Gitea, "")
	for i, test := range []struct {
		token Token
		want  int
	}{
		{Token{Scopes: []string{"read:user"}}, 200},
		{Token{Scopes: []string{"write:repository"}}, 403},
		{Token{Scopes: []string{"read:user"}, Expires: time.Now().Add(-time.Hour)}, 401},
	} {
		test.token.Host, test.token.Kind, test.token.Login = "gitea.example", Gitea, "mona"
		status, body := s.rest(t, "GET", "https://gitea.example/api/v1/user", "Authorization", "token "+issue(t, s, test.token))
		if status != test.want || status == 200 && body["login"] != "mona" {
			t.Errorf("%d: got %d, %v", i, status, body)
		}
	}
}

// Git is served by the rights of the token.
func TestOtherForgesGit(t *testing.T) {
	s := startServer(t)
	for _, kind := range []string{GitLab, Gitea} {
		host := kind + ".example"
		s.AddForge(host, kind, "")
		if _, err := s.AddRepository(Repository{Host: host, Owner: "acme/backend", Name: "api", Private: true}); err != nil {
			t.Fatal(err)
		}
		for i, test := range []struct {
			token       Token
			fetch, push int
		}{
			{Token{Write: true}, 200, 200},
			{Token{Owner: "acme"}, 200, 403},
			{Token{Owner: "globex", Write: true}, 404, 404},
			{Token{Scopes: []string{"read_user"}}, map[string]int{GitLab: 401, Gitea: 403}[kind], map[string]int{GitLab: 401, Gitea: 403}[kind]},
		} {
			test.token.Host, test.token.Kind = host, kind
			c := newClient(t, s)
			secret := issue(t, s, test.token)
			before := len(s.Requests())
			_, _, fetchErr := c.git("any", secret, "", "clone", "--quiet", "https://"+host+"/acme/backend/api.git", fmt.Sprint("clone", i))
			requests := s.Requests()[before:]
			if status := requests[1].Status; status != test.fetch || (fetchErr == nil) != (status == 200) {
				t.Errorf("%s %d: got %d, %v", kind, i, status, fetchErr)
			}
			if fetchErr != nil {
				continue
			}
			c.must("", "", fmt.Sprint("clone", i), "commit", "--quiet", "--allow-empty", "-m", "x")
			_, stderr, pushErr := c.git("any", secret, fmt.Sprint("clone", i), "push", "--quiet")
			if (pushErr == nil) != (test.push == 200) {
				t.Errorf("%s %d: %v, %s", kind, i, pushErr, stderr)
			}
		}
	}
}
