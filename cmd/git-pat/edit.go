package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
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

func (editCommand) Help() string {
	return `Changes the record of a token. You do not need to paste the token again, and
nothing changes at the server. If something fails, the token stays as it was.
If git pat edit is killed, the token answers either as before or as changed,
and git pat doctor finds a copy that is left.

    git pat edit acme/widgets --target acme
    git pat edit acme --select laptop --name ci --expires never

TARGET is the same as for git pat add. --name is the new name. To say which of
several tokens to change, use --select.`
}

func (c *editCommand) Run(ctx context.Context, t *term.Terminal, kept *tokens.Tokens, r *resolve.Resolver, reader *remotes.Reader) error {
	if len(c.Target) == 0 && c.Name == nil && c.Username == nil && c.Access == "" && c.Expires == "" && c.Store == "" {
		return &hintError{text: "say what to change: --target, --name, --username, --access, --expires or --store", status: exitUsage}
	}
	if c.Store != "" {
		if err := takesTokens(kept, c.Store); err != nil {
			return err
		}
	}
	found, err := findNamed(kept, c.Old, c.Select)
	if err != nil {
		return selecting(err)
	}
	if found.Damaged != nil {
		return found.Damaged
	}
	wanted, err := c.change(ctx, kept, found)
	if err != nil {
		return err
	}
	changes := differences(found.Record, wanted)
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
		err = &hintError{text: err.Error(), hint: "to delete the copy, when the store works again:", commands: []string{"git pat doctor --fix"}}
	case err != nil && copied == nil:
		return ifChanged(err, "nothing was changed")
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

// selecting completes the error of a token that was not found. In other commands
// --name selects a token.
func selecting(err error) error {
	var several *tokens.SeveralError
	var missing *tokens.NotFoundError
	e := &hintError{text: err.Error()}
	var found []credential.Candidate
	switch {
	case errors.As(err, &several):
		e.hint, found = "to choose one:", several.Found
	case errors.As(err, &missing) && len(missing.Near) > 0:
		e.hint, found = "there is", missing.Near
	default:
		return err
	}
	for _, c := range found {
		e.commands = append(e.commands, "git pat edit "+shellWord(c.Target.Short())+" --select "+shellWord(c.Name))
	}
	return e
}

// change returns the record of a token as it is to be.
func (c *editCommand) change(ctx context.Context, kept *tokens.Tokens, found credential.Candidate) (credential.Record, error) {
	r := found.Record
	if c.Name != nil {
		r.Name = strings.TrimSpace(*c.Name)
		if r.Name == "" {
			return r, &hintError{text: "--name needs a value", status: exitUsage}
		}
	}
	if c.Username != nil {
		r.Username = strings.TrimSpace(*c.Username)
	}
	if err := checkWords(r); err != nil {
		return r, err
	}
	switch c.Access {
	case "":
	case "unknown":
		r.Access = ""
	default:
		if err := r.Access.UnmarshalText([]byte(c.Access)); err != nil {
			return r, &hintError{text: fmt.Sprintf("%s cannot be used as --access: it must be read, write or unknown", quote(c.Access)), status: exitUsage}
		}
	}
	var err error
	switch c.Expires {
	case "":
	case "never", "unknown":
		r.Expires = time.Time{}
	default:
		if r.Expires, err = parseExpiry(c.Expires, kept.Now); err != nil {
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
	target, err := tokens.ParseTargets(c.Target)
	if err != nil {
		return err
	}
	if target.Host != found.Host {
		secret, err := kept.Secret(ctx, found)
		if err != nil {
			return err
		}
		r.Target = target
		return describe(r, secret)
	}
	if r.Target, err = target.On(r.On()); err != nil {
		return &hintError{text: err.Error(), status: exitUsage}
	}
	return nil
}

// differences names what differs between two records.
func differences(old, wanted credential.Record) (names []string) {
	for _, d := range []struct {
		name  string
		equal bool
	}{
		{"target", old.Target.Equal(wanted.Target)},
		{"name", old.Name == wanted.Name},
		{"username", old.Username == wanted.Username},
		{"access", old.Access == wanted.Access},
		{"expiry date", old.Expires.Equal(wanted.Expires)},
		{"store", old.Store == wanted.Store},
	} {
		if !d.equal {
			names = append(names, d.name)
		}
	}
	return names
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
