package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

type remoteCommand struct {
	Name       []string `arg:"" optional:"" name:"remote" help:"only these remotes and submodules; with --fix, on whatever host they are"`
	Fix        bool     `help:"change what is refused, after a question"`
	Yes        bool     `short:"y" help:"with --fix, ask nothing"`
	DryRun     bool     `help:"print the commands of --fix, and run none"`
	Submodules bool     `help:"enter the submodules, and theirs"`
	InsteadOf  bool     `name:"insteadof" help:"do not change SSH remotes, but make Git use https for them by a line in your configuration"`
}

func (remoteCommand) Help() string {
	return `The table says of each remote, and of each submodule, where it leads and which
token answers there. Tokens work over https only, so SSH, http and git remotes
are refused, each with the command that changes it. So is a URL with a token
or password in it, which everybody who reads the configuration can see.

With --fix the commands are run, and the token in a URL is kept first: for the
owner, or for the repository if the owner has another one. If it cannot be
kept, the URL stays. Only if they are named are these changed: remotes on a
host that GitHub does not run and that you have no token for, since it may know
no https, and submodules with a token in the URL, since others may have put it
there.

With --insteadof there is one line for all remotes that begin alike, as in

    url.https://github.com/.insteadOf   git@github.com:

and with --fix it is written into the file that git pat setup writes too. git
pat setup --undo removes it.

The exit status is 1 while any of them is refused, but for --dry-run.`
}

func (c *remoteCommand) Run(a *app) error {
	if c.Yes && !c.Fix {
		return &hintError{text: "--yes goes with --fix", status: exitUsage, hint: "how it is used:", commands: []string{"git pat help remote"}}
	}
	tree, err := a.tree()
	if err != nil {
		return err
	}
	inspection := &inspection{app: a, tree: tree, answers: map[string]answer{}}
	all, err := c.entries(inspection)
	if err != nil {
		return err
	}
	chosen, err := c.named(all)
	if err != nil {
		return err
	}
	if c.Fix || c.DryRun {
		return c.fix(inspection, chosen)
	}
	return c.show(inspection, chosen)
}

// entries reads the repository.
func (c *remoteCommand) entries(i *inspection) ([]*remotes.Entry, error) {
	if c.Submodules && os.Getenv("GIT_DIR") != "" {
		return nil, &hintError{text: "GIT_DIR is set, and with it Git enters no submodule", hint: "run it without:", commands: []string{"env -u GIT_DIR git pat remote --submodules"}}
	}
	r := i.remotesReader(i.tree)
	r.Submodules = c.Submodules
	if c.InsteadOf {
		r.InsteadOf = filepath.Join(i.tree.Dir(), setup.OwnFile)
	}
	all, err := r.List(i.ctx, "")
	var none *remotes.NoRepositoryError
	if !errors.As(err, &none) {
		if c.InsteadOf && (!c.Fix || c.DryRun) && !isFolder(i.tree.Dir()) {
			leaveToFix(all)
		}
		return all, err
	}
	if folder, ok := git.Bare(err); ok {
		return nil, bareFault(folder, "git pat remote")
	}
	return nil, &hintError{text: "there is no repository here: " + err.Error()}
}

// leaveToFix replaces commands for a file in a folder that is missing, which Git
// does not make, by our own.
func leaveToFix(all []*remotes.Entry) {
	for _, e := range all {
		if slices.ContainsFunc(e.Commands, func(args []string) bool { return slices.Contains(args, "--file") }) {
			e.Commands = [][]string{e.Git("pat", "remote", "--fix", "--insteadof", e.Name)}
		}
	}
}

// named returns those of the entries that are named, or all.
func (c *remoteCommand) named(all []*remotes.Entry) ([]*remotes.Entry, error) {
	if len(c.Name) == 0 {
		return all, nil
	}
	for _, name := range c.Name {
		if !slices.ContainsFunc(all, func(e *remotes.Entry) bool { return e.Called(name) }) {
			return nil, &hintError{text: fmt.Sprintf("there is no remote or submodule %s here", quote(name)), hint: "to see which there are:", commands: []string{"git pat remote"}}
		}
	}
	return slices.DeleteFunc(all, func(e *remotes.Entry) bool { return !slices.ContainsFunc(c.Name, e.Called) }), nil
}

// show prints the table, and what to do about it.
func (c *remoteCommand) show(i *inspection, entries []*remotes.Entry) error {
	if len(entries) == 0 {
		i.ui.say("this repository has no remotes")
		return nil
	}
	var rows [][]string
	for _, e := range entries {
		answer, err := i.answer(e)
		if err != nil {
			return err
		}
		row := row(e, answer)
		// Those that tell nothing apart but what they are for are one.
		same := func(other []string) bool { return other[0] == row[0] && slices.Equal(other[2:], row[2:]) }
		if i := slices.IndexFunc(rows, same); i >= 0 {
			if rows[i][1] != row[1] {
				rows[i][1] = "fetch, push"
			}
			continue
		}
		rows = append(rows, row)
	}
	err := i.ui.table([]string{"REMOTE", "FOR", "PROTOCOL", "HOST", "OWNER", "REPOSITORY", "TOKEN", "VERDICT"}, rows, func(verdict string) string {
		switch {
		case verdict == verdictOK:
			return "32"
		case strings.HasPrefix(verdict, "refused"):
			return "31"
		case slices.Contains([]string{verdictLocal, verdictOther, verdictNone}, verdict):
			return ""
		}
		return "33"
	})
	if err != nil {
		return err
	}
	refused := slices.DeleteFunc(slices.Clone(entries), func(e *remotes.Entry) bool { return !e.Refused() })
	c.sayRefused(i.app, refused, entries)
	if err := i.advise(entries); err != nil || len(refused) == 0 {
		return err
	}
	return errSaid
}

