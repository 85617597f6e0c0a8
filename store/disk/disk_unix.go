//go:build unix

package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// NoFollow is for os.OpenFile: opening a symbolic link is an error, and opening
// a pipe does not wait for another program.
const NoFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// IsOurs reports whether a file belongs to this user or to root. On Windows it
// is always true: the access list of a folder says who may change it.
func IsOurs(info fs.FileInfo) bool {
	uid := int(info.Sys().(*syscall.Stat_t).Uid)
	return uid == os.Geteuid() || uid == 0
}

// OthersMay reports whether a file gives users other than its owner one of the
// permissions in mask. On Windows it is always false: files have the access list
// of their folder.
func OthersMay(mode, mask fs.FileMode) bool { return mode&mask&0o077 != 0 }

// othersMay is OthersMay for a folder.
func othersMay(_ string, info fs.FileInfo, mask fs.FileMode) (bool, error) {
	return OthersMay(info.Mode(), mask), nil
}

// Close sets the permissions of a file or folder that other users may access. On
// Windows it gives access to this user, the system and the administrators alone.
func Close(path string, mode fs.FileMode) error { return os.Chmod(path, mode) }

// CloseAdvice returns the command that closes a file or folder to other users;
// mode is for chmod(1).
func CloseAdvice(path, mode string) string { return "chmod " + mode + " " + credential.ShellWord(path) }

func mkdir(dir string) error { return os.Mkdir(dir, 0o700) }

// syncDir writes a folder to the disk, so a new or removed name in it survives a
// power failure.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	// Some file systems cannot sync a folder. The error is EINVAL, fsync(2).
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}

// writeAdvice says what to do if nothing can be changed in a folder.
func writeAdvice(dir string, err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "free space on that disk and try again"
	case errors.Is(err, syscall.EFBIG):
		return "raise the file size limit, ulimit -f, and try again"
	case errors.Is(err, syscall.EROFS):
		return "set GIT_PAT_DIR to a folder that you can write to"
	case errors.Is(err, fs.ErrPermission):
		return permissionAdvice(dir)
	}
	return ""
}

// permissionAdvice says how to get access to a folder. Programs that sudo ran may
// have created it in the home of this user.
func permissionAdvice(dir string) string {
	uid := func(dir string) int {
		if info, err := os.Stat(dir); err == nil {
			return int(info.Sys().(*syscall.Stat_t).Uid)
		}
		return -1
	}
	me, below := os.Geteuid(), ""
	for at := dir; at != below; at = filepath.Dir(at) {
		switch {
		case uid(at) != me:
		case below == "":
			return "chmod u+w " + credential.ShellWord(at)
		case uid(below) < 0:
			return "chmod u+rwx " + credential.ShellWord(at)
		default:
			return `sudo chown -R "$(id -un)" ` + credential.ShellWord(below)
		}
		below = at
	}
	return AdviceFolder
}

// ownerAdvice says what to do if a folder belongs to another user.
func ownerAdvice() string {
	if os.Geteuid() == 0 {
		return "with sudo, use sudo -H, or set GIT_PAT_DIR to another folder"
	}
	return AdviceFolder
}

func open(path string) (*os.File, error) { return os.OpenFile(path, os.O_RDONLY|NoFollow, 0) }

func remove(path string) error { return os.Remove(path) }

// ReadDir is os.ReadDir for a folder that other programs may change meanwhile.
func ReadDir(dir string) ([]fs.DirEntry, error) { return os.ReadDir(dir) }

// retry calls f. On Windows it calls f again while other programs are in the way.
func retry(f func() error) error { return f() }

// tryLock locks a file without waiting and creates it if it is missing. The
// system removes the lock when the program ends. busy is true if another
// program holds the lock.
func tryLock(path string) (unlock func(), busy bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|NoFollow, 0o600)
	if err != nil {
		return nil, false, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, err == syscall.EWOULDBLOCK || err == syscall.EINTR, err
	}
	return func() { f.Close() }, false, nil
}
