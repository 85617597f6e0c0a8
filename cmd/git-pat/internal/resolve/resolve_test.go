package resolve

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// ownGit gives a test a home of its own with a configuration, and a
// repository to stand in.
func ownGit(t *testing.T, config string) *Resolver {
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
	r := &Resolver{&tokens.Tokens{Tree: record.NewTree(filepath.Join(home, "tokens")), Now: time.Now()}, new(git.Cache)}
	gitInTest(t, "init", "--quiet", "--initial-branch=main")
	return r
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func gitInTest(t *testing.T, args ...string) {
	t.Helper()
	if _, err := git.Run(t.Context(), args...); err != nil {
		t.Fatal(err)
	}
}

func TestRequest(t *testing.T) {
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
			r := ownGit(t, test.config)
			m, err := r.Request(t.Context(), test.url)
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
	r := ownGit(t, "")
	for _, url := range []string{"https://github.com/a\nhost=evil.example", "no url", ""} {
		if m, err := r.Request(t.Context(), url); err == nil {
			t.Errorf("%q: got %v, want an error", url, m.Host)
		}
	}
}

func TestHere(t *testing.T) {
	tests := []struct {
		name, local, want string // nothing is an error
	}{
		{"none", "", ""},
		{"only one", "[remote \"up\"]\nurl = https://github.com/a/b\n", "https://github.com/a/b"},
		{"origin", "[remote \"a\"]\nurl = https://github.com/a/b\n[remote \"origin\"]\nurl = https://github.com/o/b\n", "https://github.com/o/b"},
		{"what the branch follows", "[remote \"a\"]\nurl = https://github.com/a/b\n[remote \"origin\"]\nurl = https://github.com/o/b\n[branch \"main\"]\nremote = a\n", "https://github.com/a/b"},
		{"a URL that the branch follows", "[remote \"a\"]\nurl = https://github.com/a/b\n[branch \"main\"]\nremote = https://github.com/c/d\n", "https://github.com/c/d"},
		{"a branch of here", "[remote \"a\"]\nurl = https://github.com/a/b\n[branch \"main\"]\nremote = .\n", "https://github.com/a/b"},
		{"several", "[remote \"a\"]\nurl = https://github.com/a/b\n[remote \"b\"]\nurl = https://github.com/o/b\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := ownGit(t, "")
			write(t, filepath.Join(".git", "config"), "[core]\nrepositoryformatversion = 0\n"+test.local)
			got, err := r.Here(t.Context(), false)
			if got != test.want || (err != nil) != (test.want == "") {
				t.Errorf("got %q and %v, want %q", got, err, test.want)
			}
		})
	}
}

// What is typed means exactly that, whatever the configuration says.
func TestNamed(t *testing.T) {
	r := ownGit(t, "[url \"https://evil.example/\"]\ninsteadOf = https://github.com/\npushInsteadOf = https://github.com/\n"+
		"[url \"https://git-push@github.com/\"]\npushInsteadOf = https://github.com/\n")
	write(t, filepath.Join(".git", "config"), "[core]\nrepositoryformatversion = 0\n[remote \"acme\"]\nurl = https://evil.example/acme/b\n"+
		"[remote \"acme/widgets\"]\nurl = https://evil.example/c/d\n[remote \"github.com\"]\nurl = https://evil.example/e/f\n[remote \"my fork\"]\nurl = https://fork.example/g/h\n")
	for _, test := range []struct {
		name   string
		push   bool
		want   string
		remote string // the URL of the remote with this name, which is not what was meant
	}{
		{"acme", false, "https://github.com/acme", "https://evil.example/acme/b"},
		{"acme", true, "https://git-push@github.com/acme", "https://evil.example/acme/b"},
		{"acme/widgets", false, "https://github.com/acme/widgets", "https://evil.example/c/d"},
		{"github.com", false, "https://github.com/", "https://evil.example/e/f"},
		{"https://github.com/c/d", false, "https://github.com/c/d", ""},
		{"https://github.com/c/d", true, "https://git-push@github.com/c/d", ""},
		{"https://bob@github.com/c/d", true, "https://bob@github.com/c/d", ""},
		{"https://example.com/c/d", true, "https://example.com/c/d", ""},
		{"git@github.com:c/d", true, "git@github.com:c/d", ""},
		{"my fork", false, "https://fork.example/g/h", ""}, // which cannot be a target
	} {
		got, err := r.Named(t.Context(), test.name, test.push)
		if got.URL != test.want || got.Remote != test.remote || err != nil {
			t.Errorf("%s, push %v: got %+v and %v, want %q and %q", test.name, test.push, got, err, test.want, test.remote)
		}
	}
	if got, err := r.Named(t.Context(), "no such remote", false); err == nil {
		t.Errorf("got %+v", got)
	}
}
