package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Git starts the helper twice in each fetch and push, with every token in its
// reach, so it links little and nothing that speaks to other machines.
func TestImports(t *testing.T) {
	forbidden := map[string]string{
		"net/http":      "the helper opens no connections; git pat does",
		"crypto/tls":    "as net/http",
		"log/slog":      "nothing is logged here",
		"text/template": "half a megabyte for a few lines of text",
		"testing":       "belongs in tests",
		"runtime/cgo":   "a millisecond more at each start",
	}
	module := "github.com/git-credential-pat/git-credential-pat/"
	// What is not of the standard library, and why it is there.
	allowed := map[string]string{
		module + "cmd/git-credential-pat":                    "this",
		module + "cmd/internal/git":                          "Git's configuration, where it decides",
		module + "credential":                                "which token",
		module + "protocol":                                  "Git's format",
		module + "cmd/internal/advice":                       "what to do where there is no answer",
		module + "store":                                     "where secrets are",
		module + "store/disk":                                "the files of both",
		module + "store/record":                              "what each token is for",
		module + "store/keeper":                              "what Git asks for",
		"github.com/zalando/go-keyring":                      "the keyring",
		"github.com/zalando/go-keyring/internal/shellescape": "its part for macOS",
		"github.com/zalando/go-keyring/secret_service":       "its part for Linux and the BSDs",
		"github.com/godbus/dbus/v5":                          "what that speaks to the keyring with",
		"github.com/danieljoos/wincred":                      "its part for Windows",
		"golang.org/x/sys/windows":                           "what wincred calls Windows with",
		"golang.org/x/sys/internal/unsafeheader":             "a part of that",
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
					t.Errorf("%s is linked, and nobody said why", path)
				}
			}
		})
	}
}
