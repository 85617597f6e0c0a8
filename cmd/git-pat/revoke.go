package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/verify"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

type revokeCommand struct {
	Target []string `arg:"" help:"the target of the token"`
	Name   string   `placeholder:"NAME" help:"the name of the token, if the target has several"`
	Yes    bool     `short:"y" help:"ask nothing"`
}

func (c *revokeCommand) Run(ctx context.Context, t *term.Terminal, kept *tokens.Tokens, s *verify.Servers) error {
	found, err := findNamed(kept, c.Target, c.Name)
	if err != nil {
		return err
	}
	if found.Damaged != nil {
		return found.Damaged
	}
	if !github.CanRevoke(found.Kind) {
		return words.CannotRevoke(found.Record)
	}
	secret, err := kept.Secret(ctx, found)
	if err != nil {
		return err
	}
	if !c.Yes {
		if err := confirmRevocation(t, found.Record); err != nil {
			return err
		}
	}
	err = kept.IfUnchanged(ctx, found, func(now credential.Candidate) error { return kept.SameSecret(ctx, now, &secret) })
	if err != nil {
		return words.IfChanged(err, "nothing was revoked")
	}
	if err := revoke(ctx, s, found.Record, secret); err != nil {
		return err
	}
	return removeRevoked(ctx, t, kept, found, secret)
}

// removeRevoked removes a token that was just revoked. A newer token that another
// program put in its place meanwhile stays.
func removeRevoked(ctx context.Context, t *term.Terminal, kept *tokens.Tokens, c credential.Candidate, secret credential.Secret) error {
	revoked := fmt.Sprintf("asked %s to revoke the token %s", c.Host, c.Title())
	err := kept.IfUnchanged(ctx, c, func(now credential.Candidate) error {
		var lost *tokens.LostError
		if err := kept.SameSecret(ctx, now, &secret); err != nil && !errors.As(err, &lost) {
			return err
		}
		return kept.Remove(ctx, now)
	})
	var changed *tokens.ChangedError
	switch {
	case err == nil:
		t.Say("%s, and removed it here", revoked)
	case !errors.As(err, &changed):
		t.Say("%s, but did not remove it here", revoked)
	case changed.Gone:
		t.Say("%s, and another program removed it here meanwhile", revoked)
		return nil
	default:
		return &words.Error{
			Text:     revoked + "; another program changed it here meanwhile, so what there is now stays",
			Hint:     "to check whether the new one is valid:",
			Commands: []string{"git pat verify " + shell.Own().Word(c.Target.Short())},
		}
	}
	return err
}

// confirmRevocation says what revoking means and asks for the name of the token.
func confirmRevocation(t *term.Terminal, r credential.Record) error {
	const without = "to revoke the token without a question, add --yes"
	if !t.Interactive() {
		return words.NoTerminal(without)
	}
	t.Say("this revokes the token %s for ever, wherever it is used", r.Title())
	t.Say("GitHub mails its owner, and deletes deploy keys that were created with it")
	typed, err := t.Ask(fmt.Sprintf("Type the name of the token, %s, to revoke it: ", r.Name))
	switch {
	case err == term.ErrNoTerminal:
		return words.NoTerminal(without)
	case err != nil:
		return err
	case !strings.EqualFold(strings.TrimSpace(typed), r.Name):
		return &words.Error{Text: "nothing was revoked"}
	}
	return nil
}

// revoke asks GitHub to revoke a token.
func revoke(ctx context.Context, s *verify.Servers, r credential.Record, secret credential.Secret) error {
	client, err := s.Client(ctx, r.Host)
	if err != nil {
		return err
	}
	return words.NotRevoked(client.Revoke(ctx, r.Host, secret), r)
}
