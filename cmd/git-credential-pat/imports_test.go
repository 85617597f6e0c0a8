package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Every package linked into the helper costs each fetch and push the time of
// its start, also if nothing of it is called, and what can open a connection
// has no place in a process that is handed every token.
func TestImports(t *testing.T) {
	forbidden := map[string]string{
		"net":           "connections to other machines; a process with every token should have none, and it costs 0.1 ms",
		"net/http":      "as net, and 0.4 ms",
		"net/netip":     "0.04 ms for one check of an address; credential/percent is there so as not to need net/url, which has it",
		"crypto/tls":    "as net/http",
		"log/slog":      "nothing is logged here",
		"text/template": "half a megabyte for a few lines of text",
		"testing":       "belongs in tests",
		"unsafe/cgo":    "a millisecond more at each start",
		"runtime/cgo":   "a millisecond more at each start",
	}
	module := "github.com/git-credential-pat/git-credential-pat/"
	// What is not of the standard library, and why it is there.
	allowed := map[string]string{
		module + "cmd/git-credential-pat":                    "this",
		module + "credential":                                "which token",
		module + "credential/percent":                        "URLs",
		module + "protocol":                                  "Git's format",
		module + "store":                                     "where tokens are",
		module + "store/secretservice":                       "the keyring of Linux",
		"github.com/zalando/go-keyring":                      "that of other systems",
		"github.com/zalando/go-keyring/internal/shellescape": "its part for macOS",
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
				if strings.HasPrefix(path, "net") && system == "windows" {
					continue // golang.org/x/sys/windows has them for the types of its sockets
				}
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
