package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

type rotateCommand struct {
	Target    []string `arg:"" help:"the target of the token"`
	Name      string   `placeholder:"NAME" help:"the name of the token, if the target has several"`
	Expires   string   `placeholder:"DATE" help:"the last day on which the new token works, if GitHub is not asked"`
	WithToken bool     `help:"read the new token from standard input, as one line, and ask nothing"`
	Revoke    bool     `xor:"old" help:"revoke the old token at GitHub"`
	KeepOld   bool     `xor:"old" help:"do not revoke the old token, and do not ask"`
	Offline   bool     `help:"connect to nothing; the new token is not checked"`
	pageFlags
}

func (rotateCommand) Help() string {
	return `Replaces a token that expires or was rejected. The page for a new token is
shown, the new token is asked for and sent to GitHub, and it replaces the old
one only if GitHub accepts it. Until then the old token answers. If something
fails, the old token stays as it is.

The old token can then be revoked. Otherwise it works until it expires.`
}

func (c *rotateCommand) Run(ctx context.Context, t *term.Terminal, kept *tokens.Tokens, r *resolve.Resolver) error {
	old, err := findNamed(kept, c.Target, c.Name)
	if err != nil {
		return err
	}
	switch {
	case old.Damaged != nil:
		return old.Damaged
	case store.ReadOnly(old.Store):
		return &hintError{text: fmt.Sprintf("the token %s is in the read-only store %s; replace it there", quote(old.Name), quote(old.Store))}
	case c.Revoke && c.Offline:
		return &hintError{text: "--revoke needs a connection, and --offline allows none", status: exitUsage}
	}
	expires, err := parseExpiry(c.Expires)
	if err != nil {
		return err
	}
	if !c.WithToken {
		if err := probe(ctx, kept, old.Store); err != nil {
			return err
		}
		if err := showPage(t, old.Record, c.pageFlags, c.Offline); err != nil {
			return err
		}
	}
	secret, err := readToken(t, old.Record, c.WithToken, "git pat rotate")
	if err != nil {
		return err
	}
	fresh := old.Record
	fresh.Added, fresh.Expires, fresh.Form = kept.Now.UTC(), expires, ""
	if err := describe(&fresh, secret); err != nil {
		return err
	}
	before, err := c.oldSecret(ctx, kept, old)
	if err != nil {
		return err
	}
	if before != nil && before.Equal(secret) && old.Aside == nil && !old.Expired(kept.Now) {
		return &hintError{text: "this is the token that is there already; nothing was changed"}
	}
	if !c.Offline && fresh.Kind.IsGitHub() {
		if err := c.check(ctx, t, r, old.Record, &fresh, secret); err != nil {
			return err
		}
	}
	err = kept.IfUnchanged(ctx, old, func(now credential.Candidate) error {
		if err := kept.SameSecret(ctx, now, before); err != nil {
			return err
		}
		return kept.Keep(ctx, &now, fresh, secret)
	})
	var changed *tokens.ChangedError
	if errors.As(err, &changed) {
		return notRotated(kept, changed)
	}
	if err != nil {
		return err
	}
	t.Say("the %s token %s now answers for %s", fresh.Kind, called(fresh, secret), fresh.Target)
	if !fresh.Expires.IsZero() {
		t.Say("it expires %s", inWords(fresh.Expires, kept.Now))
	}
	if before == nil || before.Equal(secret) {
		return nil // there is no old token to revoke
	}
	return c.revokeOld(ctx, t, r, old.Record, *before)
}

// oldSecret returns the secret of the old token, or nil if its store lost it.
func (c *rotateCommand) oldSecret(ctx context.Context, kept *tokens.Tokens, old credential.Candidate) (*credential.Secret, error) {
	secret, err := kept.Secret(ctx, old)
	var lost *tokens.LostError
	if errors.As(err, &lost) {
		return nil, nil
	}
	return &secret, err
}

// check asks GitHub about the new token and completes its record. The error says why
// it does not replace the old one.
func (c *rotateCommand) check(ctx context.Context, t *term.Terminal, r *resolve.Resolver, old credential.Record, fresh *credential.Record, secret credential.Secret) error {
	v := checkPasted(ctx, t, r, fresh, secret)
	v.say(t)
	switch {
	case v.Result == github.ResultRefused:
		return &hintError{text: fmt.Sprintf("%s rejects the new token, so the old token %s stays", old.Host, quote(old.Name))}
	case v.Result != github.ResultGood:
		return &hintError{
			text: fmt.Sprintf("the new token could not be checked, so the old token %s stays", quote(old.Name)),
			hint: "to replace it without a check, add --offline",
		}
	case old.Username != "" && v.Login != "" && !credential.EqualFold(old.Username, v.Login):
		return &hintError{
			text:     fmt.Sprintf("the new token belongs to %s and the old one to %s, so the old one stays", quote(v.Login), quote(old.Username)),
			hint:     "to add the new token beside the old one:",
			commands: []string{fmt.Sprintf("git pat add %s --username %s", shellWord(old.Target.Short()), shellWord(v.Login))},
		}
	}
	return nil
}

// notRotated says what to do with a new token that could not replace the old one.
// GitHub shows it only once.
func notRotated(kept *tokens.Tokens, e *tokens.ChangedError) error {
	r := e.Record
	text := e.Error() + ", so the new token does not replace it"
	if e.Gone {
		return &hintError{text: text, hint: "the new token is not kept; to add it:", commands: []string{onToken("git pat add", r)}}
	}
	taken := []string{r.Name}
	same, _ := kept.For(r.Target)
	for _, c := range same {
		taken = append(taken, c.Name)
	}
	rotate := onToken("git pat rotate", r)
	r.Name = record.FreeName(r.Name, taken)
	return &hintError{
		text:     text,
		hint:     "the new token is not kept; to replace the token that is there now, or to add the new one beside it:",
		commands: []string{rotate, onToken("git pat add", r)},
	}
}

// revokeOld revokes the old token, if the person wants that.
func (c *rotateCommand) revokeOld(ctx context.Context, t *term.Terminal, r *resolve.Resolver, old credential.Record, secret credential.Secret) error {
	revokes := c.Revoke
	if !c.Revoke && !c.KeepOld && !c.Offline && !c.WithToken && github.CanRevoke(old.Kind) {
		var err error
		revokes, err = t.Confirm("Revoke the old token at GitHub? It stops working for ever, wherever it is used.")
		if err == term.ErrCancelled || err == term.ErrSeveralLines {
			return &hintError{text: err.Error() + "; the old token was not revoked"}
		}
		if err != nil && err != term.ErrNoTerminal {
			return err
		}
	}
	if !revokes || !github.CanRevoke(old.Kind) {
		if page := github.TokensPage(old.Host, old.Kind); page != "" {
			t.Hint("the old token works until it expires or you delete it at " + page)
		}
		return nil
	}
	if err := revoke(ctx, r.Git, old, secret); err != nil {
		return err
	}
	t.Say("asked %s to revoke the old token", old.Host)
	return nil
}
