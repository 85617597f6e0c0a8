package environ

import (
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/cli/browser"

	"github.com/git-credential-pat/git-credential-pat/store"
)

// OpenBrowser opens a page in a browser. The browser gets the environment of this
// program, so tokens are removed from it meanwhile.
func OpenBrowser(address string) error {
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		switch clean := store.Environ([]string{variable}); {
		case len(clean) == 0:
			os.Unsetenv(name)
		case clean[0] != variable:
			os.Setenv(name, strings.TrimPrefix(clean[0], name+"="))
		default:
			continue
		}
		defer os.Setenv(name, value)
	}
	browser.Stdout, browser.Stderr = io.Discard, io.Discard
	return browser.OpenURL(address)
}

// HasBrowser reports whether a browser can open where this program runs: not over
// SSH, and not without a desktop. Variables of the environment come from get.
func HasBrowser(get func(name string) string) bool {
	if get("SSH_CONNECTION") != "" || get("SSH_TTY") != "" {
		return false
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return true
	}
	return get("DISPLAY") != "" || get("WAYLAND_DISPLAY") != "" || get("BROWSER") != ""
}
