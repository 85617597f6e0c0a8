//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The benchmark gets right answers from each helper. How long they take does not
// matter.
func TestBench(t *testing.T) {
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", dir, "../../cmd/git-credential-pat", "../../cmd/git-pat")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s", err, text)
	}
	// Other helpers that this machine happens to have in PATH are not found.
	path := t.TempDir()
	for _, name := range []string{"git", "sh", "time", "dbus-daemon", "gnome-keyring-daemon"} {
		if program, err := exec.LookPath(name); err == nil {
			if err := os.Symlink(program, filepath.Join(path, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Setenv("PATH", path)
	var out strings.Builder
	if err := run(t.Context(), &out, dir, 1, []int{1, 1_000}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"git-credential-store, 1 entry", "git-credential-pat, file, 1 token", "git-credential-pat, file, 1,000 tokens"} {
		if !strings.Contains(out.String(), "| "+name+" | ") || strings.Contains(out.String(), name+" | not installed") {
			t.Errorf("%s is not measured:\n%s", name, out.String())
		}
	}
	if strings.Contains(out.String(), token(0)[:8]) {
		t.Error("a token was printed")
	}
}
