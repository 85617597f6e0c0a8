package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

type remoteCommand struct {
	Name       []string `arg:"" optional:"" name:"remote" help:"only these remotes and submodules; with --fix, on any host"`
	Fix        bool     `help:"change the remotes that must change, after a question"`
	Yes        bool     `short:"y" help:"with --fix, ask nothing"`
	DryRun     bool     `help:"print the commands of --fix, but do not run them"`
	Submodules bool     `help:"include submodules and their submodules"`
	InsteadOf  bool     `name:"insteadof" help:"do not change SSH remotes, but make Git use https for them by a line in your configuration"`
}

func (remoteCommand) Help() string {
	return `The table shows for each remote and each submodule where it leads and which
token is used there. Tokens work over https only, so SSH, http and git remotes
must change, and git pat prints the commands for that. A URL that contains a
token or password must change too, because everybody who reads the
configuration can see it.

A line for LFS is shown if a setting of Git LFS leads to another repository
than the remote does.

With --fix, git pat runs the commands. It first stores the token of a URL: for
the owner, or for the repository if the owner has another token. If it cannot
store the token, the URL stays. These remotes are changed only if you name
them: remotes on a host that is not GitHub's and has no token here, because
the host may not support https, and submodules with a token in the URL,
because others may have put it there.

With --insteadof, one line serves all remotes whose URLs begin alike, such as

    url.https://github.com/.insteadOf   git@github.com:

With --fix, it is written into the file of git pat setup, and git pat setup
--undo removes it.

The exit status is 1 while a remote must change, except with --dry-run.`
}

func (c *remoteCommand) Run(ctx context.Context, t *term.Terminal, r *resolve.Resolver, reader *remotes.Reader) error {
	if c.Yes && !c.Fix {
		return &hintError{text: "--yes goes with --fix", status: exitUsage}
	}
	reader.Submodules = c.Submodules
	if c.InsteadOf {
		reader.InsteadOf = filepath.Join(r.Tokens.Tree.Dir(), setup.OwnFile)
	}
	all, err := c.entries(ctx, reader)
	if err != nil {
		return err
	}
	chosen, err := c.named(all)
	if err != nil {
		return err
	}
	a := answers{r, map[string]answer{}}
	if c.Fix || c.DryRun {
		return newFixing(t, a, reader, c).fix(ctx, chosen)
	}
	return c.show(ctx, t, reader, a, chosen)
}

// entries reads the repository.
func (c *remoteCommand) entries(ctx context.Context, reader *remotes.Reader) ([]*remotes.Entry, error) {
	if c.Submodules && os.Getenv("GIT_DIR") != "" {
		return nil, &hintError{text: "Git enters no submodules while GIT_DIR is set", hint: "run it without:", commands: []string{"env -u GIT_DIR git pat remote --submodules"}}
	}
	all, err := reader.List(ctx, "")
	var none *remotes.NoRepositoryError
	if !errors.As(err, &none) {
		if c.InsteadOf && (!c.Fix || c.DryRun) && !isFolder(filepath.Dir(reader.InsteadOf)) {
			leaveToFix(all)
		}
		return all, err
	}
	if folder, ok := git.Bare(err); ok {
		return nil, bareError(folder, "git pat remote")
	}
	if said := new(git.Error); errors.As(err, &said) && strings.Contains(said.Text, "not a git repository") {
		return nil, &hintError{text: "this folder is not in a Git repository"}
	}
	return nil, &hintError{text: "there is no repository here: " + err.Error()}
}

// leaveToFix replaces the commands for a file in a folder that is missing. Git does
// not make the folder, and git pat does.
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
			return nil, &hintError{text: fmt.Sprintf("there is no remote or submodule %s here", quote(name)), hint: "to list them:", commands: []string{"git pat remote"}}
		}
	}
	return slices.DeleteFunc(all, func(e *remotes.Entry) bool { return !slices.ContainsFunc(c.Name, e.Called) }), nil
}

// show prints the table, and what to do about it.
func (c *remoteCommand) show(ctx context.Context, t *term.Terminal, reader *remotes.Reader, a answers, entries []*remotes.Entry) error {
	if len(entries) == 0 {
		t.Say("this repository has no remotes")
		return nil
	}
	var rows [][]string
	for _, e := range entries {
		answer, err := a.to(ctx, e)
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
	files, err := reader.LFS(ctx, entries)
	if err != nil {
		return err
	}
	for _, l := range files {
		answer, _, err := a.toLFS(ctx, l)
		if err != nil {
			return err
		}
		rows = append(rows, rowLFS(l, answer))
	}
	columns := []term.Column{
		{Name: "REMOTE"}, {Name: "FOR", Rank: 4}, {Name: "PROTOCOL", Rank: 6}, {Name: "HOST", Rank: 5},
		{Name: "OWNER", Rank: 3}, {Name: "REPOSITORY", Rank: 1}, {Name: "TOKEN", Rank: 2}, {Name: "VERDICT"},
	}
	err = t.Table(columns, rows, func(state string) string {
		switch {
		case state == answerOK:
			return "32"
		case strings.HasPrefix(state, "refused"):
			return "31"
		case slices.Contains([]string{answerLocal, answerOther, answerNone}, state):
			return ""
		}
		return "33"
	})
	if err != nil {
		return err
	}
	refused := slices.DeleteFunc(slices.Clone(entries), func(e *remotes.Entry) bool { return !e.Refused() })
	c.sayRefused(t, refused, entries)
	if err := a.advise(ctx, t, entries, files); err != nil || len(refused) == 0 {
		return err
	}
	return errSaid
}
