package main

import (
	"context"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// changeGit runs a command of Git that changes its configuration.
func changeGit(ctx context.Context, settings *git.Cache, args []string) error {
	*settings = git.Cache{}
	_, err := git.Run(ctx, args...)
	return err
}
