// Package view has what git pat list, explain and verify show about tokens, and about
// what servers say: sentences, the rows of tables, and the objects of --json.
// Programs rely on these objects: later versions may add keys, but change none.
package view

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// A Token is a token as --json shows it.
type Token struct {
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

// Tokens returns what --json shows of tokens.
func Tokens(found []credential.Candidate, now time.Time) []Token {
	all := []Token{} // not nil, which JSON calls null
	for _, c := range found {
		all = append(all, newToken(c, now))
	}
	return all
}

// newToken returns what --json shows of a token.
func newToken(c credential.Candidate, now time.Time) Token {
	e := Token{
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

// TokenTable is the table of git pat list.
func TokenTable(found []credential.Candidate, now time.Time) term.Table {
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
			c.Target.String(), words.Plain(c.Name), words.OrDash(Kind(c.Record)), words.OrDash(string(c.Access)), words.OrDash(words.Plain(c.Username)),
			words.When(c.Expires, now), words.When(c.Used, now), words.OrDash(words.Plain(c.Store)), stateInWords(c, now),
		})
	}
	return term.Table{Columns: columns, Rows: rows, Colour: stateColour}
}

// Kind returns the kind of a token, or its forge if the kind is unknown.
func Kind(r credential.Record) string {
	if r.Kind == credential.Other && r.On() != forge.Other && r.IsToken() {
		return string(r.On())
	}
	return r.Kind.String()
}

// hasOwnName reports whether a person chose the name of a token. Other names are made
// of the kind, the login and the access.
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

// stateInWords is the state of a token for people. It also says if a token that is ok
// expires soon.
func stateInWords(c credential.Candidate, now time.Time) string {
	state := state(c, now)
	if state == stateOK && tokens.ExpiresSoon(c.Record, now) {
		return "expires " + words.When(c.Expires, now)
	}
	return state
}

func stateColour(state string) string {
	switch state {
	case stateOK:
		return term.Green
	case stateUnreadable:
		return term.Red
	}
	return term.Yellow
}

// Added says what was stored, and where.
func Added(added tokens.Addition, secret credential.Secret) string {
	r := added.Record
	what := Kind(r) + " token"
	if !r.IsToken() {
		what = "password or token"
	}
	what = fmt.Sprintf("%s %s for %s", what, words.Called(r, secret), r.Target)
	switch {
	case added.Already:
		return fmt.Sprintf("the %s is there already, in the store %s", what, credential.Quote(r.Store))
	case added.Replaced:
		return fmt.Sprintf("replaced the %s, in the store %s", what, credential.Quote(r.Store))
	}
	return fmt.Sprintf("added the %s, in the store %s", what, credential.Quote(r.Store))
}
