package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/input"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

type editCommand struct {
	Old      []string `arg:"" name:"target" help:"the target of the token"`
	Select   string   `placeholder:"NAME" help:"the name of the token, if the target has several"`
	Target   []string `sep:"none" placeholder:"TARGET" help:"the new target; may be repeated for several repositories"`
	Name     *string  `placeholder:"NAME" help:"the new name"`
	Username *string  `placeholder:"LOGIN" help:"the login of the owner of the token, or '' if it is unknown"`
	Access   string   `placeholder:"ACCESS" help:"read, write or unknown; see git pat help setup"`
	Expires  string   `placeholder:"WHEN" help:"when it expires: a date as in 2027-01-31, days as in 90d, a time in RFC 3339, never or unknown"`
	Store    string   `placeholder:"STORE" help:"the new store: keyring, file or git:HELPER"`
}

func (c *editCommand) Run(ctx context.Context, t *term.Terminal, kept *tokens.Tokens, r *resolve.Resolver, reader *remotes.Reader) error {
	if len(c.Target) == 0 && c.Name == nil && c.Username == nil && c.Access == "" && c.Expires == "" && c.Store == "" {
		return &words.Error{Text: "say what to change: --target, --name, --username, --access, --expires or --store", Status: words.ExitUsage}
	}
	if c.Store != "" {
		if err := takesTokens(kept, c.Store); err != nil {
			return err
		}
	}
	found, err := findNamed(kept, c.Old, c.Select)
	if err != nil {
		return words.Selecting(err)
	}
	if found.Damaged != nil {
		return found.Damaged
	}
	wanted, err := c.change(ctx, kept, found)
	if err != nil {
		return err
	}
	changes := words.Differences(found.Record, wanted)
	if len(changes) == 0 {
		t.Say("the token %s is like that already; nothing was changed", found.Title())
		return nil
	}
	if wanted.Store != found.Store {
		if err := movable(found); err != nil {
			return err
		}
		if err := probe(ctx, kept, wanted.Store); err != nil {
			return err
		}
	}
	err = kept.Edit(ctx, found, wanted)
	var copied *tokens.CopyError
	switch {
	case errors.As(err, &copied) && record.Key(wanted) != found.Key:
		err = &words.Error{Text: err.Error(), Hint: "to delete the copy, when the store works again:", Commands: []string{"git pat doctor --fix"}}
	case err != nil && copied == nil:
		return words.IfChanged(err, "nothing was changed")
	}
	what := changes[len(changes)-1]
	if len(changes) > 1 {
		what = strings.Join(changes[:len(changes)-1], ", ") + " and " + what
	}
	t.Say("changed the %s of the token %s", what, found.Title())
	if wanted.Title() != found.Title() {
		t.Say("it is now the token %s", wanted.Title())
	}
	if err != nil {
		return err
	}
	return afterEdit(ctx, t, r, reader, found.Record, wanted)
}

// change returns the record of a token as it is to be.
func (c *editCommand) change(ctx context.Context, kept *tokens.Tokens, found credential.Candidate) (credential.Record, error) {
	r := found.Record
	if c.Name != nil {
		r.Name = strings.TrimSpace(*c.Name)
		if r.Name == "" {
			return r, &words.Error{Text: "--name needs a value", Status: words.ExitUsage}
		}
	}
	if c.Username != nil {
		r.Username = strings.TrimSpace(*c.Username)
	}
	if err := input.CheckWords(r); err != nil {
		return r, err
	}
	switch c.Access {
	case "":
	case "unknown":
		r.Access = ""
	default:
		if err := r.Access.UnmarshalText([]byte(c.Access)); err != nil {
			return r, &words.Error{Text: fmt.Sprintf("%s cannot be used as --access: it must be read, write or unknown", credential.Quote(c.Access)), Status: words.ExitUsage}
		}
	}
	var err error
	switch c.Expires {
	case "":
	case "never", "unknown":
		r.Expires = time.Time{}
	default:
		if r.Expires, err = input.ParseExpiry(c.Expires, kept.Now); err != nil {
			return r, err
		}
	}
	if c.Store != "" {
		r.Store = c.Store
	}
	if len(c.Target) > 0 {
		return r, c.retarget(ctx, kept, found, &r)
	}
	return r, nil
}

// retarget sets the new target of a record. On another host the token may be of
// another kind.
func (c *editCommand) retarget(ctx context.Context, kept *tokens.Tokens, found credential.Candidate, r *credential.Record) error {
	target, err := input.ParseTargets(c.Target)
	if err != nil {
		return err
	}
	if target.Host != found.Host {
		secret, err := kept.Secret(ctx, found)
		if err != nil {
			return err
		}
		r.Target = target
		return input.Describe(r, secret)
	}
	if r.Target, err = target.On(r.On()); err != nil {
		return &words.Error{Text: err.Error(), Status: words.ExitUsage}
	}
	return nil
}

// afterEdit says what a person should know about a token that was just changed.
func afterEdit(ctx context.Context, t *term.Terminal, r *resolve.Resolver, reader *remotes.Reader, old, edited credential.Record) error {
	if edited.Kind == credential.FineGrained && len(edited.Paths) == 0 && len(old.Paths) > 0 {
		t.Say("a fine-grained token belongs to one owner, and this one now answers for all of %s", edited.Host)
	}
	if err := warnOfRivals(ctx, t, r, edited); err != nil {
		return err
	}
	if !edited.Target.Equal(old.Target) {
		warnOfSSH(ctx, t, reader, edited)
		warnOfSetup(ctx, t, r, edited)
	}
	return nil
}
