package main

import (
	"context"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// changeGit runs a command of Git that changes its configuration.
func changeGit(ctx context.Context, settings *git.Cache, args []string) error {
	*settings = git.Cache{}
	_, err := git.Run(ctx, args...)
	return err
}

// outside runs a program of Git's that may not be installed, in no repository, and
// returns the first line that it prints.
func outside(ctx context.Context, args ...string) (string, error) {
	out, err := git.Call{Args: args, Outside: true}.Run(ctx)
	line, _, _ := strings.Cut(out, "\n")
	return line, err
}
