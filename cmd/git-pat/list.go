package main

import (
	"os"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

type listCommand struct {
	Target string `arg:"" optional:"" help:"list only the tokens for this host, owner or repository"`
	JSON   bool   `name:"json" help:"print JSON, for programs"`
}

func (listCommand) Help() string {
	return `The table shows for each token its target, name, kind and login, the access
that it was added for, when it expires, when it was last used, its store and
its state:

    ok           it can be used
    expires ...  it can be used for less than a week
    expired      the server rejects it from now on
    set aside    a server rejected it; Git does not get it any more
    not set      its store is a variable that is not set here
    unused       it was not used for eleven months; GitHub removes a token that
                 was not used for a year
    unreadable   its record is damaged

No token is shown, and no keyring or file with tokens is opened.

With --json there is an array of objects with the strings target, host, name,
kind and store, the array paths, and state; if known also forge (github,
gitlab, azure, bitbucket or gitea), username and access (read or write), and,
as times in RFC 3339 and UTC, added, expires, last_used and set_aside. Later
versions may add keys, but change none.`
}

// An entry is a token as --json shows it.
type entry struct {
	Target   string            `json:"target"`
	Host     string            `json:"host"`
	Paths    []string          `json:"paths"`
	Name     string            `json:"name"`
	Username string            `json:"username,omitempty"`
	Kind     credential.Kind   `json:"kind"`
	Forge    forge.Forge       `json:"forge,omitempty"`
	Access   credential.Access `json:"access,omitempty"`
	Added    time.Time         `json:"added,omitzero"`
	Expires  time.Time         `json:"expires,omitzero"`
	LastUsed time.Time         `json:"last_used,omitzero"`
	Store    string            `json:"store"`
	State    string            `json:"state"`
	SetAside time.Time         `json:"set_aside,omitzero"`
}

// The states of a token.
const (
	stateOK         = "ok"
	stateExpired    = "expired"
	stateSetAside   = "set aside"
	stateNotSet     = "not set"
	stateUnused     = "unused"
	stateUnreadable = "unreadable"
)

func state(c credential.Candidate, now time.Time) string {
	switch {
	case c.Damaged != nil:
		return stateUnreadable
	case c.Aside != nil:
		return stateSetAside
	case c.Expired(now):
		return stateExpired
	case isUnset(c.Store):
		return stateNotSet
	case tokens.IsUnused(c, now):
		return stateUnused
	}
	return stateOK
}

// isUnset reports whether a store is a variable that is not set here.
func isUnset(name string) bool {
	variable, ok := strings.CutPrefix(name, "env:")
	return ok && os.Getenv(variable) == ""
}

func (c *listCommand) Run(t *term.Terminal, kept *tokens.Tokens) error {
	var only *credential.Target
	records := kept.Tree.All()
	if c.Target != "" {
		target, err := tokens.ParseTargets([]string{c.Target})
		if err != nil {
			return err
		}
		own := forge.Of(target.Host)
		if normal, err := target.On(own); err == nil && own != forge.Other {
			target = normal // without what a URL has after the repository
		}
		only = &target
		records = kept.Within(target)
	}
	var found []credential.Candidate
	for candidate, err := range records {
		if err != nil {
			return err
		}
		found = append(found, candidate)
	}
	order := map[string]string{}
	for _, candidate := range found {
		order[candidate.Key] = candidate.Target.String() + "\x00" + candidate.Name
	}
	slices.SortStableFunc(found, func(x, y credential.Candidate) int { return strings.Compare(order[x.Key], order[y.Key]) })
	var err error
	if c.JSON {
		entries := []entry{} // not nil, which JSON calls null
		for _, candidate := range found {
			entries = append(entries, newEntry(candidate, kept.Now))
		}
		err = t.JSON(entries)
	} else {
		err = printTable(t, found, only, kept.Now)
	}
	if err != nil {
		return err
	}
	return damage(t, found)
}

// newEntry returns what --json shows of a token.
func newEntry(c credential.Candidate, now time.Time) entry {
	e := entry{
		Target:   c.Target.String(),
		Host:     c.Host,
		Paths:    append([]string{}, c.Paths...),
		Name:     c.Name,
		Username: c.Username,
		Kind:     c.Kind,
		Forge:    c.On(),
		Access:   c.Access,
		Added:    c.Added.UTC().Truncate(time.Second),
		Expires:  c.Expires.UTC(),
		LastUsed: c.Used.UTC().Truncate(time.Second),
		Store:    c.Store,
		State:    state(c, now),
	}
	if c.Aside != nil {
		e.SetAside = c.Aside.Time.UTC()
	}
	return e
}

func printTable(t *term.Terminal, found []credential.Candidate, only *credential.Target, now time.Time) error {
	if len(found) == 0 {
		if only != nil {
			t.Say("no token for %s", *only)
			t.Hint("to add one:", "git pat add "+shellWord(only.Short()))
			return nil
		}
		t.Say("no tokens yet")
		t.Hint("to add one:", "git pat add OWNER")
		return nil
	}
	columns := []term.Column{
		{Name: "TARGET"},
		{Name: "NAME", Rank: 1, Omit: !slices.ContainsFunc(found, hasOwnName) && !severalAtOneTarget(found)},
		{Name: "KIND", Rank: 5},
		{Name: "ACCESS", Rank: 4, Omit: !slices.ContainsFunc(found, func(c credential.Candidate) bool { return c.Access != "" })},
		{Name: "LOGIN", Rank: 3},
		{Name: "EXPIRES", Rank: 2},
		{Name: "LAST USED", Rank: 7},
		{Name: "STORE", Rank: 6},
		{Name: "STATE"},
	}
	var rows [][]string
	for _, c := range found {
		rows = append(rows, []string{
			c.Target.String(), plain(c.Name), orDash(kindInWords(c.Record)), orDash(string(c.Access)), orDash(plain(c.Username)),
			inWords(c.Expires, now), inWords(c.Used, now), orDash(plain(c.Store)), stateInWords(c, now),
		})
	}
	return t.Table(columns, rows, stateColour)
}

// kindInWords returns the kind of a token, or its forge if the kind is unknown.
func kindInWords(r credential.Record) string {
	if r.Kind == credential.Other && r.On() != forge.Other && r.IsToken() {
		return string(r.On())
	}
	return r.Kind.String()
}

// hasOwnName reports whether the name of a token says more than its kind, login and
// access, which make the names that nobody chose.
func hasOwnName(c credential.Candidate) bool {
	unnamed := c.Record
	unnamed.Username = ""
	return c.Name != record.DefaultName(c.Record) && c.Name != record.DefaultName(unnamed)
}

func severalAtOneTarget(sorted []credential.Candidate) bool {
	for i := 1; i < len(sorted); i++ {
		if sorted[i].Target.String() == sorted[i-1].Target.String() {
			return true
		}
	}
	return false
}

// stateInWords is the state of a token for people: a token that is ok may expire
// soon.
func stateInWords(c credential.Candidate, now time.Time) string {
	state := state(c, now)
	if state == stateOK && tokens.ExpiresSoon(c.Record, now) {
		return "expires " + inWords(c.Expires, now)
	}
	return state
}

func stateColour(state string) string {
	switch state {
	case stateOK:
		return "32"
	case stateUnreadable:
		return "31"
	}
	return "33"
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// plain returns a text that fits into a table: quoted if it has characters that do
// not print.
func plain(s string) string {
	if quoted := quote(s); quoted != `"`+s+`"` {
		return quoted
	}
	return s
}

// inWords says how many days from now a time is, or "-" if it is not known.
func inWords(t, now time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return credential.InDays(t, now)
}

// damage says what is wrong with records that cannot be read. The last error is
// returned.
func damage(t *term.Terminal, found []credential.Candidate) error {
	var last error
	for _, c := range found {
		if c.Damaged == nil {
			continue
		}
		if last != nil {
			exit(t, last)
		}
		last = c.Damaged
	}
	return last
}
