package credential

import (
	"errors"
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

func TestLogin(t *testing.T) {
	for name, want := range map[string]string{"": "", "alice": "alice", "x-access-token": "", "git-push": "", "git": "", "oauth2": "", "x-oauth-basic": "", "x-token-auth": "", "git2": "git2"} {
		if got := (Request{Username: name}).Login(); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
