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
			`no token for github.com/acme/widgets belongs to "b\x1bb"; one belongs to "alice"`},
		{"a token for a login", Request{Path: "acme/widgets", Username: "ghp_" + strings.Repeat("Z", 36)}, []Candidate{of("alice", laptop)},
			`no token for github.com/acme/widgets belongs to ***; one belongs to "alice"`},
		{"an old token for a login", Request{Path: "acme/widgets", Username: strings.Repeat("0a", 20)}, []Candidate{of("alice", laptop)},
			`no token for github.com/acme/widgets belongs to ***; one belongs to "alice"`},
		{"expired", Request{Path: "acme/widgets"}, []Candidate{ended(0)}, `the token "laptop" for github.com/acme expired today`},
		{"on this day", Request{Path: "acme/widgets"}, []Candidate{ended(11 * time.Hour)}, `the token "laptop" for github.com/acme expired today`},
		{"on the day before", Request{Path: "acme/widgets"}, []Candidate{ended(13 * time.Hour)},
			`the token "laptop" for github.com/acme expired yesterday`},
		{"days ago", Request{Path: "acme/widgets"}, []Candidate{ended(49 * time.Hour)},
			`the token "laptop" for github.com/acme expired 2 days ago`},
		{"set aside", Request{Path: "acme/widgets"}, []Candidate{refused(now, "rejected by github.com\x1b")},
			`the token "laptop" for github.com/acme is set aside: rejected by github.com\x1b today`},
		{"set aside by a clock that was ahead", Request{Path: "acme/widgets"}, []Candidate{refused(now.Add(time.Minute), "rejected")},
			`the token "laptop" for github.com/acme is set aside: rejected today`},
		{"set aside, nobody knows when", Request{Path: "acme/widgets"}, []Candidate{refused(time.Time{}, "rejected")},
			`the token "laptop" for github.com/acme is set aside: rejected some time ago`},
		{"lost", Request{Path: "acme/widgets"}, []Candidate{lost(laptop)}, `the token "laptop" for github.com/acme is missing from the store "keyring"`},
		{"unreadable", Request{Path: "acme/widgets"}, []Candidate{unreadable}, `cannot read the token "laptop" for github.com/acme: cut short`},
		{"two", Request{Path: "acme/widgets"}, []Candidate{named("a", laptop), named("b", laptop)},
			`2 tokens match github.com/acme/widgets equally well: "a" and "b"`},
		{"three", Request{Path: "acme/widgets"}, []Candidate{named("a", laptop), named("b", laptop), named("c", laptop)},
			`3 tokens match github.com/acme/widgets equally well: "a", "b" and "c"`},
		{"no repository", Request{}, []Candidate{laptop, fine("github.com", "globex")},
			"there are several tokens for github.com, and the request does not name a repository"},
	} {
		if test.request.Host == "" {
			test.request.Host = "github.com"
		}
		if got := Choose(test.request, test.has, now).Reason(); got != test.want {
			t.Errorf("%s:\ngot  %q\nwant %q", test.name, got, test.want)
		}
	}
}
