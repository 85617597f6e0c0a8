package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

func isAbsolute(path string) bool { return filepath.IsAbs(path) }

func dataDir() (string, error) {
	data := os.Getenv("LocalAppData")
	if !filepath.IsAbs(data) {
		return "", errors.New("no folder for tokens: GIT_PAT_DIR and LocalAppData are not set")
	}
	return filepath.Join(data, "git-pat"), nil
}

// runtimeDir returns nothing: there is no such folder.
func runtimeDir() string { return "" }

const noFollow = 0

// readFile returns what a file holds, up to maxFile bytes, if check agrees to
// what kind of file it is.
func readFile(path string, check func(status) error) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s, err := statusOf(f.Stat())
	if err == nil {
		err = check(s)
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(f, maxFile))
}

// stat tells what a path leads to.
func stat(path string) (status, error) { return statusOf(os.Stat(path)) }

// lstat is stat, but for a symbolic link it tells of the link.
func lstat(path string) (status, error) { return statusOf(os.Lstat(path)) }

// Windows has no mode bits; the profile's access lists keep others out.

func statusOf(info fs.FileInfo, err error) (status, error) {
	if err != nil {
		return status{}, err
	}
	return status{mode: info.Mode(), size: info.Size(), ours: true}, nil
}

func othersMay(fs.FileMode, fs.FileMode) bool { return false }

func syncDir(string) error { return nil }

// writeAdvice says nothing: Windows names the way out itself.
func writeAdvice(string, error) string { return "" }

// rename tries for half a second, since a file cannot be replaced while any
// process has it open.
func rename(from, to string) error {
	var err error
	for wait := time.Millisecond; wait < 500*time.Millisecond; wait *= 2 {
		if err = os.Rename(from, to); err == nil || errors.Is(err, os.ErrNotExist) {
			return err
		}
		time.Sleep(wait)
	}
	return err
}

// lock does nothing: what it is for, Git's cache daemon, is not on Windows.
func lock(context.Context, string) (unlock func(), err error) { return func() {}, nil }

// shell is the one of Git for Windows.
func shell() string { return "sh" }

func rootDir() string { return os.Getenv("SystemDrive") + `\` }
