//go:build unix

package disk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// NoFollow makes opening a symbolic link an error, and does not wait for the
// other end of a pipe.
const NoFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// Stat tells what a path leads to.
func Stat(path string) (Status, error) { return StatusOf(os.Stat(path)) }

// Lstat is Stat, but for a symbolic link it tells of the link.
func Lstat(path string) (Status, error) { return StatusOf(os.Lstat(path)) }

func StatusOf(info fs.FileInfo, err error) (Status, error) {
	if err != nil {
		return Status{}, err
	}
	uid := int(info.Sys().(*syscall.Stat_t).Uid)
	return Status{Mode: info.Mode(), Size: info.Size(), Ours: uid == os.Geteuid() || uid == 0}, nil
}

// OthersMay reports whether some of the rights in mask are given to anybody
// but the owner.
func OthersMay(mode, mask fs.FileMode) bool { return mode&mask&0o077 != 0 }

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
		return "free space on that disk and try again"
	case errors.Is(err, syscall.EFBIG):
		return "raise the file size limit, ulimit -f, and try again"
	case errors.Is(err, syscall.EROFS):
		return "set GIT_PAT_DIR to a folder that you can write to"
	case errors.Is(err, fs.ErrPermission):
		return "chmod u+w " + credential.ShellWord(dir)
	}
	return ""
}

func rename(from, to string) error { return os.Rename(from, to) }

// lock waits for a lock on a file, which it makes, and returns what lets it
// go. The system lets it go as well when a program ends, however it does.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|NoFollow, 0o600)
	if err != nil {
		return nil, err
	}
	for wait := lockWait; ; wait = min(2*wait, maxLockWait) {
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
		case <-time.After(wait):
		}
	}
	f.Close()
	return nil, err
}
