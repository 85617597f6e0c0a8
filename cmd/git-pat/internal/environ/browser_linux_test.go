package environ

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A browser has no token in its environment, and what comes after it has.
func TestOpenBrowser(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\necho \"$1\" >\"$SEEN\"\n/usr/bin/env >>\"$SEEN\"\n"
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	token, seen := "ghp_"+rand.Text(), filepath.Join(dir, "seen")
	t.Setenv("PATH", dir)
	t.Setenv("SEEN", seen)
	t.Setenv("CI_TOKEN", token)
	if err := OpenBrowser("https://github.com/settings/tokens"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(got), "https://github.com/settings/tokens\n") || !strings.Contains(string(got), "\nSEEN="+seen+"\n") {
		t.Errorf("the browser was not started as expected: %s", got)
	}
	if strings.Contains(string(got), token) {
		t.Error("LEAK: the browser has the token in its environment")
	}
	if os.Getenv("CI_TOKEN") != token {
		t.Error("the token is gone from our own environment")
	}
}

func TestHasBrowser(t *testing.T) {
	for _, test := range []struct {
		variables string
		want      bool
	}{
		{"", false}, {"DISPLAY", true}, {"WAYLAND_DISPLAY", true}, {"BROWSER", true},
		{"DISPLAY SSH_TTY", false}, {"BROWSER SSH_CONNECTION", false},
	} {
		set := strings.Fields(test.variables)
		got := HasBrowser(func(name string) string {
			if slices.Contains(set, name) {
				return "x"
			}
			return ""
		})
		if got != test.want {
			t.Errorf("%s: got %v, want %v", test.variables, got, test.want)
		}
	}
}
