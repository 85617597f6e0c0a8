package store

import (
	"context"
	"errors"
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

// Windows has no mode bits; the profile's access lists keep others out.

func isOurs(os.FileInfo) bool { return true }

func othersMay(os.FileInfo, os.FileMode) bool { return false }

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

func openToRead(path string) (*os.File, error) { return os.Open(path) }
