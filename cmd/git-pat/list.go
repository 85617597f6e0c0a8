package main

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

type listCommand struct {
	Target string `arg:"" optional:"" help:"list only the tokens for this host, owner or repository"`
	JSON   bool   `name:"json" help:"print JSON, for programs"`
}

func (listCommand) Help() string {
	return `The table says of each token what it is for, its name, kind and login, for
which access it is if that was said of one, when it expires and was last used,
which store has it, and its state: ok, expired, set aside (a server refused it,
so that it is offered no more), unused (for eleven months, and GitHub removes a
token that is not used for a year), or unreadable. No token is shown, and no
store is asked for one.

With --json there is an array of objects with the strings target, host, name,
kind and store, the array paths, and state; where known also username and
access (read or write), and as times in RFC 3339 and UTC added, expires,
last_used and set_aside. Keys may be added in later versions, but none is
changed.`
}

// An entry is a token as --json shows it.
type entry struct {
	Target   string            `json:"target"`
	Host     string            `json:"host"`
	Paths    []string          `json:"paths"`
	Name     string            `json:"name"`
	Username string            `json:"username,omitempty"`
	Kind     credential.Kind   `json:"kind"`
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
	stateUnused     = "unused"
	stateUnreadable = "unreadable"
)

// unusedFor is after how long without use a token is said to be unused.
// GitHub removes personal tokens after a year ("Token expiration and
// revocation" in its documentation).
const unusedFor = 334 * 24 * time.Hour // eleven months

func state(c credential.Candidate, now time.Time) string {
	switch {
	case c.Damaged != nil:
		return stateUnreadable
	case c.Aside != nil:
		return stateSetAside
	case c.Expired(now):
		return stateExpired
	case isUnused(c, now):
		return stateUnused
	}
	return stateOK
}

func isUnused(c credential.Candidate, now time.Time) bool {
	last := c.Added
	if c.Used.After(last) {
		last = c.Used
	}
	return c.Kind.IsPersonal() && !last.IsZero() && now.Sub(last) > unusedFor
}

