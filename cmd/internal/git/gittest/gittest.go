// Package gittest has helpers for tests that run Git.
package gittest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Home gives a test a temporary home with a Git configuration, and makes a new
// repository the current folder. It returns the home.
func Home(t *testing.T, config string) string {
	t.Helper()
	home := t.TempDir()
	for name, value := range map[string]string{
		"HOME":                  home,
		"XDG_CONFIG_HOME":       filepath.Join(home, ".config"),
		"GIT_CONFIG_NOSYSTEM":   "1",
		"GIT_CONFIG_GLOBAL":     filepath.Join(home, ".gitconfig"),
		"GIT_CONFIG_COUNT":      "0",
		"GIT_CONFIG_PARAMETERS": "",
	} {
		t.Setenv(name, value)
	}
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE"} {
		t.Setenv(name, "") // restores it after the test
		os.Unsetenv(name)
	}
	Write(t, filepath.Join(home, ".gitconfig"), config)
	t.Chdir(t.TempDir())
	if out, err := exec.Command("git", "init", "--quiet", "--initial-branch=main").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return home
}

// Write writes a file.
func Write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
