package main

import (
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/input"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/view"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

type listCommand struct {
	Target string `arg:"" optional:"" help:"list only the tokens for this host, owner or repository"`
	JSON   bool   `name:"json" help:"print JSON, for programs"`
}

func (c *listCommand) Run(t *term.Terminal, kept *tokens.Tokens) error {
	var only *credential.Target
	var err error
	records := kept.Tree.All()
	if c.Target != "" {
		target, err := input.ParseTargets([]string{c.Target})
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
	switch {
	case c.JSON:
		err = t.JSON(view.Tokens(found, kept.Now))
	case len(found) == 0:
		sayNone(t, only)
	default:
		err = t.Table(view.TokenTable(found, kept.Now))
	}
	if err != nil {
		return err
	}
	return damage(t, found)
}

// sayNone says that there are no tokens, or none for a target.
func sayNone(t *term.Terminal, only *credential.Target) {
	if only == nil {
		t.Say("no tokens yet")
		t.Hint("to add one:", "git pat add OWNER")
		return
	}
	t.Say("no token for %s", *only)
	t.Hint("to add one:", "git pat add "+shell.Own().Word(only.Short()))
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
