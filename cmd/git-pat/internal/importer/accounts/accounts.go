// Package accounts has the accounts of gh, glab and tea, from which package importer
// takes tokens.
package accounts

import (
	"context"
	"errors"
	"io/fs"
	"os/exec"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// Accounts are the accounts of a forge's command line: gh, glab or tea. A file of
// the program lists them, and has their tokens unless these are in the keyring.
type Accounts struct {
	Program string // gh, glab or tea, as the shell finds it

	// Environ is the environment in which the program runs.
	Environ []string
	Options store.Options // for the keyring

	paths []string // the program reads the first that exists
	parse func(data string) ([]*importer.Item, error)
}

var _ importer.Source = (*Accounts)(nil)

// GH returns the accounts of gh, GitHub's command line. The environment must have
// no variable with a token, or else gh does not log out.
func GH(environ []string, options store.Options) *Accounts {
	return &Accounts{"gh", environ, options, []string{homefile.GH()}, parseGH}
}

// GLab returns the accounts of glab, GitLab's command line.
func GLab(environ []string, options store.Options) *Accounts {
	return &Accounts{"glab", environ, options, homefile.GLab(), parseGLab}
}

// Tea returns the accounts of tea, Gitea's command line.
func Tea(environ []string, options store.Options) *Accounts {
	return &Accounts{"tea", environ, options, homefile.Tea(), parseTea}
}

// atHost returns LOGIN@HOST, or HOST if the login is unknown.
func atHost(login, host string) string { return strings.TrimPrefix(login+"@"+host, "@") }

// Items reads all accounts. If the program has no file, the error is a
// *importer.MissingError.
func (a *Accounts) Items(ctx context.Context) ([]*importer.Item, error) {
	path, data, err := a.read()
	if err != nil {
		return nil, err
	}
	all, err := a.parse(data)
	if err != nil {
		// The library's error may quote a token.
		return nil, &homefile.Error{Path: path, Fault: "is not a valid file of " + a.Program}
	}
	for _, e := range all {
		if e.Secret.Empty() && len(e.Account.Keyring) > 0 {
			a.fromKeyring(ctx, e)
		}
	}
	return all, nil
}

func (a *Accounts) read() (path, data string, err error) {
	for _, path = range a.paths {
		data, _, err = homefile.Read(path)
		if !errors.Is(err, fs.ErrNotExist) {
			return path, data, err
		}
	}
	return "", "", &importer.MissingError{Paths: a.paths}
}

func (a *Accounts) fromKeyring(ctx context.Context, e *importer.Item) {
	e.Keyring = true
	for _, place := range e.Account.Keyring {
		secret, err := store.KeyringItem(ctx, place.Service, place.User, a.Options)
		if err == nil {
			e.Secret = secret
			return
		}
		if !errors.Is(err, store.ErrNotFound) {
			e.Skip(importer.Reason{Why: importer.KeyringFailed, Err: err})
			return
		}
	}
	e.Skip(importer.Reason{Why: importer.NoSecret})
}

// Remove has the program log out, because only the program knows all that it keeps
// of an account. It stays logged in to an account that has a skipped token or
// another token than was read. If it does not log out, the error is a
// *LogOutError.
func (a *Accounts) Remove(ctx context.Context, items []*importer.Item) ([]importer.Removal, error) {
	now, err := a.Items(ctx)
	if err != nil {
		return nil, err
	}
	var done []importer.Removal
	failed := LogOutError{Program: a.Program}
	for _, e := range items {
		// An account may have two tokens.
		same := func(x *importer.Item) bool { return slices.Equal(x.Account.LogOut, e.Account.LogOut) }
		all := slices.DeleteFunc(slices.Clone(items), func(x *importer.Item) bool { return !same(x) })
		isNew := func(x *importer.Item) bool {
			return same(x) && !slices.ContainsFunc(all, func(y *importer.Item) bool { return y.Secret.Equal(x.Secret) })
		}
		switch {
		case all[0] != e || slices.ContainsFunc(all, func(x *importer.Item) bool { return !x.Kept() }):
			continue
		case slices.ContainsFunc(now, isNew):
			done = append(done, importer.Removal{Place: e.Place, Err: importer.ErrChanged})
			continue
		}
		if err := a.run(ctx, e.Account.LogOut); err != nil {
			failed.Args, failed.Err = append(failed.Args, e.Account.LogOut), err
			continue
		}
		done = append(done, importer.Removal{Place: e.Place})
	}
	if failed.Err != nil {
		return done, &failed
	}
	return done, nil
}

// A LogOutError says that a program did not log out of some accounts.
type LogOutError struct {
	Program string
	Args    [][]string // of the program, one list for each account
	Err     error      // the last one
}

func (e *LogOutError) Error() string { return e.Program + " did not log out: " + e.Err.Error() }

// run runs the program. The error has the first line that it wrote.
func (a *Accounts) run(ctx context.Context, args []string) error {
	path, err := store.LookPath(a.Program)
	if err != nil {
		return errors.New(a.Program + " is not in PATH")
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = a.Environ
	out, err := cmd.CombinedOutput()
	if first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n"); err != nil && first != "" {
		return errors.New(credential.Quote(first))
	}
	return err
}
