package credential

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestReason(t *testing.T) {
	named := func(name string, c Candidate) Candidate { c.Name, c.Store = name, "keyring"; return c }
	laptop := named("laptop", fine("github.com", "acme"))
	refused := func(t time.Time, reason string) Candidate {
		c := laptop
		c.Aside = &Aside{Time: t, Reason: reason, Offered: now} // otherwise it would be tried again
		return c
	}
	ended := func(ago time.Duration) Candidate {
		c := laptop
		c.Expires = now.Add(-ago)
		return c
	}
	unreadable := laptop
	unreadable.Damaged = errors.New("cut short")
	for _, test := range []struct {
		name    string
		request Request
		has     []Candidate
		want    string
	}{
		{"an answer", Request{Path: "acme/widgets"}, []Candidate{laptop}, ""},
		{"none", Request{Path: "Acme/widgets.git"}, nil, "no token for github.com/acme/widgets"},
		{"none, and no path", Request{}, nil, "no token for github.com"},
		{"none, and a path of another forge", Request{Host: "git.example", Path: "a b\x1b/c"}, nil, "no token for git.example"},
		{"another login", Request{Path: "acme/widgets", Username: "b\x1bb"}, []Candidate{of("alice", laptop)},
			`no token of "b\x1bb" for github.com/acme/widgets, but one of "alice"`},
		{"a token for a login", Request{Path: "acme/widgets", Username: "ghp_" + strings.Repeat("Z", 36)}, []Candidate{of("alice", laptop)},
			`no token of *** for github.com/acme/widgets, but one of "alice"`},
		{"an old token for a login", Request{Path: "acme/widgets", Username: strings.Repeat("0a", 20)}, []Candidate{of("alice", laptop)},
			`no token of *** for github.com/acme/widgets, but one of "alice"`},
		{"expired", Request{Path: "acme/widgets"}, []Candidate{ended(0)}, `the token "laptop" for github.com/acme expired today`},
		{"within a day", Request{Path: "acme/widgets"}, []Candidate{ended(23 * time.Hour)}, `the token "laptop" for github.com/acme expired today`},
		{"a day ago", Request{Path: "acme/widgets"}, []Candidate{ended(25 * time.Hour)},
			`the token "laptop" for github.com/acme expired a day ago, on 2026-11-19`},
		{"days ago", Request{Path: "acme/widgets"}, []Candidate{ended(49 * time.Hour)},
			`the token "laptop" for github.com/acme expired 2 days ago, on 2026-11-18`},
		{"set aside", Request{Path: "acme/widgets"}, []Candidate{refused(now, "rejected by github.com\x1b")},
			`the token "laptop" for github.com/acme was rejected by github.com\x1b today and is set aside`},
		{"set aside by a clock that was ahead", Request{Path: "acme/widgets"}, []Candidate{refused(now.Add(time.Minute), "refused")},
			`the token "laptop" for github.com/acme was refused today and is set aside`},
		{"set aside, nobody knows when", Request{Path: "acme/widgets"}, []Candidate{refused(time.Time{}, "refused")},
			`the token "laptop" for github.com/acme was refused some time ago and is set aside`},
		{"lost", Request{Path: "acme/widgets"}, []Candidate{lost(laptop)}, `the token "laptop" for github.com/acme is no longer in its store, "keyring"`},
		{"unreadable", Request{Path: "acme/widgets"}, []Candidate{unreadable}, `the token "laptop" for github.com/acme cannot be read: cut short`},
		{"two", Request{Path: "acme/widgets"}, []Candidate{named("a", laptop), named("b", laptop)},
			`2 tokens fit github.com/acme/widgets equally: "a" and "b"`},
		{"three", Request{Path: "acme/widgets"}, []Candidate{named("a", laptop), named("b", laptop), named("c", laptop)},
			`3 tokens fit github.com/acme/widgets equally: "a", "b" and "c"`},
		{"no repository", Request{}, []Candidate{laptop, fine("github.com", "globex")},
			"several tokens are for github.com, and the request names no repository"},
	} {
		if test.request.Host == "" {
			test.request.Host = "github.com"
		}
		if got := Choose(test.request, test.has, now).Reason(); got != test.want {
			t.Errorf("%s:\ngot  %q\nwant %q", test.name, got, test.want)
		}
	}

	// A date is in the time zone of the reader.
	east := now.In(time.FixedZone("", 13*60*60))
	got := Choose(Request{Host: "github.com", Path: "acme"}, []Candidate{ended(48 * time.Hour)}, east).Reason()
	if want := `the token "laptop" for github.com/acme expired 2 days ago, on 2026-11-19`; got != want {
		t.Errorf("in another time zone: got %q, want %q", got, want)
	}
}
