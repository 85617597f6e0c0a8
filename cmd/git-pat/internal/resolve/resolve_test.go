package resolve

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git/gittest"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// newResolver returns a resolver for a new repository in the current folder, with a
// Git configuration of the person.
func newResolver(t *testing.T, config string) *Resolver {
	t.Helper()
	home := gittest.Home(t, config)
	return &Resolver{Tokens: &tokens.Tokens{Tree: record.NewTree(filepath.Join(home, "tokens")), Now: time.Now()}, Git: new(git.Cache)}
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
			r := newResolver(t, test.config)
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
	r := newResolver(t, "")
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
			r := newResolver(t, "")
			gittest.Write(t, filepath.Join(".git", "config"), "[core]\nrepositoryformatversion = 0\n"+test.local)
			got, err := r.Here(t.Context(), false)
			if got != test.want || (err != nil) != (test.want == "") {
				t.Errorf("got %q and %v, want %q", got, err, test.want)
			}
		})
	}
}

// What is typed means exactly that, whatever the configuration says.
func TestNamed(t *testing.T) {
	r := newResolver(t, "[url \"https://evil.example/\"]\ninsteadOf = https://github.com/\npushInsteadOf = https://github.com/\n"+
		"[url \"https://git-push@github.com/\"]\npushInsteadOf = https://github.com/\n")
	gittest.Write(t, filepath.Join(".git", "config"), "[core]\nrepositoryformatversion = 0\n[remote \"acme\"]\nurl = https://evil.example/acme/b\n"+
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
		{"https://GitHub.com/c/d", true, "https://GitHub.com/c/d", ""}, // as Git, which compares bytes
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
