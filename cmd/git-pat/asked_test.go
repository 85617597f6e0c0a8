package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// ownGit gives a test a home of its own with a configuration, and a
// repository to stand in.
func ownGit(t *testing.T, config string) *app {
	t.Helper()
	home := t.TempDir()
	for name, value := range map[string]string{
		"HOME":                  home,
		"XDG_CONFIG_HOME":       filepath.Join(home, ".config"),
		"GIT_CONFIG_NOSYSTEM":   "1",
		"GIT_CONFIG_GLOBAL":     filepath.Join(home, ".gitconfig"),
		"GIT_CONFIG_COUNT":      "0",
		"GIT_CONFIG_PARAMETERS": "",
		"GIT_PAT_DIR":           filepath.Join(home, "tokens"),
	} {
		t.Setenv(name, value)
	}
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE"} {
		if value, ok := os.LookupEnv(name); ok {
			os.Unsetenv(name)
			t.Cleanup(func() { os.Setenv(name, value) })
		}
	}
	write(t, filepath.Join(home, ".gitconfig"), config)
	t.Chdir(t.TempDir())
	a := &app{ctx: t.Context(), ui: &ui{}, now: time.Now()}
	gitInTest(t, a, "init", "--quiet", "--initial-branch=main")
	return a
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func gitInTest(t *testing.T, a *app, args ...string) {
	t.Helper()
	if _, err := git.Run(a.ctx, args...); err != nil {
		t.Fatal(err)
	}
}

func TestAsGitSends(t *testing.T) {
	tests := []struct {
		name, config, url    string
		path, host, username string
	}{
		{"no path", "", "https://github.com/acme/widgets.git", "", "github.com", ""},
		{"with the path", "[credential \"https://github.com\"]\nuseHttpPath = true\n", "https://github.com/acme/widgets.git", "acme/widgets.git", "github.com", ""},
		{"the last one wins", "[credential \"https://github.com\"]\nuseHttpPath = true\n[credential]\nuseHttpPath = false\n", "https://github.com/acme/widgets.git", "", "github.com", ""},
		{"a user", "", "https://bob@github.com/acme/widgets.git", "", "github.com", "bob"},
		{"a user that is configured", "[credential \"https://github.com\"]\nusername = bob\n", "https://github.com/acme/widgets.git", "", "github.com", "bob"},
		{"a password", "", "https://bob:password@github.com/acme/widgets.git", "", "github.com", "bob"},
		{"a helper of somebody else", "[credential]\nhelper = \"!echo username=mallory; echo password=m; :\"\n", "https://GitHub.com:443/a", "", "GitHub.com:443", ""},
		{"ssh", "", "ssh://git@github.com/acme/widgets.git", "acme/widgets.git", "github.com", "git"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := ownGit(t, test.config)
			m, err := a.asGitSends(test.url)
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Path; got != test.path {
				t.Errorf("path: got %q, want %q", got, test.path)
			}
			if got := m.Host; got != test.host {
				t.Errorf("host: got %q, want %q", got, test.host)
			}
			if got := m.Username; got != test.username {
				t.Errorf("username: got %q, want %q", got, test.username)
			}
		})
	}
	a := ownGit(t, "")
	for _, url := range []string{"https://github.com/a\nhost=evil.example", "no url", ""} {
		if m, err := a.asGitSends(url); err == nil {
			t.Errorf("%q: got %v, want an error", url, m.Host)
		}
	}
}
