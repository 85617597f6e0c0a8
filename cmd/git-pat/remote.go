package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/answer"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

type remoteCommand struct {
	Name       []string `arg:"" optional:"" name:"remote" help:"only these remotes and submodules; with --fix, on any host"`
	Fix        bool     `help:"change the remotes that must change, after a question"`
	Yes        bool     `short:"y" help:"with --fix, ask nothing"`
	DryRun     bool     `help:"print the commands of --fix, but do not run them"`
	Submodules bool     `help:"include submodules and their submodules"`
	InsteadOf  bool     `name:"insteadof" help:"do not change SSH remotes, but make Git use https for them by a line in your configuration"`
}

func (c *remoteCommand) Run(ctx context.Context, t *term.Terminal, a *answer.Finder, reader *remotes.Reader) error {
	if c.Yes && !c.Fix {
		return &words.Error{Text: "--yes goes with --fix", Status: words.ExitUsage}
	}
	reader.Submodules = c.Submodules
	if c.InsteadOf {
		reader.InsteadOf = filepath.Join(a.Tokens.Tree.Dir(), setup.OwnFile)
	}
	all, err := c.entries(ctx, reader)
	if err != nil {
		return err
	}
	chosen, err := c.named(all)
	if err != nil {
		return err
	}
	if c.Fix || c.DryRun {
		return newFixing(t, a, reader, c).fix(ctx, chosen)
	}
	return c.show(ctx, t, reader, a, chosen)
}

// entries reads the repository.
func (c *remoteCommand) entries(ctx context.Context, reader *remotes.Reader) ([]*remotes.Entry, error) {
	if c.Submodules && os.Getenv("GIT_DIR") != "" {
		return nil, &words.Error{Text: "Git enters no submodules while GIT_DIR is set", Hint: "run it without:", Commands: []string{"env -u GIT_DIR git pat remote --submodules"}}
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
		return nil, words.BareRepository(folder, "git pat remote")
	}
	if said := new(git.Error); errors.As(err, &said) && strings.Contains(said.Text, "not a git repository") {
		return nil, &words.Error{Text: "this folder is not in a Git repository"}
	}
	return nil, &words.Error{Text: "there is no repository here: " + err.Error()}
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
			return nil, &words.Error{Text: fmt.Sprintf("there is no remote or submodule %s here", credential.Quote(name)), Hint: "to list them:", Commands: []string{"git pat remote"}}
		}
	}
	return slices.DeleteFunc(all, func(e *remotes.Entry) bool { return !slices.ContainsFunc(c.Name, e.Called) }), nil
}

// show prints the table, and what to do about it.
func (c *remoteCommand) show(ctx context.Context, t *term.Terminal, reader *remotes.Reader, a *answer.Finder, entries []*remotes.Entry) error {
	if len(entries) == 0 {
		t.Say("this repository has no remotes")
		return nil
	}
	files, err := reader.LFS(ctx, entries)
	if err != nil {
		return err
	}
	table, err := a.Table(ctx, entries, files)
	if err != nil {
		return err
	}
	if err := t.Table(table); err != nil {
		return err
	}
	for _, help := range words.AllRefused(entries) {
		advise(t, help)
	}
	refused := slices.DeleteFunc(slices.Clone(entries), func(e *remotes.Entry) bool { return !e.Refused() })
	if len(refused) > 1 {
		t.Hint("to change all of them, after a question:", c.fixAll())
	}
	if err := adviseAll(ctx, t, a, entries, files); err != nil || len(refused) == 0 {
		return err
	}
	return errSaid
}

// fixAll is the command that changes all entries.
func (c *remoteCommand) fixAll() string {
	command := "git pat remote --fix"
	if c.Submodules {
		command += " --submodules"
	}
	if c.InsteadOf {
		command += " --insteadof"
	}
	return command
}