// fix changes what is refused.
func (c *remoteCommand) fix(i *inspection, all []*remotes.Entry) error {
	var ready []*remotes.Entry
	keeps := map[*remotes.Entry]*credential.Record{} // what is said to be kept of a URL
	for _, e := range remotes.Choose(all, len(c.Name) > 0, i.isOurs) {
		if e.Secret != nil {
			record, err := i.recordFor(e, keeps)
			if err != nil {
				i.staysInURL(e, err)
				continue
			}
			if record != nil && (c.DryRun || !c.Yes) {
				i.ui.say("the %s in the URL of %s is first kept for %s", secretWord(e.Secret), theRemote(e), record.Target)
			}
			keeps[e] = record
		}
		ready = append(ready, e)
	}
	if c.DryRun {
		return i.dryRun(ready)
	}
	if len(ready) > 0 && !c.Yes {
		if err := i.mayRun(ready); err != nil {
			return err
		}
	}
	ready, err := c.unchanged(i, ready)
	if err != nil {
		return err
	}
	if c.InsteadOf && len(ready) > 0 {
		if err := disk.MakeDirs(i.tree.Dir()); err != nil {
			return err
		}
	}
	done := map[string]bool{}
	for _, e := range ready {
		if err := i.run(e, keeps[e], done); err != nil {
			i.ui.exit(err)
		}
	}
	return c.after(i, ready)
}

// unchanged reads the repository again and returns those entries that are still
// as they were shown. In a URL that somebody has written meanwhile there may be
// another token.
func (c *remoteCommand) unchanged(i *inspection, shown []*remotes.Entry) ([]*remotes.Entry, error) {
	if len(shown) == 0 {
		return nil, nil
	}
	i.git = git.Cache{}
	now, err := c.entries(i)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(shown, func(e *remotes.Entry) bool {
		if slices.ContainsFunc(now, e.Unchanged) {
			return false
		}
		i.ui.say("%s was changed meanwhile, so it stays as it is", theRemote(e))
		return true
	}), nil
}

// dryRun prints the commands that do the same. A token is kept by a command of
// ours only.
func (i *inspection) dryRun(entries []*remotes.Entry) error {
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
		if err := i.ui.line(line); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		i.ui.say("nothing would be changed")
		return nil
	}
	i.ui.say("nothing is changed; without --dry-run these would run")
	return nil
}

// mayRun asks whether the commands may be run.
func (i *inspection) mayRun(entries []*remotes.Entry) error {
	commands := lines(entries)
	if i.ui.somebodyIsThere() {
		i.ui.hint("this is to be run:", commands...)
	}
	question := "Run these?"
	if len(commands) == 1 {
		question = "Run it?"
	}
	yes, err := i.ui.confirm(question)
	switch {
	case err == errNoTerminal:
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
func (i *inspection) run(e *remotes.Entry, shown *credential.Record, done map[string]bool) error {
	if e.Secret != nil {
		if err := i.keepSecret(e, shown); err != nil {
			i.staysInURL(e, err)
			return nil
		}
	}
	for _, args := range e.Commands {
		line := "git " + quoteAll(args)
		if done[line] {
			continue
		}
		done[line] = true
		if err := i.ui.line(line); err != nil {
			return err
		}
		if err := i.changeGit(args); err != nil {
			return err
		}
	}
	return nil
}

// repositoryOf returns a URL without its user name and usual port. There may be
// those of git.PushBase in it.
func repositoryOf(url string) string {
	if remote, err := credential.ParseRemote(url); err == nil {
		return remote.HTTPS()
	}
	return url
}

// after reads all again and says what has become of it.
func (c *remoteCommand) after(i *inspection, changed []*remotes.Entry) error {
	i.git = git.Cache{}
	all, err := c.entries(i)
	if err != nil {
		return err
	}
	if all, err = c.named(all); err != nil {
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
	i.answers = map[string]answer{}
	said := map[string]bool{}
	refused := false
	var fresh []*remotes.Entry
	for _, e := range all {
		before := was(e)
		switch {
		case !e.Refused() && before != nil && e.Remote.Host != "":
			answer, err := i.answer(e)
			if err != nil {
				return err
			}
			text := changedNow(e, before, answer)
			if !said[text] {
				i.ui.say("%s", text)
			}
			said[text] = true
			fresh = append(fresh, e)
		case !e.Refused():
		case slices.ContainsFunc(i.stays, e.Same):
			refused = true
		case before == nil && len(e.Commands) > 0 && e.Secret == nil && len(c.Name) == 0 && !i.isOurs(e.Remote.Host):
			refused = true
			i.ui.say("%s is over %s to %s, whose server may know no https", theRemote(e), e.Remote.Protocol, e.Remote.Host)
			var options []string
			if c.InsteadOf {
				options = []string{"--insteadof"}
			}
			i.ui.hint("to change it all the same:", fixCommand(e, options...))
		default:
			refused = true
			i.sayProblem(e)
		}
	}
	if err := i.advise(fresh); err != nil {
		return err
	}
	for _, e := range changed {
		if file, ok := e.Modules(); ok {
			i.ui.hint(file + " is changed; commit it, so that others have it too")
			break
		}
	}
	switch {
	case refused:
		return errSaid
	case len(changed) == 0:
		i.ui.say("nothing of this is refused, so nothing is changed")
	}
	return nil
}
