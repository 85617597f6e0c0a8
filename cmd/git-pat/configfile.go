package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// A configFile is a file of Git's configuration.
type configFile struct {
	path   string
	global bool // it is the one that git config --global writes
}

// String returns its path, or what to say where there is none.
func (f configFile) String() string {
	if f.path == "" {
		return "your own configuration"
	}
	return f.path
}

// options name the file to git config.
func (f configFile) options() []string {
	if f.global {
		return []string{"--global"}
	}
	return []string{"--file", f.path}
}

// config returns the arguments of git config for the file.
func (f configFile) config(args ...string) []string {
	return slices.Concat([]string{"config"}, f.options(), args)
}

// globalFiles returns the files that Git reads as the person's own: the one
// that it writes, and another if there is one. git-config(1), FILES.
func globalFiles() (first, other configFile) {
	if path, ok := os.LookupEnv("GIT_CONFIG_GLOBAL"); ok {
		return configFile{path: path, global: true}, other
	}
	home := os.Getenv("HOME") // which Git goes by, also on Windows
	if home == "" {
		return configFile{global: true}, other
	}
	folder := os.Getenv("XDG_CONFIG_HOME")
	if folder == "" {
		folder = filepath.Join(home, ".config")
	}
	first = configFile{path: filepath.Join(home, ".gitconfig")}
	other = configFile{path: filepath.Join(folder, "git", "config")}
	if !importer.Readable(first.path) && importer.Readable(other.path) {
		first, other = other, first
	}
	first.global = true
	return first, other
}

// writable reports whether Git can write a file. It is told to take out what
// is not there: for that it takes its lock, which is the new file, and leaves
// the old one as it is. A folder that git config --global would want to be
// there is not made; that of the other file is, and taken away again where this
// is only a trial. It is an error if another program has the lock.
func (a *app) writable(f configFile, trial bool) (bool, error) {
	if f.path == "" {
		return false, nil
	}
	folder := filepath.Dir(f.path)
	if _, err := os.Stat(folder); !f.global && errors.Is(err, fs.ErrNotExist) {
		if os.MkdirAll(folder, 0o700) != nil {
			return false, nil
		}
		if trial {
			defer os.Remove(folder)
		}
	}
	_, err := git.Run(a.ctx, f.config("--unset-all", "git-pat.probe")...)
	status, ran := git.Status(err)
	switch {
	case err == nil || ran && status == 5: // git-config(1): nothing to unset
		return true, nil
	case !ran:
		return false, err
	}
	path := f.path
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // the lock is beside it
	}
	if _, missing := os.Lstat(path + ".lock"); missing == nil {
		return false, err
	}
	return false, nil
}
