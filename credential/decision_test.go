package credential

import (
	"testing"
	"time"
)

func TestDecision(t *testing.T) {
	const gh = "github.com"
	for _, test := range []struct {
		name      string
		request   Request
		candidate Candidate
		level     Level
	}{
		{"repository", Request{Host: gh, Path: "acme/x"}, fine(gh, "acme/x"), HostLevel + 2},
		{"owner", Request{Host: gh, Path: "acme/x"}, fine(gh, "acme"), HostLevel + 1},
		{"host", Request{Host: gh, Path: "acme/x"}, fine(gh), HostLevel},
		{"gist", Request{Host: GistHost, Path: "x"}, fine(gh), AliasLevel},
		{"no path", Request{Host: gh}, fine(gh, "acme"), HostLevel + 1},
		{"a token, though not for this", Request{Host: gh, Path: "octo/x"}, fine(gh, "acme"), NoLevel},
		{"a token, though not usable", Request{Host: gh, Path: "octo/x"}, expired(fine(gh, "octo")), HostLevel + 1},
		{"a bad path where there is a token", Request{Host: gh, Path: "acme/.."}, fine(gh), NoLevel},
		{"a bad path of another host", Request{Host: "git.example.com", Path: "a b"}, fine(gh), NoLevel},
		{"a path of another forge", Request{Host: "git.example.com", Path: "a b"}, password("git.example.com", "a b"), HostLevel + 1},
		{"a password is no token", Request{Host: gh, Path: "acme/x"}, password(gh), HostLevel},
		{"another host", Request{Host: "git.example.com", Path: "acme/x"}, fine(gh), NoLevel},
		{"a token of an owner and a gist", Request{Host: GistHost, Path: "x"}, fine(gh, "acme"), NoLevel},
	} {
		d := Choose(test.request, []Candidate{test.candidate}, now)
		if d.Level != test.level {
			t.Errorf("%s: got level %d, want %d", test.name, d.Level, test.level)
		}
	}
}

func TestExpired(t *testing.T) {
	for _, test := range []struct {
		name    string
		expires time.Time
		want    bool
	}{
		{"never or unknown", time.Time{}, false},
		{"a moment ago", now.Add(-1), true},
		{"now", now, true},
		{"in a moment", now.Add(1), false},
		{"now, elsewhere", now.In(time.FixedZone("", 9*3600)), true},
	} {
		if got := (Record{Expires: test.expires}).Expired(now); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}
