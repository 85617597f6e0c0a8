package credential

import (
	"errors"
	"strings"
	"testing"
)

func TestParseRequest(t *testing.T) {
	r, err := ParseRequest("https", "GitHub.com:443", "acme/x", "alice")
	if want := (Request{Host: "github.com", Path: "acme/x", Username: "alice"}); r != want || err != nil {
		t.Errorf("got %+v and %v, want %+v", r, err, want)
	}
	// A query does not count. A path with nothing before the query must not be lost.
	for path, want := range map[string]string{"acme/x?go-get=1": "acme/x", "/acme/x/?a?b": "/acme/x/", "acme?tab=repositories": "acme", "?acme/x": "?acme/x", "/?": "/?", "": ""} {
		if r, err := ParseRequest("https", "github.com", path, ""); r.Path != want || err != nil {
			t.Errorf("%q: got %q and %v, want %q", path, r.Path, err, want)
		}
	}
	for _, test := range [][2]string{{"http", "github.com"}, {"ssh", "github.com"}, {"", "github.com"}, {"HTTPS", "github.com"}, {"https", "g\u0131thub.com"}} {
		if _, err := ParseRequest(test[0], test[1], "a", ""); err != ErrNotOurs {
			t.Errorf("%q: got %v, want ErrNotOurs", test, err)
		}
	}
	var bad *HostError
	if _, err := ParseRequest("https", "a b", "", ""); !errors.As(err, &bad) {
		t.Errorf("got %v, want a *HostError", err)
	}
}

func TestPlace(t *testing.T) {
	for _, test := range []struct{ host, path, user, want string }{
		{"github.com", "Acme/x.git", "alice", "github.com/Acme/x.git"},
		{"acme.visualstudio.com", "p/_git/r", "", "dev.azure.com/acme/p/_git/r"},
		{"dev.azure.com", "", "acme", "dev.azure.com/acme"},
		{"dev.azure.com", "", PushLogin, "dev.azure.com/"}, // not an organization
	} {
		host, path := (Request{Host: test.host, Path: test.path, Username: test.user}).Place()
		if got := host + "/" + path; got != test.want {
			t.Errorf("%s/%s of %q: got %q, want %q", test.host, test.path, test.user, got, test.want)
		}
	}
}

func TestTokenForName(t *testing.T) {
	for _, test := range []struct {
		host, user string
		want       bool
	}{
		{"gitlab.com", "glp" + "at-" + "x", true},
		{"git.example.com", "ghp" + "_x", true},
		{"git.example.com", strings.Repeat("0a", 20), true},
		{"dev.azure.com", strings.Repeat("a2", 26), true},
		{"git.example.com", strings.Repeat("a2", 26), false}, // a long login
		{"github.com", "alice", false},
	} {
		if got := (Request{Host: test.host, Username: test.user}).TokenForName(); got != test.want {
			t.Errorf("%q at %s: got %v, want %v", test.user, test.host, got, test.want)
		}
	}
}

func TestLogin(t *testing.T) {
	for host, want := range map[string]string{"github.com": "alice", "gitlab.com": "alice", "git.example.com": "alice", "bitbucket.org": "", "dev.azure.com": "", "acme.visualstudio.com": ""} {
		if got := (Request{Host: host, Username: "alice"}).Login(); got != want {
			t.Errorf("%s: got %q, want %q", host, got, want)
		}
	}
	for name, want := range map[string]string{"": "", "alice": "alice", "x-access-token": "", "git-push": "", "git": "", "oauth2": "", "x-oauth-basic": "", "x-token-auth": "", "git2": "git2"} {
		if got := (Request{Username: name}).Login(); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
