package disk

import (
	"crypto/rand"
	"errors"
	"io/fs"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/windows"
)

// NoFollow is for os.OpenFile: it opens a symbolic link itself, which is not a
// regular file.
const NoFollow = windows.O_FILE_FLAG_OPEN_REPARSE_POINT

// IsOurs is always true: the access list of a folder says who may change it, see
// Others.
func IsOurs(fs.FileInfo) bool { return true }

// OthersMay is always false: files have the access list of their folder.
func OthersMay(mode, mask fs.FileMode) bool { return false }

func syncDir(string) error { return nil }

// writeAdvice returns nothing: the errors of Windows say what to do.
func writeAdvice(string, error) string { return "" }

func ownerAdvice() string { return AdviceFolder }

// retryLimit is how long a call is repeated. Other programs have a file open for
// less than a millisecond, and programs that look for viruses for longer.
const retryLimit = 3 * time.Second

// retry calls f again while its error may be one that passes: Windows does not
// replace, remove or open a file, and does not list a folder, if the way in which
// another program has it open does not allow that, or while it is being removed.
// The waits are random, so that programs do not collide again and again.
func retry(f func() error) error {
	start := time.Now()
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		err := f()
		if err == nil || !passes(err) || time.Since(start) > retryLimit {
			return err
		}
		time.Sleep(wait/2 + mathrand.N(wait))
	}
}

// passes reports whether an error may be gone soon. Access is denied to a file
// that is being removed, but that error may also stay.
func passes(err error) bool {
	for _, known := range []error{windows.ERROR_ACCESS_DENIED, windows.ERROR_SHARING_VIOLATION, windows.ERROR_LOCK_VIOLATION, windows.ERROR_DELETE_PENDING} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// open opens a file for reading. It opens a symbolic link itself.
func open(path string) (*os.File, error) {
	return openShared(path, windows.FILE_FLAG_OPEN_REPARSE_POINT)
}

// ReadDir is os.ReadDir for a folder that other programs may change meanwhile.
func ReadDir(dir string) (entries []fs.DirEntry, err error) {
	err = retry(func() error {
		f, err := openShared(dir, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		entries, err = f.ReadDir(-1)
		return err
	})
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

// openShared opens a file or folder for reading. Unlike os.Open, it allows other
// programs to replace and remove it meanwhile, https://go.dev/issue/32088.
func openShared(path string, flags uint32) (*os.File, error) {
	fail := func(err error) (*os.File, error) { return nil, &fs.PathError{Op: "open", Path: path, Err: err} }
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return fail(err)
	}
	const share = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	handle, err := windows.CreateFile(name, windows.GENERIC_READ, share, nil, windows.OPEN_EXISTING, windows.FILE_FLAG_BACKUP_SEMANTICS|flags, 0)
	if err != nil {
		return fail(err)
	}
	return os.NewFile(uintptr(handle), path), nil
}

// remove removes a file or an empty folder. A file gets another name first: on some
// file systems the name of a removed file stays until all programs have closed it,
// and there can be no new file of that name.
func remove(path string) error {
	at := path
	if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
		at = filepath.Join(filepath.Dir(path), Temporary+rand.Text())
		if err := retry(func() error { return os.Rename(path, at) }); err != nil {
			return err
		}
	}
	return retry(func() error { return os.Remove(at) })
}

// tryLock locks a file without waiting and creates it if it is missing. The
// system removes the lock when the program ends. busy is true if another
// program holds the lock.
//
// LockFileEx locks a range of bytes. Opening the file for this program alone
// would lock too, but then a program that only looks at the file, for example for
// viruses, would seem to hold the lock.
func tryLock(path string) (unlock func(), busy bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|NoFollow, 0o600)
	if err != nil {
		return nil, passes(err), err
	}
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	if err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped)); err != nil {
		f.Close()
		return nil, err == windows.ERROR_LOCK_VIOLATION || err == windows.ERROR_IO_PENDING, &fs.PathError{Op: "lock", Path: path, Err: err}
	}
	return func() { f.Close() }, false, nil
}
