package gogit_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/go-git/go-git/v5"

	"github.com/git-credential-pat/git-credential-pat/store/gogit"
)

// This program clones the repositories whose URLs are its arguments. If there is
// a clone already, it fetches, and then pushes new commits.
func Example() {
	status := 0
	for _, url := range os.Args[1:] {
		if err := update(context.Background(), url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 1
		}
	}
	os.Exit(status)
}

func update(ctx context.Context, url string) error {
	login, err := gogit.Login(ctx, url)
	var none *gogit.NoTokenError
	if err != nil && !errors.As(err, &none) { // a public repository needs no token
		return err
	}

	dir := strings.TrimSuffix(path.Base(url), ".git")
	repository, err := git.PlainOpen(dir)
	if errors.Is(err, git.ErrRepositoryNotExists) {
		_, err = git.PlainCloneContext(ctx, dir, false, &git.CloneOptions{URL: url, Auth: login})
		return login.Report(ctx, err)
	}
	if err != nil {
		return err
	}

	err = repository.FetchContext(ctx, &git.FetchOptions{RemoteURL: url, Auth: login})
	if err = login.Report(ctx, err); err != nil && !errors.Is(err, git.NoErrAlreadyUpToDate) {
		return err
	}
	if none != nil {
		return nil // pushing needs a token
	}
	err = repository.PushContext(ctx, &git.PushOptions{RemoteURL: url, Auth: login})
	if err = login.Report(ctx, err); err != nil && !errors.Is(err, git.NoErrAlreadyUpToDate) {
		return err
	}
	return nil
}
