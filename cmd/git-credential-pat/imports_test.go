package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Git starts the helper twice in every fetch and push, and the helper can read all
// tokens. So it links little, and no code for connections to other machines.
func TestImports(t *testing.T) {
	forbidden := map[string]string{
		"net/http":      "only git pat opens connections",
		"crypto/tls":    "see net/http",
		"log/slog":      "the helper has no log",
		"text/template": "half a megabyte for a few lines of text",
		"testing":       "belongs in tests",
		"runtime/cgo":   "makes each start a millisecond slower",
	}
	module := "github.com/git-credential-pat/git-credential-pat/"
	// The packages outside the standard library, and why they are linked.
	allowed := map[string]string{
		module + "cmd/git-credential-pat":                    "the helper itself",
		module + "cmd/internal/git":                          "reads Git's configuration",
		module + "credential":                                "chooses the token",
		module + "credential/forge":                          "what is specific to each forge",
		module + "protocol":                                  "reads and writes Git's messages",
		module + "cmd/internal/advice":                       "the messages if there is no answer",
		module + "cmd/internal/shell":                        "the commands in these messages",
		module + "store":                                     "reads and writes secrets",
		module + "store/disk":                                "reads and writes files",
		module + "store/record":                              "reads and writes records",
		module + "store/keeper":                              "get, store and erase",
		"github.com/zalando/go-keyring":                      "the keyring",
		"github.com/zalando/go-keyring/internal/shellescape": "its part for macOS",
		"github.com/zalando/go-keyring/secret_service":       "its part for Linux and the BSDs",
		"github.com/godbus/dbus/v5":                          "go-keyring uses it for the Secret Service",
		"github.com/danieljoos/wincred":                      "its part for Windows",
		"golang.org/x/sys/windows":                           "wincred uses it",
		"golang.org/x/sys/internal/unsafeheader":             "golang.org/x/sys/windows uses it",
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go to list the packages:", err)
	}
	for _, system := range []string{"linux", "darwin", "windows"} {
		t.Run(system, func(t *testing.T) {
			list := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}+{{end}}{{.ImportPath}}", ".")
			list.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
			list.Stderr = os.Stderr
			out, err := list.Output()
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range strings.Fields(string(out)) {
				path, foreign := strings.CutPrefix(line, "+")
				if reason, ok := forbidden[path]; ok {
					t.Errorf("%s is linked: %s", path, reason)
				}
				if _, ok := allowed[path]; foreign && !ok {
					t.Errorf("%s is linked, but not in the list", path)
				}
			}
		})
	}
}
