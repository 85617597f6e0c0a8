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
	for name, want := range map[string]string{"": "", "alice": "alice", "x-access-token": "", "git-push": ""} {
		if got := (Request{Username: name}).Login(); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
