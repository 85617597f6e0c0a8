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
	"strconv"
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

// runtimeDir returns the person's folder for what lasts as long as they are
// logged in, or nothing.
func runtimeDir() string {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		dir = filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	}
	info, err := os.Stat(dir)
	if err != nil || !filepath.IsAbs(dir) || !isOurs(info) || info.Mode().Perm()&0o077 != 0 {
		return ""
	}
	return dir
}

// noFollow makes opening a symbolic link an error, and does not wait for the
// other end of a pipe.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// openToRead opens a file as os.Open does, but for noFollow. The runtime does
// not watch it, which it does with whatever is opened without blocking: there
// is nothing to wait for in a file.
func openToRead(path string) (*os.File, error) {
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|noFollow, 0)
	for err == syscall.EINTR {
		fd, err = syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|noFollow, 0)
	}
	if err == nil {
		err = syscall.SetNonblock(fd, false)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(fd), path), nil
}

// isOurs reports whether a file belongs to the person who runs us, or to root.
func isOurs(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (int(stat.Uid) == os.Geteuid() || stat.Uid == 0)
}

// othersMay reports whether some of the rights in mask are given to anybody
// but the owner.
func othersMay(info os.FileInfo, mask os.FileMode) bool { return info.Mode().Perm()&mask&0o077 != 0 }

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
