package record

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// Dir returns the folder of the records: $GIT_PAT_DIR, or git-pat in the folder
// that the system has for a person's data. This is %LocalAppData% on Windows,
// ~/Library/Application Support on macOS, and elsewhere $XDG_DATA_HOME or
// ~/.local/share.
//
// It is an error if these variables are missing, or if GIT_PAT_DIR is a relative
// path: the current folder may be a repository of another person. It is a
// *disk.FileError if the folder is in a folder of another user, as with HOME under
// sudo.
func Dir() (string, error) {
	dir, err := dir()
	if err != nil {
		return "", err
	}
	return dir, disk.CheckOwner(dir)
}

func dir() (string, error) {
	if dir := os.Getenv("GIT_PAT_DIR"); dir != "" {
		if !filepath.IsAbs(dir) {
			return "", fmt.Errorf("GIT_PAT_DIR is %s, which is not an absolute path", credential.Quote(dir))
		}
		return dir, nil
	}
	home := os.Getenv("HOME")
	switch runtime.GOOS {
	case "windows":
		if data := os.Getenv("LocalAppData"); filepath.IsAbs(data) {
			return filepath.Join(data, "git-pat"), nil
		}
		return "", errors.New("no folder for tokens: GIT_PAT_DIR and LocalAppData are not set")
	case "darwin":
		if filepath.IsAbs(home) {
			return filepath.Join(home, "Library", "Application Support", "git-pat"), nil
		}
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