func (c *listCommand) Run(a *app) error {
	tree, err := a.tree()
	if err != nil {
		return err
	}
	var only *credential.Target
	records := tree.All()
	if c.Target != "" {
		target, err := parseTargets([]string{c.Target})
		if err != nil {
			return err
		}
		only = &target
		records = within(tree, target)
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
	if c.JSON {
		entries := []entry{} // not nil, which JSON calls null
		for _, candidate := range found {
			entries = append(entries, a.entry(candidate))
		}
		err = a.ui.json(entries)
	} else {
		err = printTable(a, found, only)
	}
	if err != nil {
		return err
	}
	return damage(a, found)
}

// within returns the records that are for a target or for a part of it.
func within(tree *record.Tree, target credential.Target) iter.Seq2[credential.Candidate, error] {
	return func(yield func(credential.Candidate, error) bool) {
		for c, err := range tree.Within(target.Host, firstPath(target)) {
			if (err != nil || isWithin(c, target)) && !yield(c, err) {
				return
			}
		}
	}
}

// firstPath returns the path of a target by whose folders its records are found,
// also those for several repositories, which are in the owner's.
func firstPath(target credential.Target) string {
	if len(target.Paths) == 0 {
		return ""
	}
	if ordered, err := target.For(credential.FineGrained); err == nil {
		target = ordered
	}
	return target.Paths[0]
}

// isWithin reports whether a record is for the target or for a part of it.
func isWithin(c credential.Candidate, target credential.Target) bool {
	if c.Host != target.Host {
		return false
	}
	wanted, err := target.For(c.Kind)
	if err != nil {
		return false
	}
	if len(wanted.Paths) == 0 {
		return true
	}
	return slices.ContainsFunc(c.Paths, func(path string) bool {
		return path == wanted.Paths[0] || strings.HasPrefix(path, wanted.Paths[0]+"/")
	})
}

// entry returns what --json shows of a token.
func (a *app) entry(c credential.Candidate) entry {
	e := entry{
		Target:   c.Target.String(),
		Host:     c.Host,
		Paths:    append([]string{}, c.Paths...),
		Name:     c.Name,
		Username: c.Username,
		Kind:     c.Kind,
		Access:   c.Access,
		Added:    c.Added.UTC().Truncate(time.Second),
		Expires:  c.Expires.UTC(),
		LastUsed: c.Used.UTC().Truncate(time.Second),
		Store:    c.Store,
		State:    state(c, a.now),
	}
	if c.Aside != nil {
		e.SetAside = c.Aside.Time.UTC()
	}
	return e
}

func printTable(a *app, found []credential.Candidate, only *credential.Target) error {
	if len(found) == 0 {
		if only != nil {
			a.ui.say("no token for %s", *only)
			a.ui.hint("to add one:", "git pat add "+shellWord(only.Short()))
			return nil
		}
		a.ui.say("no tokens yet")
		a.ui.hint("to add one:", "git pat add OWNER")
		return nil
	}
	heading := []string{"TARGET", "NAME", "KIND", "LOGIN", "EXPIRES", "LAST USED", "STORE", "STATE"}
	const afterKind = 3
	access := slices.ContainsFunc(found, func(c credential.Candidate) bool { return c.Access != "" })
	if access {
		heading = slices.Insert(heading, afterKind, "ACCESS")
	}
	var rows [][]string
	for _, c := range found {
		expires := "-"
		if !c.Expires.IsZero() {
			expires = inWords(c.Expires, a.now)
		}
		used := "-"
		if !c.Used.IsZero() {
			used = inWords(c.Used, a.now)
		}
		row := []string{
			c.Target.String(), plain(c.Name), orDash(c.Kind.String()), orDash(plain(c.Username)),
			expires, used, orDash(plain(c.Store)), state(c, a.now),
		}
		if access {
			row = slices.Insert(row, afterKind, orDash(string(c.Access)))
		}
		rows = append(rows, row)
	}
	return a.ui.table(heading, rows,
		func(state string) string {
			switch state {
			case stateOK:
				return "32"
			case stateExpired, stateSetAside, stateUnused:
				return "33"
			}
			return "31"
		})
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// plain is a text as it is if it is fit for a table, else quoted.
func plain(s string) string {
	if quoted := quote(s); quoted != `"`+s+`"` {
		return quoted
	}
	return s
}

// inWords says when something is or was, by the days between.
func inWords(t, now time.Time) string {
	date := func(t time.Time) time.Time {
		t = t.Local()
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	switch days := int(date(t).Sub(date(now)) / (24 * time.Hour)); {
	case days == 0:
		return "today"
	case days == 1:
		return "tomorrow"
	case days == -1:
		return "yesterday"
	case days > 0:
		return fmt.Sprintf("in %d days", days)
	default:
		return fmt.Sprintf("%d days ago", -days)
	}
}

// damage says what is the matter with records that cannot be read.
func damage(a *app, found []credential.Candidate) error {
	var last error
	for _, c := range found {
		if c.Damaged == nil {
			continue
		}
		if last != nil {
			a.ui.exit(last)
		}
		last = c.Damaged
	}
	return last
}

// named returns the tree, and the token in it that a person means by the
// arguments of a command.
func (a *app) named(targets []string, name string) (*record.Tree, credential.Candidate, error) {
	var none credential.Candidate
	target, err := parseTargets(targets)
	if err != nil {
		return nil, none, err
	}
	tree, err := a.tree()
	if err != nil {
		return nil, none, err
	}
	found, err := find(tree, target, name)
	return tree, found, err
}

// find returns the token that a person means by a target and, where there are
// several, a name.
func find(tree *record.Tree, target credential.Target, name string) (credential.Candidate, error) {
	records, err := tree.Near(target.Host, firstPath(target))
	if err != nil {
		return credential.Candidate{}, err
	}
	return findAmong(records, target, name)
}

// findAmong is find for the records among which the token is, if it is there.
func findAmong(records []credential.Candidate, target credential.Target, name string) (credential.Candidate, error) {
	var none credential.Candidate
	var found, near []credential.Candidate
	for _, c := range records {
		wanted, err := target.For(c.Kind)
		switch {
		case err != nil:
		case !c.Target.Equal(wanted):
			if covers(c, wanted) {
				near = append(near, c)
			}
		case name == "" || strings.EqualFold(c.Name, name):
			found = append(found, c)
		default:
			near = append(near, c)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		f := &hintError{text: fmt.Sprintf("there are %d tokens for %s", len(found), target), hint: "choose one by adding"}
		for _, c := range found {
			f.commands = append(f.commands, "--name "+shellWord(c.Name))
		}
		return none, f
	}
	f := &hintError{text: fmt.Sprintf("there is no token for %s", target)}
	if name != "" {
		f.text = fmt.Sprintf("there is no token %s for %s", quote(name), target)
	}
	if len(near) > 0 {
		f.hint = "there is"
		for _, c := range near {
			f.commands = append(f.commands, c.Arguments())
		}
	} else {
		f.hint, f.commands = "to see which there are:", []string{"git pat list"}
	}
	return none, f
}

// covers reports whether a token would be among those that answer for a target.
func covers(c credential.Candidate, target credential.Target) bool {
	if len(c.Paths) == 0 || len(target.Paths) == 0 {
		return len(c.Paths) == 0
	}
	return slices.ContainsFunc(c.Paths, func(path string) bool {
		return path == target.Paths[0] || strings.HasPrefix(target.Paths[0], path+"/")
	})
}
