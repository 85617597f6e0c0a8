package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
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

const noFollow = 0

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

// lock waits for a lock on a file, which it makes, and returns what lets it
// go. The system lets it go as well when a program ends, however it does.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	for {
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
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// shell is the one of Git for Windows.
func shell() string { return "sh" }

func rootDir() string { return os.Getenv("SystemDrive") + `\` }
