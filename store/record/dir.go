package record

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// Dir returns the folder in which the records are: $GIT_PAT_DIR, else git-pat
// in the place where the system keeps a person's data, which is
// $XDG_DATA_HOME or ~/.local/share but for Windows and macOS. Without a home
// it is an error, as is a GIT_PAT_DIR that depends on the current folder: that
// one may be content of a repository.
func Dir() (string, error) {
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
