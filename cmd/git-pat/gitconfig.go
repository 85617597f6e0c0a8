package main

import (
	"context"
	"errors"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// settings returns the configuration that is in effect in a folder; empty for the
// current one.
func (a *app) settings(folder string) (git.Config, error) { return a.git.Folder(a.ctx, folder) }

// ownSettings returns the configuration without that of any repository.
func (a *app) ownSettings() (git.Config, error) { return a.git.Own(a.ctx) }

// changeGit runs a command that changes the configuration.
func (a *app) changeGit(args []string) error {
	a.git = git.Cache{}
	_, err := git.Run(a.ctx, args...)
	return changeFault(err)
}

// changeFault says what helps where Git may not be told a change.
func changeFault(err error) error {
	if errors.Is(err, git.ErrSecret) {
		return &hintError{text: err.Error(), hint: "change it by hand, in the file that this names:", commands: []string{"git config --list --show-origin --name-only"}}
	}
	return err
}

// saysPush reports whether Git says of a host's URLs which requests are pushes,
// where one stands.
func (a *app) saysPush(host string) bool {
	c, err := a.settings("")
	return err == nil && c.SaysPush(host)
}

// outside runs a program of Git's that may not be installed, in no repository, and
// returns the first line that it prints.
func outside(ctx context.Context, args ...string) (string, error) {
	out, err := git.Call{Args: args, Outside: true}.Run(ctx)
	line, _, _ := strings.Cut(out, "\n")
	return line, err
}
