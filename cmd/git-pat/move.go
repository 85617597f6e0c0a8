package main

import (
	"errors"
	"fmt"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

type moveCommand struct {
	Target []string `arg:"" optional:"" help:"what the token is for"`
	Name   string   `placeholder:"NAME" help:"which one, if there are several of one target"`
	All    bool     `help:"move all tokens but those of the environment"`
	From   string   `placeholder:"STORE" help:"with --all, only those that this store has"`
	Store  string   `placeholder:"STORE" help:"where they are to be: keyring, file or git:HELPER"`
	Yes    bool     `short:"y" help:"ask nothing"`
}

func (moveCommand) Help() string {
	return `The secret is written to the new store and read back there before it goes from
the old one. If anything fails on the way, or the machine stops, the token
answers from the store that it was in, or from the new one. A copy may stay in
the other one then; git pat doctor finds it if that is the store file.

    git pat move acme --store keyring
    git pat move --all --from file --store 'git:cache --timeout=3600'`
}

func (c *moveCommand) Run(a *app) error {
	switch {
	case c.All == (len(c.Target) > 0):
		return &hintError{text: "name a target, or all tokens with --all", status: exitUsage, hint: "how it is used:", commands: []string{"git pat help move"}}
	case c.Store == "":
		return &hintError{text: "say where to with --store", status: exitUsage, hint: "how it is used:", commands: []string{"git pat help move"}}
	case c.All && c.Name != "":
		return &hintError{text: "--name goes with a target, and not with --all", status: exitUsage}
	case !c.All && c.From != "":
		return &hintError{text: "--from goes with --all", status: exitUsage}
	}
	tree, err := a.tree()
	if err != nil {
		return err
	}
	if err := a.takesTokens(tree, c.Store); err != nil {
		return err
	}
	found, damaged, err := c.find(a, tree)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		a.ui.say("there is nothing to move to the store %s", quote(c.Store))
		return damage(a, damaged)
	}
	if err := a.probe(tree, c.Store); err != nil {
		return err
	}
	if !c.Yes {
		if err := c.confirm(a, found); err != nil {
			return err
		}
	}
	progress := a.ui.progress("moving", len(found))
	var done []string
	var failed []error
	for _, candidate := range found {
		what, err := a.move(tree, candidate, c.Store)
		if what != "" {
			done = append(done, what)
		}
		if err != nil {
			failed = append(failed, err)
		}
		progress.step()
		var trouble *store.Error
		if errors.As(err, &trouble) && trouble.Store == c.Store {
			break // the others would fare no better
		}
	}
	progress.end()
	for _, what := range done {
		a.ui.say("%s", what)
	}
	for _, err := range failed {
		a.ui.exit(err)
	}
	if left := len(found) - len(done); c.All && left > 0 {
		a.ui.say("%d of %d tokens are where they were", left, len(found))
	}
	if err := damage(a, damaged); err != nil || len(failed) == 0 {
		return err
	}
	return errSaid
}

// find returns the tokens to move, and with --all apart from them those whose
// records cannot be read. Those that are where they are to be are left out.
func (c *moveCommand) find(a *app, tree *record.Tree) (found, damaged []credential.Candidate, err error) {
	add := func(candidate credential.Candidate) {
		if candidate.Store != c.Store {
			found = append(found, candidate)
		}
	}
	if !c.All {
		_, candidate, err := a.named(c.Target, c.Name)
		if err == nil {
			err = movable(candidate)
		}
		add(candidate)
		return found, nil, err
	}
	for candidate, err := range tree.All() {
		switch {
		case err != nil:
			return nil, nil, err
		case candidate.Damaged != nil:
			damaged = append(damaged, candidate)
		case movable(candidate) != nil:
		case c.From == "" || c.From == candidate.Store:
			add(candidate)
		}
	}
	return found, damaged, nil
}

// movable says why a token cannot be moved, if it cannot.
func movable(c credential.Candidate) error {
	switch {
	case c.Damaged != nil:
		return c.Damaged
	case store.ReadOnly(c.Store):
		return &hintError{text: fmt.Sprintf("the token %s for %s is read from the store %s, and cannot be moved", quote(c.Name), c.Target, quote(c.Store))}
	}
	return nil
}

func (c *moveCommand) confirm(a *app, found []credential.Candidate) error {
	what := fmt.Sprintf("%d tokens", len(found))
	if len(found) == 1 {
		what = fmt.Sprintf("the token %s for %s", quote(found[0].Name), found[0].Target)
	}
	yes, err := a.ui.confirm(fmt.Sprintf("Move %s to the store %s?", what, quote(c.Store)))
	if err == errNoTerminal {
		return &hintError{text: "there is no terminal to ask at", hint: "to move without being asked, add --yes"}
	}
	if err == nil && !yes {
		return &hintError{text: "nothing is moved"}
	}
	return err
}

// takesTokens makes sure that a person has named a store that can keep tokens.
func (a *app) takesTokens(tree *record.Tree, name string) error {
	if _, err := a.open(tree, name); err != nil {
		return &hintError{text: err.Error(), status: exitUsage}
	}
	if store.ReadOnly(name) {
		return &hintError{text: fmt.Sprintf("the store %s is read-only", quote(name)), status: exitUsage}
	}
	return nil
}

// move moves one token and returns what there is to say of it.
func (a *app) move(tree *record.Tree, shown credential.Candidate, to string) (string, error) {
	said := ""
	err := a.ifUnchanged(tree, shown, "it is not moved", func(now credential.Candidate) (err error) {
		said, err = a.moveLocked(tree, now, to)
		return err
	})
	return said, err
}

// moveLocked is move for who holds the lock. If a copy stays in the old store,
// the token is moved all the same, and there is something to say and an error.
func (a *app) moveLocked(tree *record.Tree, old credential.Candidate, to string) (string, error) {
	secret, err := a.secretOf(tree, old)
	if err != nil {
		return "", err
	}
	r := old.Record
	r.Store = to
	if err := a.put(tree, &old, r, secret); err != nil {
		return "", err
	}
	said := fmt.Sprintf("moved the token %s from the store %s to %s", old.Title(), quote(old.Store), quote(to))
	return said, a.dropOld(tree, r, secret, old.Store)
}

// dropOld deletes what a store still has of a token that is in another one now.
// The token answers whether that works or not.
func (a *app) dropOld(tree *record.Tree, r credential.Record, secret credential.Secret, from string) error {
	s, err := a.open(tree, from)
	if err == nil {
		err = s.Delete(a.ctx, record.Key(r))
	}
	if err == nil {
		return a.putBack(tree, r, secret)
	}
	move := onToken("git pat move", r) + " --yes --store "
	return &hintError{
		text:     fmt.Sprintf("an old copy of the token %s is still in the store %s: %v", r.Title(), quote(from), err),
		hint:     "to try again to delete it there, move the token there and back:",
		commands: []string{move + shellWord(from), move + shellWord(r.Store)},
	}
}

// putBack writes the secret again if its store has lost it. Two names of a store
// may mean one place, such as git:store and git:!git credential-store, and what
// is deleted by the one name is gone by the other.
func (a *app) putBack(tree *record.Tree, r credential.Record, secret credential.Secret) error {
	if store.ReadOnly(r.Store) {
		return nil
	}
	s, err := a.open(tree, r.Store)
	if err != nil {
		return err
	}
	if _, err = s.Get(a.ctx, record.Key(r)); errors.Is(err, store.ErrNotFound) {
		return s.Set(a.ctx, record.Key(r), secret)
	}
	return err
}
