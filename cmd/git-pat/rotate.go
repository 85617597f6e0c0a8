package main

import (
	"errors"
	"fmt"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

type rotateCommand struct {
	Target    []string `arg:"" help:"what the token is for"`
	Name      string   `placeholder:"NAME" help:"which one, if there are several of one target"`
	Expires   string   `placeholder:"DATE" help:"the last day on which the new one works, if GitHub is not asked"`
	WithToken bool     `help:"read the new token from standard input, one line, and ask nothing"`
	Revoke    bool     `xor:"old" help:"have GitHub revoke the old one"`
	KeepOld   bool     `xor:"old" help:"do not have it revoked, and do not ask"`
	Offline   bool     `help:"connect to nothing, so that the new one is taken as it is"`
	pageFlags
}

func (rotateCommand) Help() string {
	return `A new token takes the place of one that ends or was refused. The page where it
is made is shown, the token is asked for and shown to GitHub, and only when
GitHub has taken it does it replace the old one, which answers until then. If
anything fails on the way, the old one stays as it is.

The old one can then be revoked: it works on until it is, or until it expires.`
}

func (c *rotateCommand) Run(a *app) error {
	tree, old, err := a.named(c.Target, c.Name)
	if err != nil {
		return err
	}
	switch {
	case old.Damaged != nil:
		return old.Damaged
	case store.ReadOnly(old.Store):
		return &hintError{text: fmt.Sprintf("the token %s is read from the store %s; put a new one there", quote(old.Name), quote(old.Store))}
	case c.Revoke && c.Offline:
		return &hintError{text: "--revoke connects, and --offline does not", status: exitUsage}
	}
	expires, err := parseExpiry(c.Expires)
	if err != nil {
		return err
	}
	if !c.WithToken {
		if err := a.probe(tree, old.Store); err != nil {
			return err
		}
		if err := a.showPage(old.Record, c.pageFlags, c.Offline); err != nil {
			return err
		}
	}
	add := addCommand{WithToken: c.WithToken}
	secret, err := add.secret(a, old.Record, "git pat rotate")
	if err != nil {
		return err
	}
	record := old.Record
	record.Added = a.now.UTC()
	record.Expires = expires
	record.Form = ""
	if err := describe(&record, secret); err != nil {
		return err
	}
	var before *credential.Secret // nil if the store has lost it
	var lost *lostError
	switch was, err := a.secretOf(tree, old); {
	case err == nil:
		before = &was
	case !errors.As(err, &lost):
		return err
	}
	if before != nil && before.Equal(secret) {
		return &hintError{text: "that is the token there is already, so nothing is changed"}
	}
	if !c.Offline && record.Kind.IsGitHub() {
		v := a.checkPasted(&record, secret)
		if v.Result != github.ResultGood {
			a.explainVerdict(v)
			f := &hintError{text: fmt.Sprintf("the new token could not be checked, so the old one, %s, stays", quote(old.Name)), hint: "to take it as it is, add --offline"}
			if v.Result == github.ResultRefused {
				f = &hintError{text: fmt.Sprintf("%s does not take the new token, so the old one, %s, stays", old.Host, quote(old.Name))}
			}
			return f
		}
		if old.Username != "" && v.Login != "" && !credential.EqualFold(old.Username, v.Login) {
			return &hintError{
				text:     fmt.Sprintf("the new token is of %s and the old one of %s, so the old one stays", quote(v.Login), quote(old.Username)),
				hint:     "to add it beside the old one:",
				commands: []string{fmt.Sprintf("git pat add %s --username %s", shellWord(old.Target.Short()), shellWord(v.Login))},
			}
		}
		a.explainVerdict(v)
	}
	const so = "the new one is not put in its place"
	err = a.ifUnchanged(tree, old, so, func(now credential.Candidate) error {
		if err := a.sameSecret(tree, now, before, so); err != nil {
			return err
		}
		return a.keep(tree, &now, record, secret)
	})
	var changed *changedError
	if errors.As(err, &changed) {
		return notRotated(tree, changed)
	}
	if err != nil {
		return err
	}
	a.ui.say("the %s token %s now answers for %s", record.Kind, called(record, secret), record.Target)
	if !record.Expires.IsZero() {
		a.ui.say("it expires %s", inWords(record.Expires, a.now))
	}
	if before == nil {
		return nil // there is no old one to revoke
	}
	return c.revokeOld(a, old.Record, *before)
}

// notRotated says what to do with a new token that GitHub shows only once,
// when it cannot be put in its place.
func notRotated(tree *record.Tree, e *changedError) error {
	r := e.record
	f := &hintError{text: e.Error(), hint: "the new one is not kept; to add it:", commands: []string{onToken("git pat add", r)}}
	if e.gone {
		return f
	}
	taken := []string{r.Name}
	near, _ := tree.Near(r.Host, firstPath(r.Target))
	for _, c := range near {
		if c.Target.Equal(r.Target) {
			taken = append(taken, c.Name)
		}
	}
	f.hint = "the new one is not kept; to put it in the place of what there is now, or to add it beside that:"
	f.commands = []string{onToken("git pat rotate", r)}
	r.Name = record.FreeName(r.Name, taken)
	f.commands = append(f.commands, onToken("git pat add", r))
	return f
}

// revokeOld has the old token revoked, if that is wanted.
func (c *rotateCommand) revokeOld(a *app, old credential.Record, secret credential.Secret) error {
	page := github.TokensPage(old.Host, old.Kind)
	stays := func() error {
		if page != "" {
			a.ui.hint("the old one works until it expires or is deleted at " + page)
		}
		return nil
	}
	if c.KeepOld || c.Offline || !github.CanRevoke(old.Kind) {
		return stays()
	}
	if !c.Revoke {
		if c.WithToken {
			return stays()
		}
		yes, err := a.ui.confirm("Have GitHub revoke the old token? It ends for ever, wherever it is used.")
		if err != nil && err != errNoTerminal {
			return err
		}
		if !yes {
			return stays()
		}
	}
	if err := a.revoke(old, secret); err != nil {
		return err
	}
	a.ui.say("%s is told to revoke the old one", old.Host)
	return nil
}
