package main

import (
	"context"
	"slices"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// A fixing changes the remotes that are refused.
type fixing struct {
	answers
	t       *term.Terminal
	reader  *remotes.Reader
	command *remoteCommand
	stays   []*remotes.Entry // not changed, and a line says so
}

// fix changes what is refused.
func (f *fixing) fix(ctx context.Context, all []*remotes.Entry) error {
	var ready []*remotes.Entry
	keeps := map[*remotes.Entry]*credential.Record{} // what is said to be kept of a URL
	for _, e := range remotes.Choose(all, len(f.command.Name) > 0, f.IsOurs) {
		if e.Secret != nil {
			record, err := f.recordFor(ctx, e, keeps)
			if err != nil {
				f.staysInURL(e, err)
				continue
			}
			if record != nil && (f.command.DryRun || !f.command.Yes) {
				f.t.Say("the %s in the URL of %s is first kept for %s", secretWord(e.Secret), theRemote(e), record.Target)
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
	ready, err := f.unchanged(ctx, ready)
	if err != nil {
		return err
	}
	if f.command.InsteadOf && len(ready) > 0 {
		if err := disk.MakeDirs(f.Tokens.Tree.Dir()); err != nil {
			return err
		}
	}
	done := map[string]bool{}
	for _, e := range ready {
		if err := f.run(ctx, e, keeps[e], done); err != nil {
			exit(f.t, err)
		}
	}
	return f.after(ctx, ready)
}

// unchanged reads the repository again and returns those entries that are still
// as they were shown. In a URL that somebody has written meanwhile there may be
// another token.
func (f *fixing) unchanged(ctx context.Context, shown []*remotes.Entry) ([]*remotes.Entry, error) {
	if len(shown) == 0 {
		return nil, nil
	}
	*f.Git = git.Cache{}
	now, err := f.command.entries(ctx, f.reader)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(shown, func(e *remotes.Entry) bool {
		if slices.ContainsFunc(now, e.Unchanged) {
			return false
		}
		f.t.Say("%s was changed meanwhile, so it stays as it is", theRemote(e))
		return true
	}), nil
}

// dryRun prints the commands that do the same. A token is kept by a command of
// ours only.
func (f *fixing) dryRun(entries []*remotes.Entry) error {
	var all []string
	for _, e := range entries {
		some := commandLines(e.Commands)
		if e.Secret != nil {
			some = []string{fixCommand(e, "--yes")}
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
	f.t.Say("nothing is changed; without --dry-run these would run")
	return nil
}

// mayRun asks whether the commands may be run.
func (f *fixing) mayRun(entries []*remotes.Entry) error {
	commands := lines(entries)
	if f.t.Interactive() {
		f.t.Hint("this is to be run:", commands...)
	}
	question := "Run these?"
	if len(commands) == 1 {
		question = "Run it?"
	}
	yes, err := f.t.Confirm(question)
	switch {
	case err == term.ErrNoTerminal:
		return &hintError{text: "there is no terminal to ask at", hint: "to change what is refused without being asked, add --yes; to see the commands, --dry-run"}
	case err != nil:
		return err
	case !yes:
		return &hintError{text: "nothing is changed"}
	}
	return nil
}

// run keeps what stands in the URL of an entry, as the record that was shown,
// and then runs its commands, but for those that are done.
func (f *fixing) run(ctx context.Context, e *remotes.Entry, shown *credential.Record, done map[string]bool) error {
	if e.Secret != nil {
		if err := f.keepSecret(ctx, e, shown); err != nil {
			f.staysInURL(e, err)
			return nil
		}
	}
	for _, args := range e.Commands {
		line := "git " + quoteAll(args)
		if done[line] {
			continue
		}
		done[line] = true
		if err := f.t.Line(line); err != nil {
			return err
		}
		*f.Git = git.Cache{}
		if _, err := git.Run(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// after reads all again and says what has become of it.
func (f *fixing) after(ctx context.Context, changed []*remotes.Entry) error {
	*f.Git = git.Cache{}
	all, err := f.command.entries(ctx, f.reader)
	if err != nil {
		return err
	}
	if all, err = f.command.named(all); err != nil {
		return err
	}
	was := func(e *remotes.Entry) *remotes.Entry {
		i := slices.IndexFunc(changed, func(q *remotes.Entry) bool {
			return e.Same(q) && repositoryOf(e.HTTPS) == repositoryOf(q.HTTPS)
		})
		if i < 0 {
			return nil
		}
		return changed[i]
	}
	clear(f.known)
	said := map[string]bool{}
	refused := false
	var fresh []*remotes.Entry
	for _, e := range all {
		before := was(e)
		switch {
		case !e.Refused() && before != nil && e.Remote.Host != "":
			answer, err := f.to(ctx, e)
			if err != nil {
				return err
			}
			text := changedNow(e, before, answer)
			if !said[text] {
				f.t.Say("%s", text)
			}
			said[text] = true
			fresh = append(fresh, e)
		case !e.Refused():
		case slices.ContainsFunc(f.stays, e.Same):
			refused = true
		case before == nil && len(e.Commands) > 0 && e.Secret == nil && len(f.command.Name) == 0 && !f.IsOurs(e.Remote.Host):
			refused = true
			f.t.Say("%s is over %s to %s, whose server may know no https", theRemote(e), e.Remote.Protocol, e.Remote.Host)
			var options []string
			if f.command.InsteadOf {
				options = []string{"--insteadof"}
			}
			f.t.Hint("to change it all the same:", fixCommand(e, options...))
		default:
			refused = true
			sayProblem(f.t, e)
		}
	}
	if err := f.advise(ctx, f.t, fresh, nil); err != nil {
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
		f.t.Say("nothing of this is refused; nothing was changed")
	}
	return nil
}

// repositoryOf returns a URL without its user name and usual port, which
// git.PushBase has.
func repositoryOf(url string) string {
	if remote, err := credential.ParseRemote(url); err == nil {
		return remote.HTTPS()
	}
	return url
}
