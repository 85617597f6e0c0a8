package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

type removeCommand struct {
	Target []string `arg:"" help:"the target of the token"`
	Name   string   `placeholder:"NAME" help:"the name of the token, if the target has several"`
	Yes    bool     `short:"y" help:"ask nothing"`
}

func (c *removeCommand) Run(ctx context.Context, t *term.Terminal, kept *tokens.Tokens) error {
	found, err := findNamed(kept, c.Target, c.Name)
	if err != nil {
		return err
	}
	var file *disk.FileError
	if errors.As(found.Damaged, &file) && file.Newer {
		return found.Damaged
	}
	if !c.Yes {
		question := fmt.Sprintf("Remove the token %s? It cannot be shown again.", found.Title())
		if err := confirm(t, question, "nothing was removed", "to remove the token without a question, add --yes"); err != nil {
			return err
		}
	}
	err = kept.IfUnchanged(ctx, found, func(now credential.Candidate) error { return kept.Remove(ctx, now) })
	if err != nil {
		return words.IfChanged(err, "nothing was removed")
	}
	t.Say("removed the token %s", found.Title())
	if found.Kind.IsPersonal() {
		hint, pages := "it still works at "+found.Host+" until it expires or you delete it there", []string(nil)
		if page := words.TokensPage(found.Record); page != "" {
			hint, pages = hint+":", []string{page}
		}
		t.Hint(hint, pages...)
	}
	return nil
}
