package importer

import (
	"context"
	"errors"
	"io/fs"
	"os/exec"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
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
	parse func(data string) ([]*Item, error)
}

var _ Source = (*Accounts)(nil)

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

// An account is what is known of an item's account in its program.
type account struct {
	keyring []keyringItem // where the token can be if the file has none
	logOut  []string      // the arguments of the program that remove the account
}

type keyringItem struct{ service, user string }

// atHost returns LOGIN@HOST, or HOST if the login is unknown.
func atHost(login, host string) string { return strings.TrimPrefix(login+"@"+host, "@") }

// Items reads all accounts. If the program has no file, the error is a
// *MissingError.
func (a *Accounts) Items(ctx context.Context) ([]*Item, error) {
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
		if e.Secret.Empty() && len(e.account.keyring) > 0 {
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
	return "", "", &MissingError{a.paths}
}

func (a *Accounts) fromKeyring(ctx context.Context, e *Item) {
	e.Keyring = true
	for _, place := range e.account.keyring {
		secret, err := store.KeyringItem(ctx, place.service, place.user, a.Options)
		if err == nil {
			e.Secret = secret
			return
		}
		if !errors.Is(err, store.ErrNotFound) {
			e.skip(Reason{Why: KeyringFailed, Err: err})
			return
		}
	}
	e.skip(Reason{Why: NoSecret})
}

// Remove has the program log out, because only the program knows all that it keeps
// of an account. It stays logged in to an account that has a skipped token or
// another token than was read. If it does not log out, the error is a
// *LogOutError.
func (a *Accounts) Remove(ctx context.Context, items []*Item) ([]Removal, error) {
	now, err := a.Items(ctx)
	if err != nil {
		return nil, err
	}
	var done []Removal
	failed := LogOutError{Program: a.Program}
	for _, e := range items {
		// An account may have two tokens.
		same := func(x *Item) bool { return slices.Equal(x.account.logOut, e.account.logOut) }
		all := slices.DeleteFunc(slices.Clone(items), func(x *Item) bool { return !same(x) })
		isNew := func(x *Item) bool {
			return same(x) && !slices.ContainsFunc(all, func(y *Item) bool { return y.Secret.Equal(x.Secret) })
		}
		switch {
		case all[0] != e || slices.ContainsFunc(all, func(x *Item) bool { return !x.Kept() }):
			continue
		case slices.ContainsFunc(now, isNew):
			done = append(done, Removal{Place: e.Place, Err: ErrChanged})
			continue
		}
		if err := a.run(ctx, e.account.logOut); err != nil {
			failed.Args, failed.Err = append(failed.Args, e.account.logOut), err
			continue
		}
		done = append(done, Removal{Place: e.Place})
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
