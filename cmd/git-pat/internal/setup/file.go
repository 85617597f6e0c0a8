package setup

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// A File is a file of Git's configuration that Git reads as the person's own.
type File struct {
	Path   string // empty if there is none
	Global bool   // it is the one that git config --global writes
}

// options name the file to git config.
func (f File) options() []string {
	if f.Global {
		return []string{"--global"}
	}
	return []string{"--file", f.Path}
}

// Config returns the arguments of git config for the file.
func (f File) Config(args ...string) []string {
	return slices.Concat([]string{"config"}, f.options(), args)
}

// Files returns the files that Git reads as the person's own: first the one that
// it writes, and then the other one, if there is one. git-config(1), FILES.
// Variables of the environment come from lookup; readable reports whether a file is
// there and can be read.
func Files(lookup func(name string) (string, bool), readable func(path string) bool) []File {
	if path, ok := lookup("GIT_CONFIG_GLOBAL"); ok {
		return []File{{Path: path, Global: true}}
	}
	home := git.Home(lookup)
	if home == "" {
		return []File{{Global: true}}
	}
	folder, _ := lookup("XDG_CONFIG_HOME")
	if folder == "" {
		folder = filepath.Join(home, ".config")
	}
	first, other := filepath.Join(home, ".gitconfig"), filepath.Join(folder, "git", "config")
	if !readable(first) && readable(other) {
		first, other = other, first
	}
	return []File{{Path: first, Global: true}, {Path: other}}
}

// writable reports whether Git can write the file. It is told to take out what
// is not there: for that it takes its lock, which is the new file, and leaves
// the old one as it is. A folder that git config --global would want to be
// there is not made; that of the other file is, and taken away again where this
// is only a trial. It is an error if another program has the lock.
func (f File) writable(ctx context.Context, trial bool) (bool, error) {
	if f.Path == "" {
		return false, nil
	}
	folder := filepath.Dir(f.Path)
	if _, err := os.Stat(folder); !f.Global && errors.Is(err, fs.ErrNotExist) {
		if os.MkdirAll(folder, 0o700) != nil {
			return false, nil
		}
		if trial {
			defer os.Remove(folder)
		}
	}
	_, err := git.Run(ctx, f.Config("--unset-all", "git-pat.probe")...)
	status, ran := git.Status(err)
	switch {
	case err == nil || ran && status == 5: // git-config(1): nothing to unset
		return true, nil
	case !ran:
		return false, err
	}
	path := f.Path
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // the lock is beside it
	}
	if _, missing := os.Lstat(path + ".lock"); missing == nil {
		return false, err
	}
	return false, nil
}
