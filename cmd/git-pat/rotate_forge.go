package main

// Rotation by the forge, which issues the new token itself.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/input"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/inspect"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/verify"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// byForge has the forge replace a token. done is false if the forge does not rotate
// it, or if a person at the terminal does not want that: then they paste a new one.
func (c *rotateCommand) byForge(ctx context.Context, t *term.Terminal, v *verify.Verifier, s *verify.Servers, old credential.Candidate, expires time.Time) (done bool, err error) {
	if !inspect.CanRotate(old.Record) || c.WithToken || c.Offline || c.KeepOld || old.Aside != nil || old.Expired(v.Tokens.Now) {
		return false, nil
	}
	if t.Interactive() && !c.Yes {
		yes, err := t.Confirm(fmt.Sprintf("Let %s replace the token? The old one stops working at once, wherever it is used.", old.On().Title()))
		if !yes || err != nil {
			return false, err
		}
	}
	err = rotateNow(ctx, t, v.Tokens, s, old, expires)
	var scope *inspect.ScopeError
	var lost *tokens.LostError
	if t.Interactive() && (errors.As(err, &scope) || errors.As(err, &lost) || inspect.IsRejected(err)) {
		t.Say("%v; replace it yourself", err)
		return false, nil
	}
	return true, words.NotRenewed(err, old.Record)
}

// rotateNow has the forge replace a token, and says when the new one expires. until
// is when the person wants that.
func rotateNow(ctx context.Context, t *term.Terminal, kept *tokens.Tokens, s *verify.Servers, old credential.Candidate, until time.Time) error {
	client, err := s.Client(ctx, old.Host)
	if err != nil {
		return err
	}
	// Between the forge's answer and the store, the new token is only in this program.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Reset(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	done := t.Waiting("asking " + old.Host)
	renewed, err := verify.Rotate(ctx, kept, client, old, until)
	done()
	var unkept *tokens.UnkeptError
	switch {
	case errors.As(err, &unkept):
		exit(t, err)
		// It is shown only on the terminal, and only this once.
		if yes, _ := t.Confirm("Show the new token here, so that you can keep it?"); yes {
			t.Ask("It is " + unkept.Secret.Reveal() + " - copy it, then press Enter: ")
			t.Hint("to store it:", words.OnToken("git pat rotate", old.Record)+" --keep-old")
		}
		return errSaid
	case err != nil:
		return words.IfChanged(err, "it was not rotated")
	}
	t.Say("%s replaced the token %s; the old one does not work any more", old.Host, renewed.Title())
	sayExpiry(t, renewed, until, kept.Now)
	return nil
}

// allExpiring has the forges replace the tokens that expire soon, and names those
// that need a person.
func (c *rotateCommand) allExpiring(ctx context.Context, t *term.Terminal, v *verify.Verifier, s *verify.Servers) error {
	if c.Name != "" || c.WithToken || c.Revoke || c.KeepOld || c.Offline || c.Force || c.pageFlags != (pageFlags{}) {
		return &words.Error{Text: "with --expiring, give only targets, --expires and --yes", Status: words.ExitUsage}
	}
	now := v.Tokens.Now
	soon, err := input.ParseTime(c.Expiring, "--expiring", now)
	if err != nil {
		return err
	}
	until, err := input.ParseExpiry(c.Expires, now)
	if err != nil {
		return err
	}
	found, err := findAll(v, c.Target)
	if err != nil {
		return err
	}
	if len(found) == 0 && len(c.Target) > 0 {
		return words.NoTokens(c.Target)
	}
	done := t.Waiting("asking the servers about the tokens")
	expiring := v.Expiring(ctx, found, soon.Sub(now), func() {})
	done()
	if len(expiring) == 0 {
		t.Say("no token expires by %s", soon.Local().Format(time.DateOnly))
		return damage(t, found)
	}
	failed := false
	for _, e := range expiring {
		var scope *inspect.ScopeError
		if e.Err == nil && e.Rotates != inspect.No {
			if e.Err = rotateNow(ctx, t, v.Tokens, s, e.Token, until); e.Err == nil {
				continue
			}
		}
		failed = true
		if e.Err == nil || errors.As(e.Err, &scope) {
			advise(t, words.NeedsPerson(e.Token.Record, now))
		} else {
			exit(t, words.NotRenewed(e.Err, e.Token.Record))
		}
	}
	if err := damage(t, found); err != nil || !failed {
		return err
	}
	return errSaid
}
