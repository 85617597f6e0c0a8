package main

import (
	"context"
	"errors"
	"slices"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/answer"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes/fix"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// A fixing changes the remotes that are refused, and says so.
type fixing struct {
	*answer.Finder
	fix.Fixer
	t       *term.Terminal
	command *remoteCommand
	stays   []*remotes.Entry // not changed, and a line says so
}

func newFixing(t *term.Terminal, a *answer.Finder, reader *remotes.Reader, c *remoteCommand) *fixing {
	return &fixing{Finder: a, t: t, command: c, Fixer: fix.Fixer{
		Resolver: a.Resolver,
		List:     func(ctx context.Context) ([]*remotes.Entry, error) { return c.entries(ctx, reader) },
	}}
}

// fix changes what is refused.
func (f *fixing) fix(ctx context.Context, all []*remotes.Entry) error {
	var ready []*remotes.Entry
	keeps := fix.Records{} // what is said to be kept of a URL
	for _, e := range remotes.Choose(all, len(f.command.Name) > 0, f.IsOurs) {
		if e.Secret != nil {
			record, err := f.RecordFor(ctx, e, keeps)
			if err != nil {
				f.staysInURL(ctx, e, err)
				continue
			}
			if record != nil && (f.command.DryRun || !f.command.Yes) {
				f.t.Say("the %s in the URL of %s will be stored first, for %s", words.SecretWord(e.Secret), words.TheRemote(e), record.Target)
			}
			keeps[e] = record
		}
		ready = append(ready, e)
	}
	if f.command.DryRun {
		return f.dryRun(ready)
	}
	if len(ready) > 0 && !f.command.Yes {
		if err := f.mayRun(ready); err != nil {
			return err
		}
	}
	ready, changed, err := f.Unchanged(ctx, ready)
	if err != nil {
		return err
	}
	for _, e := range changed {
		f.t.Say("%s was changed meanwhile, so it stays as it is", words.TheRemote(e))
	}
	if f.command.InsteadOf && len(ready) > 0 {
		if err := disk.MakeDirs(f.Tokens.Tree.Dir()); err != nil {
			return err
		}
	}
	for _, e := range ready {
		if e.Secret != nil && !f.keep(ctx, e, keeps[e]) {
			continue
		}
		show := func(args []string) error { return f.t.Line(words.GitLine(args)) }
		if err := f.Run(ctx, e, show); err != nil {
			exit(f.t, err)
		}
	}
	return f.after(ctx, ready)
}

// dryRun prints the commands that do the same. A token is kept by a command of
// ours only.
func (f *fixing) dryRun(entries []*remotes.Entry) error {
	var all []string
	for _, e := range entries {
		some := words.GitLines(e.Commands)
		if e.Secret != nil {
			some = []string{words.FixCommand(e, "--yes")}
		}
		all = append(all, some...)
	}
	for n, line := range all {
		if slices.Contains(all[:n], line) {
			continue
		}
		if err := f.t.Line(line); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		f.t.Say("nothing would be changed")
		return nil
	}
	f.t.Say("nothing was changed; without --dry-run these commands would run")
	return nil
}

// mayRun asks whether the commands may be run.
func (f *fixing) mayRun(entries []*remotes.Entry) error {
	commands := words.DistinctLines(entries)
	if f.t.Interactive() {
		f.t.Hint("this is to be run:", commands...)
	}
	question := "Run these?"
	if len(commands) == 1 {
		question = "Run it?"
	}
	return confirm(f.t, question, "nothing is changed", "to change what is refused without being asked, add --yes; to see the commands, --dry-run")
}

// keep keeps what is in the URL of an entry, under the record that was shown. It
// reports false if the URL stays.
func (f *fixing) keep(ctx context.Context, e *remotes.Entry, shown *credential.Record) bool {
	r, err := f.Keep(ctx, e, shown)
	if err != nil {
		f.staysInURL(ctx, e, err)
		return false
	}
	if r != nil {
		what := r.Kind.String() + " token"
		if r.Kind == credential.Other {
			what = "password"
		}
		f.t.Say("kept the %s %s for %s, in the store %s", what, words.Called(*r, e.Secret.Value), r.Target, credential.Quote(r.Store))
	}
	return true
}

// staysInURL says why what is in a URL stays there.
func (f *fixing) staysInURL(ctx context.Context, e *remotes.Entry, err error) {
	f.stays = append(f.stays, e)
	f.t.Say("the %s in the URL of %s was not removed:", words.SecretWord(e.Secret), words.TheRemote(e))
	var noAnswer *fix.NoAnswerError
	var notAsked *fix.NotAskedError
	switch {
	case errors.As(err, &noAnswer):
		advise(f.t, f.WhyNone(ctx, noAnswer.URL, noAnswer.Result))
	case errors.As(err, &notAsked):
		advise(f.t, f.DoesNotAsk(ctx, notAsked.Host))
	default:
		exit(f.t, err)
	}
	f.t.Hint("to remove it without storing it:", words.GitLines(e.Commands)...)
}

// after reads all again and says what has become of it.
func (f *fixing) after(ctx context.Context, changed []*remotes.Entry) error {
	all, err := f.Again(ctx)
	if err != nil {
		return err
	}
	if all, err = f.command.named(all); err != nil {
		return err
	}
	f.Forget()
	said := map[string]bool{}
	refused := false
	var fresh []*remotes.Entry
	for _, o := range fix.Outcomes(all, changed, f.stays, len(f.command.Name) > 0, f.IsOurs) {
		refused = refused || o.State >= fix.Stays
		switch e := o.Entry; o.State {
		case fix.Fixed:
			found, err := f.To(ctx, e)
			if err != nil {
				return err
			}
			text := answer.ChangedNow(e, o.Before, found)
			if !said[text] {
				f.t.Say("%s", text)
			}
			said[text] = true
			fresh = append(fresh, e)
		case fix.Doubtful:
			f.t.Say("%s is over %s to %s, and its server may not support https", words.TheRemote(e), e.Remote.Protocol, e.Remote.Host)
			var options []string
			if f.command.InsteadOf {
				options = []string{"--insteadof"}
			}
			f.t.Hint("to change it all the same:", words.FixCommand(e, options...))
		case fix.Refused:
			advise(f.t, words.Refused(e))
		}
	}
	if err := adviseAll(ctx, f.t, f.Finder, fresh, nil); err != nil {
		return err
	}
	for _, e := range changed {
		if file, ok := e.Modules(); ok {
			f.t.Hint(file + " is changed; commit it, so that others have it too")
			break
		}
	}
	switch {
	case refused:
		return errSaid
	case len(changed) == 0:
		f.t.Say("nothing needs to be changed")
	}
	return nil
}
