package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/input"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/inspect"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/verify"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/view"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

type rotateCommand struct {
	Target    []string `arg:"" optional:"" help:"the target of the token"`
	Name      string   `placeholder:"NAME" help:"the name of the token, if the target has several"`
	Expires   string   `placeholder:"WHEN" help:"when the new token expires, as a date, days or a time; also fills in the page"`
	WithToken bool     `help:"read the new token from standard input, as one line, and ask nothing"`
	Revoke    bool     `xor:"old" help:"revoke the old token at GitHub"`
	KeepOld   bool     `xor:"old" help:"do not revoke the old token, and do not ask"`
	Offline   bool     `help:"connect to nothing; the new token is not checked"`
	Force     bool     `help:"replace the old token, even if the new one cannot be checked or reaches less"`
	Expiring  string   `placeholder:"WHEN" help:"replace all tokens that expire by then, as in 14d, if their forge issues the new ones, and list the others"`
	Yes       bool     `short:"y" help:"do not ask before the forge replaces the token"`
	pageFlags
}

func (c *rotateCommand) Run(ctx context.Context, t *term.Terminal, kept *tokens.Tokens, v *verify.Verifier, s *verify.Servers) error {
	switch {
	case c.Expiring != "":
		return c.allExpiring(ctx, t, v, s)
	case len(c.Target) == 0:
		return &words.Error{Text: "name the target of a token, or all tokens that expire soon with --expiring", Status: words.ExitUsage}
	}
	old, err := c.find(kept)
	if err != nil {
		return err
	}
	switch {
	case old.Damaged != nil:
		return old.Damaged
	case store.ReadOnly(old.Store):
		return &words.Error{Text: fmt.Sprintf("the token %s is in the read-only store %s; replace it there", credential.Quote(old.Name), credential.Quote(old.Store))}
	case c.Revoke && !github.CanRevoke(old.Kind):
		return words.CannotRevoke(old.Record)
	case c.Revoke && c.Offline:
		return &words.Error{Text: "--revoke needs a connection, and --offline allows none", Status: words.ExitUsage}
	}
	expires, err := input.ParseExpiry(c.Expires, kept.Now)
	if err != nil {
		return err
	}
	if done, err := c.byForge(ctx, t, v, s, old, expires); done || err != nil {
		return err
	}
	fresh := old.Record
	fresh.Added, fresh.Expires, fresh.Form = kept.Now.UTC(), expires, ""
	if !c.WithToken {
		if err := probe(ctx, kept, old.Store); err != nil {
			return err
		}
		showPage(t, kept, fresh, c.pageFlags, c.Offline)
	}
	secret, err := readToken(ctx, t, kept, old.Record, c.WithToken)
	if err != nil {
		return err
	}
	if err := input.Describe(&fresh, secret); err != nil {
		return err
	}
	var before *credential.Secret
	err = kept.IfUnchanged(ctx, old, func(now credential.Candidate) (err error) {
		before, err = c.oldSecret(ctx, kept, now)
		return err
	})
	var changed *tokens.ChangedError
	if errors.As(err, &changed) {
		return notRotated(kept, changed)
	}
	if err != nil {
		return err
	}
	if before != nil && before.Equal(secret) && old.Aside == nil && !old.Expired(kept.Now) {
		return &words.Error{Text: "this is the token that is there already; nothing was changed"}
	}
	var staged *credential.Record // what was pasted stays, if the program is killed
	if !c.Offline {
		if !c.WithToken {
			stored, err := kept.Stage(ctx, fresh, secret)
			if err != nil {
				return err
			}
			staged = &stored
		}
		if err := c.check(ctx, t, s, kept, old.Record, before, &fresh, secret); err != nil {
			return errors.Join(err, discard(ctx, kept, staged))
		}
	}
	err = kept.IfUnchanged(ctx, old, func(now credential.Candidate) error {
		if err := kept.SameSecret(ctx, now, before); err != nil {
			return err
		}
		return kept.ReplaceLocked(ctx, now, staged, fresh, secret)
	})
	if errors.As(err, &changed) {
		err = discard(ctx, kept, staged)
		return errors.Join(notRotated(kept, changed), err)
	}
	if err != nil {
		return err
	}
	t.Say("the %s token %s now answers for %s", view.Kind(fresh), words.Called(fresh, secret), fresh.Target)
	sayExpiry(t, fresh, expires, kept.Now)
	if before == nil || before.Equal(secret) {
		return nil // there is no old token to revoke
	}
	return c.revokeOld(ctx, t, s, old.Record, *before)
}

