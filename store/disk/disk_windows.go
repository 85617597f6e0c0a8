package disk

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

const NoFollow = 0

// Windows has no permission bits. The access lists of the profile exclude other
// users.

func IsOurs(fs.FileInfo) bool { return true }

func OthersMay(mode, mask fs.FileMode) bool { return false }

func syncDir(string) error { return nil }

// writeAdvice returns nothing: the errors of Windows say what to do.
func writeAdvice(string, error) string { return "" }

func ownerAdvice() string { return AdviceFolder }

// rename tries for half a second, because Windows does not replace a file that
// any process has open.
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

// tryLock locks a file without waiting and creates it if it is missing. The
// system removes the lock when the program ends. busy is true if another
// program holds the lock.
func tryLock(path string) (unlock func(), busy bool, err error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, false, err
	}
	// With the share mode 0, no other program can open the file.
	handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		const sharingViolation = syscall.Errno(32) // ERROR_SHARING_VIOLATION
		return nil, err == sharingViolation, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return func() { syscall.CloseHandle(handle) }, false, nil
}
