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
	s, err := stat(dir)
	if err != nil || !filepath.IsAbs(dir) || !s.ours || othersMay(s.mode, 0o077) {
		return ""
	}
	return dir
}

// noFollow makes opening a symbolic link an error, and does not wait for the
// other end of a pipe.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// readFile returns what a file holds, up to maxFile bytes, if check agrees to
// what kind of file it is. It does so by calls of the system alone, as stat and
// lstat do: a file of package os is watched and accounted for by the runtime,
// which would take a get longer than the reading.
func readFile(path string, check func(status) error) ([]byte, error) {
	fd := -1
	err := again("open", path, func() (err error) {
		fd, err = syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|noFollow, 0)
		return err
	})
	if err != nil {
		return nil, err
	}
	defer syscall.Close(fd)
	var st syscall.Stat_t
	if err := again("stat", path, func() error { return syscall.Fstat(fd, &st) }); err != nil {
		return nil, err
	}
	if err := check(statusOf(&st)); err != nil {
		return nil, err
	}
	data := make([]byte, 0, min(st.Size, maxFile)+1)
	for len(data) <= maxFile {
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)] // it has grown meanwhile
		}
		n := 0
		err := again("read", path, func() (err error) {
			n, err = syscall.Read(fd, data[len(data):cap(data)])
			return err
		})
		if err != nil {
			return nil, err
		}
		data = data[:len(data)+n]
		if n == 0 || int64(len(data)) == st.Size && len(data) < cap(data) {
			break // all that was foretold, and less than there was room for
		}
	}
	return data[:min(len(data), maxFile)], nil
}

// stat tells what a path leads to.
func stat(path string) (status, error) {
	var st syscall.Stat_t
	err := again("stat", path, func() error { return syscall.Stat(path, &st) })
	return statusOf(&st), err
}

// lstat is stat, but for a symbolic link it tells of the link.
func lstat(path string) (status, error) {
	var st syscall.Stat_t
	err := again("lstat", path, func() error { return syscall.Lstat(path, &st) })
	return statusOf(&st), err
}

// again makes a call of the system until no signal cuts it short.
func again(op, path string, call func() error) error {
	err := call()
	for err == syscall.EINTR {
		err = call()
	}
	if err != nil {
		return &fs.PathError{Op: op, Path: path, Err: err}
	}
	return nil
}

func statusOf(st *syscall.Stat_t) status {
	mode := fs.FileMode(st.Mode) & fs.ModePerm
	switch st.Mode & syscall.S_IFMT {
	case syscall.S_IFREG:
	case syscall.S_IFDIR:
		mode |= fs.ModeDir
	case syscall.S_IFLNK:
		mode |= fs.ModeSymlink
	default:
		mode |= fs.ModeIrregular
	}
	return status{mode: mode, size: st.Size, ours: int(st.Uid) == os.Geteuid() || st.Uid == 0}
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
