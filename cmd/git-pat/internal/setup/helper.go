package setup

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// Helper is the name by which Git finds git-credential-pat in PATH, and the value
// of credential.helper that older versions of setup wrote.
const Helper = "pat"

// Program is the name of the program itself.
const Program = "git-credential-" + Helper

// Beside returns the path of git-credential-pat in the folder of this program. It is
// an error if it is not there.
func Beside() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	return exec.LookPath(filepath.Join(filepath.Dir(self), Program))
}

// options returns the options that a value of credential.helper has for us.
func options(value string) string {
	_, rest, _ := git.HelperWord(value)
	return strings.TrimSpace(rest)
}

// helperValue returns the value of credential.helper that runs the program at a
// path. A path that a shell reads differently is quoted; the quote makes the "!"
// necessary.
func helperValue(path, options string) string {
	value := filepath.ToSlash(path)
	if quoted := credential.ShellWord(value); quoted != value {
		value = "!" + quoted
	}
	return strings.TrimSpace(value + " " + options)
}

// isOld reports whether a value of credential.helper is one that older versions of
// setup wrote.
func isOld(value string) bool { return value == Helper || strings.HasPrefix(value, Helper+" ") }

// withoutOld returns the values of credential.helper without those of older
// versions of setup. If they wrote an empty value before each, that goes too.
func withoutOld(values []string, reset bool) []string {
	var kept []string
	for _, value := range values {
		if !isOld(value) {
			kept = append(kept, value)
			continue
		}
		if last := len(kept) - 1; reset && last >= 0 && kept[last] == "" {
			kept = kept[:last]
		}
	}
	return kept
}
