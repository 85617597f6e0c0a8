package disk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"
)

const NoFollow = 0

// Stat tells what a path leads to.
func Stat(path string) (Status, error) { return StatusOf(os.Stat(path)) }

// Lstat is Stat, but for a symbolic link it tells of the link.
func Lstat(path string) (Status, error) { return StatusOf(os.Lstat(path)) }

// Windows has no mode bits; the profile's access lists keep others out.

func StatusOf(info fs.FileInfo, err error) (Status, error) {
	if err != nil {
		return Status{}, err
	}
	return Status{Mode: info.Mode(), Size: info.Size(), Ours: true}, nil
}

func OthersMay(fs.FileMode, fs.FileMode) bool { return false }

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

// lock waits for a lock on a file, which it makes, and returns what lets it
// go. The system lets it go as well when a program ends, however it does.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	for wait := lockWait; ; wait = min(2*wait, maxLockWait) {
		// The share mode 0 keeps others from opening the file as well.
		handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
		if err == nil {
			return func() { syscall.CloseHandle(handle) }, nil
		}
		const sharingViolation = syscall.Errno(32) // ERROR_SHARING_VIOLATION
		if err != sharingViolation {
			return nil, &fs.PathError{Op: "open", Path: path, Err: err}
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("another program holds %s", path)
		case <-time.After(wait):
		}
	}
}
