package git

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// ownGit gives a test a home of its own with a configuration, and a repository
// to stand in.
func ownGit(t *testing.T, config string) {
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
		if value, ok := os.LookupEnv(name); ok {
			os.Unsetenv(name)
			t.Cleanup(func() { os.Setenv(name, value) })
		}
	}
	write(t, filepath.Join(home, ".gitconfig"), config)
	t.Chdir(t.TempDir())
	run(t, "init", "--quiet", "--initial-branch=main")
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := Run(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// No argument has a secret in it.
func TestRefusesSecrets(t *testing.T) {
	t.Parallel()
	token := "gh" + "p_" + strings.Repeat("a1B2", 9)
	for _, arg := range []string{
		token, "https://" + token + "@github.com/a", "url.https://x:" + token + "@github.com/.insteadOf",
		"https://alice:opaque@example.com/", "http://:opaque@example.com/a", "Authorization: Bearer " + token,
	} {
		if _, err := Run(t.Context(), "config", arg); !errors.Is(err, ErrSecret) {
			t.Errorf("%d bytes: got %v, want ErrSecret", len(arg), err)
		}
	}
	for _, arg := range []string{"https://alice@example.com/a:b@c", "ghp_tools", "git@github.com:a/b", "url.https://git-push@h/.pushInsteadOf"} {
		if holdsSecret(arg) {
			t.Errorf("%s: taken for a secret", arg)
		}
	}
}

func TestError(t *testing.T) {
	ownGit(t, "")
	_, err := Run(t.Context(), "-c", "a.b=c", "config", "--get", "no-such\nkey")
	var said *Error
	if !errors.As(err, &said) || said.Command != "config" {
		t.Fatalf("got %v, want an *Error of config", err)
	}
	if status, ok := Status(err); !ok || status != 1 {
		t.Errorf("got the status %d, want 1", status)
	}
	if _, err := (Call{Args: []string{"rev-parse", "--git-dir"}, Folder: t.TempDir()}).Run(t.Context()); IsBare(err) || err == nil {
		t.Errorf("no repository: got %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(cancelled, "version"); err == nil {
		t.Error("cancelled: got no error")
	}
}

// A folder with the files of a bare repository is none until it is named.
func TestBare(t *testing.T) {
	ownGit(t, "")
	run(t, "init", "--quiet", "--bare", "content")
	t.Chdir("content")
	if _, err := Run(t.Context(), "rev-parse", "--git-dir"); !IsBare(err) {
		t.Errorf("got %v, want a refusal", err)
	}
	t.Setenv("GIT_DIR", ".")
	if out := run(t, "rev-parse", "--is-bare-repository"); out != "true\n" {
		t.Errorf("named: got %q", out)
	}
}

func TestReadConfig(t *testing.T) {
	ownGit(t, "[a]\n\tYes\n\ttwo = one\n\ttwo = two\n\ttwo =\n\ttwo = \"a\\nb\"\n[core]\n\tfsmonitor = false\n[A \"Sub.Section\"]\n\tKey = \" x \"\n[include]\n\tpath = more\n")
	write(t, filepath.Join(os.Getenv("HOME"), "more"), "[b]\n\tc = d\n")
	run(t, "config", "--local", "a.two", "local")
	for _, at := range []struct {
		name string
		read func() (Config, error)
		want map[string][]string
	}{
		{"here", func() (Config, error) { return ReadConfig(t.Context(), "") },
			map[string][]string{"a.yes": {"true"}, "a.two": {"one", "two", "", "a\nb", "local"}, "a.Sub.Section.key": {" x "}, "b.c": {"d"}}},
		{"own", func() (Config, error) { return ReadOwnConfig(t.Context()) },
			map[string][]string{"a.two": {"one", "two", "", "a\nb"}, "core.bare": nil, "core.fsmonitor": {"false"}, "core.hookspath": nil}},
		{"a file", func() (Config, error) { return ReadFile(t.Context(), "", "--file", ".git/config") },
			map[string][]string{"a.two": {"local"}, "a.yes": nil}},
		{"no file", func() (Config, error) { return ReadFile(t.Context(), "", "--file", "nothing") },
			map[string][]string{"a.two": nil}},
	} {
		c, err := at.read()
		if err != nil {
			t.Errorf("%s: %v", at.name, err)
		}
		for key, want := range at.want {
			var got []string
			for _, s := range c.Get(key) {
				got = append(got, s.Value)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %s: got %q, want %q", at.name, key, got, want)
			}
		}
	}
	c, err := ReadConfig(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.List("a.two"); len(got) != 2 || c.Last("a.two") != "local" {
		t.Errorf("list: got %v", got)
	}
	if s := c.Get("a.Sub.Section.key")[0]; s.Section() != "Sub.Section" || s.Scope != "global" {
		t.Errorf("got the section %q and the scope %q", s.Section(), s.Scope)
	}
	if file, ok := c.Get("b.c")[0].File(); !ok || filepath.Base(file) != "more" {
		t.Errorf("got the file %q", file)
	}
}

func TestRemotes(t *testing.T) {
	type row struct {
		remote string
		push   bool
		url    string // as Git uses it
		raw    string // as it is written
	}
	const https = "https://github.com/acme/widgets.git"
	const ssh = "git@github.com:acme/widgets.git"
	tests := []struct {
		name, global, local string
		want                []row
	}{
		{name: "none"},
		{name: "one", local: "[remote \"origin\"]\nurl = " + https + "\n",
			want: []row{{"origin", false, https, https}, {"origin", true, https, https}}},
		{name: "two URLs", local: "[remote \"origin\"]\nurl = " + https + "\nurl = " + ssh + "\n",
			want: []row{{"origin", false, https, https}, {"origin", true, https, https}, {"origin", true, ssh, ssh}}},
		{name: "pushurl", local: "[remote \"origin\"]\nurl = " + https + "\npushurl = " + ssh + "\n",
			want: []row{{"origin", false, https, https}, {"origin", true, ssh, ssh}}},
		{name: "insteadOf", global: "[url \"git@github.com:\"]\ninsteadOf = https://github.com/\n", local: "[remote \"origin\"]\nurl = " + https + "\n",
			want: []row{{"origin", false, ssh, https}, {"origin", true, ssh, https}}},
		{name: "pushInsteadOf", global: "[url \"git@github.com:\"]\npushInsteadOf = https://github.com/\n", local: "[remote \"origin\"]\nurl = " + https + "\n",
			want: []row{{"origin", false, https, https}, {"origin", true, ssh, https}}},
		{name: "no pushInsteadOf for a pushurl", global: "[url \"git@github.com:\"]\npushInsteadOf = https://github.com/\n", local: "[remote \"origin\"]\nurl = " + https + "\npushurl = " + https + "\n",
			want: []row{{"origin", false, https, https}, {"origin", true, https, https}}},
		{name: "two URLs, pushInsteadOf for the second", global: "[url \"git@github.com:\"]\npushInsteadOf = https://github.com/\n", local: "[remote \"origin\"]\nurl = /srv/widgets\nurl = " + https + "\n",
			want: []row{{"origin", false, "/srv/widgets", "/srv/widgets"}, {"origin", true, ssh, https}}},
		{name: "included", local: "[include]\npath = more\n",
			want: []row{{"far.off", false, ssh, ssh}, {"far.off", true, ssh, ssh}}},
		{name: "of the person", global: "[remote \"mine\"]\nurl = " + https + "\n",
			want: []row{{"mine", false, https, https}, {"mine", true, https, https}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ownGit(t, test.global)
			write(t, filepath.Join(".git", "config"), "[core]\nrepositoryformatversion = 0\n"+test.local)
			write(t, filepath.Join(".git", "more"), "[remote \"far.off\"]\nurl = "+ssh+"\n")
			c, err := ReadConfig(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			all, err := Remotes(t.Context(), "", c)
			if err != nil {
				t.Fatal(err)
			}
			var got []row
			for _, u := range all {
				got = append(got, row{u.Remote, u.Push, u.URL, u.Written.Value})
				if _, ok := u.Written.File(); !ok {
					t.Errorf("%s is in no file: %q", u.Remote, u.Written.Origin)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestRewrite(t *testing.T) {
	rules := Config{
		{Key: "url.git@github.com:.insteadof", Value: "gh:"},
		{Key: "url.https://github.com/.insteadof", Value: "git@github.com:"},
		{Key: "url.https://ghes.example/acme/.insteadof", Value: "git@github.com:acme/"},
		{Key: "url.ssh://git@github.com/.pushinsteadof", Value: "https://github.com/"},
	}
	for _, test := range []struct {
		url  string
		push bool
		want string
		rule int // -1: none
	}{
		{"https://github.com/acme/widgets", false, "https://github.com/acme/widgets", -1},
		{"https://github.com/acme/widgets", true, "ssh://git@github.com/acme/widgets", 3},
		{"gh:acme/widgets", false, "git@github.com:acme/widgets", 0}, // one rule, and not two
		{"gh:acme/widgets", true, "git@github.com:acme/widgets", 0},
		{"git@github.com:acme/widgets", false, "https://ghes.example/acme/widgets", 2},
		{"git@github.com:acme", false, "https://github.com/acme", 1},
		{"xgh:acme", false, "xgh:acme", -1},
	} {
		got, rule := rules.Rewrite(test.url, test.push)
		if got != test.want || (rule == nil) != (test.rule < 0) || rule != nil && *rule != rules[test.rule] {
			t.Errorf("%s, push %v: got %q by %v, want %q by rule %d", test.url, test.push, got, rule, test.want, test.rule)
		}
	}
}

// pieces of sections and URLs, with what tells some apart.
var pieces = struct{ schemes, users, hosts, ports, paths []string }{
	schemes: []string{"https://", "https://", "https://", "https://", "http://", "ssh://", "HTTPS://", ""},
	users:   []string{"", "", "", "", "", "alice@", "alice@", "bob@", "al%69ce@"},
	hosts:   []string{"github.com", "github.com", "github.com", "github.com", "GitHub.com", "gist.github.com", "*.github.com", "*.com", "*", "git-hub.com", "evil.example"},
	ports:   []string{"", "", "", "", "", "", ":443", ":8443", ":80"},
	paths:   []string{"", "", "/", "/acme", "/acme", "/acme/widgets.git", "/acme/", "/acme/widgets.git", "/acm", "/Acme", "/acme/widgets.git/info/lfs", "/acme/../globex", "/ac%6de"},
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

func section(r *rand.Rand) string {
	return pick(r, pieces.schemes) + pick(r, pieces.users) + pick(r, pieces.hosts) + pick(r, pieces.ports) + pick(r, pieces.paths)
}

// askedURL is one that Git asks for.
func askedURL(r *rand.Rand) string {
	u := section(r)
	for !strings.Contains(u, "://") || strings.Contains(u, "*") {
		u = section(r)
	}
	return u
}

// Which credential sections are for a URL is what Git itself says.
func TestForCredentialAsGit(t *testing.T) {
	ownGit(t, "")
	r := rand.New(rand.NewPCG(1, 2))
	fitting := 0
	for range 25 {
		// One Git asks them all: each section has a user name of its own, and the
		// last one that fits is in effect.
		var text strings.Builder
		var sections []string
		for i := range 12 {
			s := section(r)
			sections = append(sections, s)
			fmt.Fprintf(&text, "[credential %q]\n\thelper = n%d\n", s, i)
		}
		write(t, ".git/config", "[core]\n\trepositoryformatversion = 0\n"+text.String())
		c, err := ReadConfig(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for range 8 {
			u := askedURL(r)
			var got []string
			for _, s := range c.Helpers(u) {
				got = append(got, s.Value)
			}
			// Git tries git-credential-nI for each and says that it is not there.
			_, said, _ := Call{In: "url=" + u + "\n\n", Args: []string{"credential", "fill"}}.RunBoth(t.Context())
			var want []string
			for line := range strings.Lines(said) {
				if rest, ok := strings.CutPrefix(line, "git: 'credential-"); ok {
					name, _, _ := strings.Cut(rest, "'")
					want = append(want, name)
				}
			}
			fitting += len(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %q, want %q, of %q\n%s", u, got, want, sections, said)
			}
		}
	}
	if fitting < 50 {
		t.Errorf("only %d sections were for a URL, which shows little", fitting)
	}
}

// So it is with the sections of http.
func TestForHTTPAsGit(t *testing.T) {
	ownGit(t, "")
	r := rand.New(rand.NewPCG(3, 4))
	fitting := 0
	for range 25 {
		var text strings.Builder
		var sections []string
		for i := range 6 {
			s := section(r)
			sections = append(sections, s)
			fmt.Fprintf(&text, "[http %q]\n\tcookieFile = n%d\n", s, i)
		}
		write(t, ".git/config", "[core]\n\trepositoryformatversion = 0\n"+text.String())
		c, err := ReadConfig(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			u := askedURL(r)
			got := ""
			for _, s := range c.ForHTTP(u, "cookiefile") {
				got = s.Value
			}
			out, err := exec.Command("git", "config", "--get-urlmatch", "http.cookieFile", u).Output()
			if status, ok := Status(err); err != nil && !(ok && status == 1) {
				t.Fatal(err)
			}
			want := strings.TrimSpace(string(out))
			if want != "" {
				fitting++
			}
			if got != want {
				t.Errorf("%s: got %q, want %q, of %q", u, got, want, sections)
			}
		}
	}
	if fitting < 10 {
		t.Errorf("only %d URLs had a section, which shows little", fitting)
	}
}

func TestAuthorizationHeader(t *testing.T) {
	t.Parallel()
	const url = "https://github.com/acme/widgets"
	for _, test := range []struct {
		name   string
		config Config
		want   string
	}{
		{"none", nil, ""},
		{"for all", Config{{Key: "http.extraheader", Value: "AUTHORIZATION: basic x"}}, "http.extraheader"},
		{"another header", Config{{Key: "http.extraheader", Value: "X-A: authorization"}}, ""},
		{"for the host", Config{{Key: "http.https://github.com/.extraheader", Value: "authorization : x"}}, "http.https://github.com/.extraheader"},
		{"for another host", Config{{Key: "http.https://gitlab.com/.extraheader", Value: "authorization: x"}}, ""},
		{"emptied", Config{{Key: "http.extraheader", Value: "authorization: x"}, {Key: "http.https://github.com/.extraheader", Value: ""}}, ""},
		{"emptied for another host", Config{{Key: "http.extraheader", Value: "authorization: x"}, {Key: "http.https://gitlab.com/.extraheader", Value: ""}}, "http.extraheader"},
		{"emptied less closely", Config{{Key: "http.https://github.com/.extraheader", Value: "authorization: x"}, {Key: "http.extraheader", Value: ""}}, "http.https://github.com/.extraheader"},
	} {
		got, ok := test.config.AuthorizationHeader(url)
		if ok != (test.want != "") || ok && got.Key != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.name, got.Key, ok, test.want)
		}
	}
	key := Setting{Key: "http.https://x:" + "secret@github.com/a.extraheader"}
	if got, want := key.ShownKey(), "http.https://***@github.com/a.extraheader"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSaysPush(t *testing.T) {
	ownGit(t, "[url \"https://"+credential.PushLogin+"@github.com/\"]\n\tpushInsteadOf = https://github.com/\n")
	c, err := ReadConfig(t.Context(), "")
	if err != nil || !c.SaysPush("github.com") || c.SaysPush("gist.github.com") {
		t.Errorf("got %v, %v and %v", c.SaysPush("github.com"), c.SaysPush("gist.github.com"), err)
	}
}
