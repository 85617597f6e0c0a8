package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/input"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

type moveCommand struct {
	Target []string `arg:"" optional:"" help:"the target of the token"`
	Name   string   `placeholder:"NAME" help:"the name of the token, if the target has several"`
	All    bool     `help:"move all tokens, except those in read-only stores (env: and cmd:)"`
	From   string   `placeholder:"STORE" help:"with --all, move only the tokens in this store"`
	Store  string   `placeholder:"STORE" help:"the new store: keyring, file or git:HELPER"`
	Yes    bool     `short:"y" help:"ask nothing"`
}

func (c *moveCommand) Run(ctx context.Context, t *term.Terminal, kept *tokens.Tokens) error {
	usage := func(text string) error {
		return &words.Error{Text: text, Status: words.ExitUsage}
	}
	switch {
	case c.All == (len(c.Target) > 0):
		return usage("name a target, or all tokens with --all")
	case c.Store == "":
		return usage("name the new store with --store")
	case c.All && c.Name != "":
		return usage("--name needs a target, and --all has none")
	case !c.All && c.From != "":
		return usage("--from needs --all")
	}
	if err := takesTokens(kept, c.Store); err != nil {
		return err
	}
	found, damaged, err := c.find(kept)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		t.Say("there is nothing to move to the store %s", credential.Quote(c.Store))
		return damage(t, damaged)
	}
	if err := probe(ctx, kept, c.Store); err != nil {
		return err
	}
	if !c.Yes {
		if err := c.confirm(t, found); err != nil {
			return err
		}
	}
	progress := t.Progress("moving", len(found))
	var done []credential.Candidate
	var failed []error
	for _, candidate := range found {
		moved := candidate.Record
		moved.Store = c.Store
		err := kept.Edit(ctx, candidate, moved)
		var copied *tokens.CopyError
		if err == nil || errors.As(err, &copied) {
			done = append(done, candidate)
		}
		if err != nil {
			failed = append(failed, words.IfChanged(err, "it is not moved"))
		}
		progress.Step()
		var broken *store.Error
		if errors.As(err, &broken) && copied == nil && broken.Store == c.Store {
			break // it would fail for the other tokens too
		}
	}
	progress.End()
	for _, moved := range done {
		t.Say("moved the token %s from the store %s to %s", moved.Title(), credential.Quote(moved.Store), credential.Quote(c.Store))
	}
	for _, err := range failed {
		exit(t, err)
	}
	if left := len(found) - len(done); c.All && left > 0 {
		t.Say("%d of %d tokens were not moved", left, len(found))
	}
	if err := damage(t, damaged); err != nil || len(failed) == 0 {
		return err
	}
	return errSaid
}

// find returns the tokens to move that are not in the new store yet. With --all it
// also returns the tokens whose records cannot be read.
func (c *moveCommand) find(kept *tokens.Tokens) (found, damaged []credential.Candidate, err error) {
	add := func(candidate credential.Candidate) {
		if candidate.Store != c.Store {
			found = append(found, candidate)
		}
	}
	if !c.All {
		candidate, err := findNamed(kept, c.Target, c.Name)
		if err == nil {
			err = movable(candidate)
		}
		add(candidate)
		return found, nil, err
	}
	for candidate, err := range kept.Tree.All() {
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
		return &words.Error{Text: fmt.Sprintf("the token %s cannot be moved: it is in the read-only store %s", c.Title(), credential.Quote(c.Store))}
	}
	return nil
}

func (c *moveCommand) confirm(t *term.Terminal, found []credential.Candidate) error {
	what := fmt.Sprintf("%d tokens", len(found))
	if len(found) == 1 {
		what = fmt.Sprintf("the token %s for %s", credential.Quote(found[0].Name), found[0].Target)
	}
	question := fmt.Sprintf("Move %s to the store %s?", what, credential.Quote(c.Store))
	return confirm(t, question, "nothing was moved", "to move without a question, add --yes")
}

// takesTokens makes sure that a person named a store that can keep tokens.
func takesTokens(kept *tokens.Tokens, name string) error {
	if _, err := kept.Open(name); err != nil {
		return &words.Error{Text: err.Error(), Status: words.ExitUsage}
	}
	if store.ReadOnly(name) {
		return &words.Error{Text: fmt.Sprintf("the store %s is read-only", credential.Quote(name)), Status: words.ExitUsage}
	}
	return nil
}

// probe makes sure that a store can be used, before a person does any work for it.
// Without a name it is the default store.
func probe(ctx context.Context, kept *tokens.Tokens, name string) error {
	chosen := name != ""
	if !chosen {
		name = "keyring"
	}
	failed, err := kept.Probe(ctx, name)
	if err == nil && failed != nil && (chosen || !failed.Absent) {
		return failed
	}
	return err
}

// findNamed returns the token that the arguments of a command name.
func findNamed(kept *tokens.Tokens, targets []string, name string) (credential.Candidate, error) {
	target, err := input.ParseTargets(targets)
	if err != nil {
		return credential.Candidate{}, err
	}
	return kept.Find(target, name)
}
