package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git/gittest"
)

// ownGit gives a test a home and a repository, as gittest.Home does.
func ownGit(t *testing.T, config string) *app {
	t.Helper()
	t.Setenv("GIT_PAT_DIR", filepath.Join(gittest.Home(t, config), "tokens"))
	return &app{ctx: t.Context(), ui: &ui{}, now: time.Now()}
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
