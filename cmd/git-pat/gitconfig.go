package main

import (
	"context"
	"errors"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// settingsCache is Git's configuration as it was read, once for each place. A
// command that looks again, after a question, begins with an empty one.
type settingsCache struct {
	at    map[string]git.Config // by the folder
	files map[string]git.Config // by the folder and the options that name the file
	own   git.Config            // without that of any repository
}

// settings returns the configuration that is in effect in a folder; empty for the
// current one.
func (a *app) settings(folder string) (git.Config, error) {
	if c, ok := a.git.at[folder]; ok {
		return c, nil
	}
	c, err := git.ReadConfig(a.ctx, folder)
	if err != nil {
		return nil, err
	}
	if a.git.at == nil {
		a.git.at = map[string]git.Config{}
	}
	a.git.at[folder] = c
	return c, nil
}

// fileSettings returns what is in a file, named by options of git config.
func (a *app) fileSettings(folder string, options ...string) (git.Config, error) {
	key := strings.Join(append([]string{folder}, options...), "\x00")
	if c, ok := a.git.files[key]; ok {
		return c, nil
	}
	c, err := git.ReadFile(a.ctx, folder, options...)
	if err != nil {
		return nil, err
	}
	if a.git.files == nil {
		a.git.files = map[string]git.Config{}
	}
	a.git.files[key] = c
	return c, nil
}

// ownSettings returns the configuration without that of any repository.
func (a *app) ownSettings() (git.Config, error) {
	if a.git.own != nil {
		return a.git.own, nil
	}
	var err error
	a.git.own, err = git.ReadOwnConfig(a.ctx)
	return a.git.own, err
}

// changeGit runs a command that changes the configuration.
func (a *app) changeGit(args []string) error {
	a.git = settingsCache{}
	_, err := git.Run(a.ctx, args...)
	if errors.Is(err, git.ErrSecret) {
		return &fault{text: err.Error(), hint: "change it by hand, in the file that this names:", commands: []string{"git config --list --show-origin --name-only"}}
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