// find returns the token to replace. A new token that an earlier call left, because it
// was interrupted, does not count.
func (c *rotateCommand) find(kept *tokens.Tokens) (credential.Candidate, error) {
	old, err := findNamed(kept, c.Target, c.Name)
	var several *tokens.SeveralError
	if errors.As(err, &several) {
		if left := slices.DeleteFunc(several.Found, tokens.IsStaged); len(left) == 1 {
			return left[0], nil
		}
	}
	return old, err
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

// discard removes a staged token, if there is one.
func discard(ctx context.Context, kept *tokens.Tokens, staged *credential.Record) error {
	if staged == nil {
		return nil
	}
	return kept.Discard(ctx, *staged)
}

// check asks the server about the new token and completes its record. The error says why
// it does not replace the old one. before is the old secret, if there is one.
func (c *rotateCommand) check(ctx context.Context, t *term.Terminal, s *verify.Servers, kept *tokens.Tokens, old credential.Record, before *credential.Secret, fresh *credential.Record, secret credential.Secret) error {
	v := checkPasted(ctx, t, s, fresh, secret, kept.Now)
	sayProblems(t, v)
	e := &words.Error{Hint: "to replace it all the same, add --force"}
	switch {
	case v.Result == inspect.ResultRefused:
		return &words.Error{Text: fmt.Sprintf("%s rejects the new token, so the old token %s stays", old.Host, credential.Quote(old.Name))}
	case v.Untold():
		t.Say("it is not known whether %s accepts the new token: %s", old.Host, v.What)
		return nil
	case !v.Accepted():
		e.Text, e.Hint = "the new token could not be checked", "to replace it without a check, add --offline"
	case old.Username != "" && v.Login != "" && !credential.EqualFold(old.Username, v.Login):
		e.Text = fmt.Sprintf("the new token belongs to %s and the old one to %s", credential.Quote(v.Login), credential.Quote(old.Username))
		e.Hint = "to replace it all the same, add --force; to add the new token beside it:"
		e.Commands = []string{fmt.Sprintf("git pat add %s --username %s", shell.Own().Word(old.Target.Short()), shell.Own().Word(v.Login))}
	default:
		if e.Text = c.reachesLess(ctx, t, s, kept.Now, old, before, *fresh, v, secret); e.Text == "" {
			return nil
		}
	}
	switch {
	case c.Force:
		t.Say("%s; it replaces the old one all the same", e.Text)
		return nil
	case !c.WithToken:
		t.Say("%s", e.Text)
		yes, err := t.Confirm("Replace the old token all the same?")
		if yes || err != nil {
			return err
		}
		return &words.Error{Text: fmt.Sprintf("nothing was changed; the old token %s stays", credential.Quote(old.Name))}
	}
	e.Text += fmt.Sprintf(", so the old token %s stays", credential.Quote(old.Name))
	return e
}

// reachesLess says what the old token may do and the new one may not, if anything.
func (c *rotateCommand) reachesLess(ctx context.Context, t *term.Terminal, s *verify.Servers, now time.Time, old credential.Record, before *credential.Secret, fresh credential.Record, v view.Verification, secret credential.Secret) string {
	client, err := s.Client(ctx, old.Host)
	if err != nil {
		return err.Error()
	}
	defer t.Waiting("comparing it with the old token")()
	var was inspect.Report
	if before != nil && !before.Equal(secret) {
		was = client.Inspect(ctx, old, *before, now)
	}
	if lost := client.Lost(ctx, was, fresh, secret); len(lost) > 0 {
		what := "fetch from"
		if lost[0].Fetch == inspect.Yes {
			what = "push to"
		}
		return fmt.Sprintf("the new token cannot %s %s, and the old one can", what, lost[0].Repository)
	}
	if v.Result != inspect.ResultGood && was.Fit() != v.Result {
		return "it is not certain that the new token reaches anything of " + old.Target.String()
	}
	return ""
}

// revokeOld revokes the old token, if the person wants that.
func (c *rotateCommand) revokeOld(ctx context.Context, t *term.Terminal, s *verify.Servers, old credential.Record, secret credential.Secret) error {
	revokes := c.Revoke
	if !c.Revoke && !c.KeepOld && !c.Offline && !c.WithToken && github.CanRevoke(old.Kind) {
		var err error
		revokes, err = t.Confirm("Revoke the old token at GitHub? It stops working for ever, wherever it is used.")
		if err == term.ErrCancelled || err == term.ErrSeveralLines {
			return &words.Error{Text: err.Error() + "; the old token was not revoked"}
		}
		if err != nil && err != term.ErrNoTerminal {
			return err
		}
	}
	if !revokes || !github.CanRevoke(old.Kind) {
		if page := words.TokensPage(old); page != "" {
			t.Hint("the old token works until it expires or you delete it at " + page)
		}
		return nil
	}
	if err := revoke(ctx, s, old, secret); err != nil {
		return err
	}
	t.Say("asked %s to revoke the old token", old.Host)
	return nil
}

// notRotated is the error if another program changed the old token meanwhile.
func notRotated(kept *tokens.Tokens, e *tokens.ChangedError) error {
	free, err := kept.FreeName(e.Record)
	return errors.Join(words.NotRotated(e, free), err)
}
