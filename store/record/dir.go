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
	if runtime.GOOS == "windows" {
		if data := os.Getenv("LocalAppData"); filepath.IsAbs(data) {
			return filepath.Join(data, "git-pat"), nil
		}
		return "", errors.New("no folder for tokens: GIT_PAT_DIR and LocalAppData are not set")
	}
	// A relative path is invalid, XDG Base Directory Specification.
	if data := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(data) && (runtime.GOOS != "darwin" || !filepath.IsAbs(home)) {
		return filepath.Join(data, "git-pat"), nil
	}
	if !filepath.IsAbs(home) {
		return "", errors.New("no folder for tokens: GIT_PAT_DIR, XDG_DATA_HOME and HOME are not set")
	}
	return usual(home), nil
}

// usual returns the folder of the records in a home.
func usual(home string) string {
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "git-pat")
	}
	return filepath.Join(home, ".local", "share", "git-pat")
}

// Elsewhere returns the usual folder of a person's records if it has some, and the
// folder of the tree has none. Otherwise it returns "". A snap, for example, has an
// XDG_DATA_HOME and perhaps a HOME of its own.
func (t *Tree) Elsewhere() string {
	if runtime.GOOS == "windows" || len(t.Hosts()) > 0 {
		return ""
	}
	for _, name := range []string{"SNAP_REAL_HOME", "HOME"} {
		home := os.Getenv(name)
		if dir := usual(home); filepath.IsAbs(home) && dir != t.dir && len(NewTree(dir).Hosts()) > 0 {
			return dir
		}
	}
	return ""
}
