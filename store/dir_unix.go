//go:build unix

package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

func isAbsolute(path string) bool { return filepath.IsAbs(path) }

func dataDir() (string, error) {
	home := os.Getenv("HOME")
	if runtime.GOOS == "darwin" && filepath.IsAbs(home) {
		return filepath.Join(home, "Library", "Application Support", "git-pat"), nil
	}
	// A relative path is invalid, XDG Base Directory Specification.
	if data := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(data) {
		return filepath.Join(data, "git-pat"), nil
	}
	if !filepath.IsAbs(home) {
		return "", errors.New("no folder for tokens: GIT_PAT_DIR, XDG_DATA_HOME and HOME are not set")
	}
	return filepath.Join(home, ".local", "share", "git-pat"), nil
}

// noFollow makes opening a symbolic link an error, and does not wait for the
// other end of a pipe.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// stat tells what a path leads to.
func stat(path string) (status, error) { return statusOf(os.Stat(path)) }

// lstat is stat, but for a symbolic link it tells of the link.
func lstat(path string) (status, error) { return statusOf(os.Lstat(path)) }

func statusOf(info fs.FileInfo, err error) (status, error) {
	if err != nil {
		return status{}, err
	}
	uid := int(info.Sys().(*syscall.Stat_t).Uid)
	return status{mode: info.Mode(), size: info.Size(), ours: uid == os.Geteuid() || uid == 0}, nil
}

// othersMay reports whether some of the rights in mask are given to anybody
// but the owner.
func othersMay(mode, mask fs.FileMode) bool { return mode&mask&0o077 != 0 }

// syncDir makes sure that a name in the folder outlasts a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	// Some file systems cannot sync a folder, and say so by EINVAL.
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}

// writeAdvice says what helps where nothing can be changed in a folder.
func writeAdvice(dir string, err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "make room on that disk and try again"
	case errors.Is(err, syscall.EFBIG):
		return "raise the limit on the size of files, ulimit -f, and try again"
	case errors.Is(err, syscall.EROFS):
		return "name a folder that can be written to with GIT_PAT_DIR"
	case errors.Is(err, fs.ErrPermission):
		return "chmod u+w " + credential.ShellWord(dir)
	}
	return ""
}

func rename(from, to string) error { return os.Rename(from, to) }

// lock waits for a lock on a file, which it makes, and returns what lets it
// go. The system lets it go as well when a program ends, however it does.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|noFollow, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if err != syscall.EWOULDBLOCK && err != syscall.EINTR {
			break
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, fmt.Errorf("another program holds %s", path)
		case <-time.After(5 * time.Millisecond):
		}
	}
	f.Close()
	return nil, err
}

// shell is the one that Git itself runs helpers with.
func shell() string { return "/bin/sh" }

func rootDir() string { return "/" }
