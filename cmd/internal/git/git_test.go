package git

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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
		"https://alice:opaque@" + "part@example.com/", "remote.https://" + token[:12] + "@github.com/a.url",
		"credential.https://" + strings.Repeat("0a1b2c3d4e", 4) + "@github.com.helper",
	} {
		if _, err := Run(t.Context(), "config", arg); !errors.Is(err, ErrSecret) {
			t.Errorf("%d bytes: got %v, want ErrSecret", len(arg), err)
		}
	}
	for _, arg := range []string{"https://alice@example.com/a:b@c", "ghp_tools", "git@github.com:a/b", "url.https://git-push@h/.pushInsteadOf", "^https://[^/]*@github\\.com/a:b@c$", "https://github.com?a:b@c"} {
		if HoldsSecret(arg) {
			t.Errorf("%s: taken for a secret", arg)
		}
	}
}

func isBare(err error) bool {
	_, ok := Bare(err)
	return ok
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
	if _, err := (Call{Args: []string{"rev-parse", "--git-dir"}, Folder: t.TempDir()}).Run(t.Context()); isBare(err) || err == nil {
		t.Errorf("no repository: got %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(cancelled, "version"); err == nil {
		t.Error("cancelled: got no error")
	}
}

// Nothing of what a person has switched on to see what Git does gets between.
func TestTraces(t *testing.T) {
	ownGit(t, "")
	for _, name := range []string{"GIT_TRACE", "GIT_TRACE2", "GIT_TRACE_SETUP", "GIT_CURL_VERBOSE"} {
		t.Setenv(name, "1")
	}
	_, errOut, err := Call{Args: []string{"remote", "get-url", "nothing"}}.RunBoth(t.Context())
	if want := "error: No such remote 'nothing'\n"; err == nil || errOut != want {
		t.Errorf("got %q, %v, want %q", errOut, err, want)
	}
}

// Programs are started from absolute folders only, and by what we start too.
func TestPath(t *testing.T) {
	ownGit(t, "")
	real, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"git", "cat"} {
		if err := os.WriteFile(name, []byte("#!/bin/sh\n: >ran\nexit 1\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	here := os.Getenv("PATH")
	for _, path := range []string{".:" + here, ":" + here, "./:" + here, "..//" + filepath.Base(must(os.Getwd())) + ":" + here, here + ":"} {
		t.Setenv("PATH", path)
		if _, _, err := (Call{In: "url=https://github.com/a\n\n", Args: []string{"-c", "credential.helper=!cat >/dev/null; echo quit=1; :", "credential", "fill"}}).RunBoth(t.Context()); err == nil {
			t.Errorf("%s: got no error", path)
		}
		if _, err := os.Lstat("ran"); err == nil {
			t.Fatalf("with the PATH %s a program of the folder ran", path)
		}
	}
	t.Setenv("PATH", ".:")
	if _, err := Run(t.Context(), "version"); err != ErrNoGit {
		t.Errorf("got %v, want ErrNoGit, with Git at %s", err, real)
	}
}

func must(dir string, err error) string {
	if err != nil {
		panic(err)
	}
	return dir
}

// A folder with the files of a bare repository is none until it is named.
func TestBare(t *testing.T) {
	ownGit(t, "")
	run(t, "init", "--quiet", "--bare", "content")
	t.Chdir("content")
	if err := os.Mkdir("refs/x", 0o700); err != nil {
		t.Fatal(err)
	}
	want := must(filepath.EvalSymlinks(must(os.Getwd())))
	t.Chdir("refs/x")
	_, err := Run(t.Context(), "rev-parse", "--git-dir")
	if folder, ok := Bare(err); !ok || folder != want {
		t.Errorf("got %q of %v, want %q", folder, err, want)
	}
	t.Chdir("../..")
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
	schemes: []string{"https://", "https://", "https://", "https://", "https://", "http://", "ssh://", "HTTPS://", "cert://", "file://", "h ttps://", "://", ""},
	users:   []string{"", "", "", "", "", "alice@", "alice@", "Alice@", "bob@", "al%69ce@", "alice:x@", "al%3aice@", "al:ice@", "@", "a@b@", "al%zzce@"},
	hosts: []string{"github.com", "github.com", "github.com", "github.com", "GitHub.com", "gist.github.com", "*.github.com", "*.com", "*", "*.*",
		"git*.com", "git-hub.com", "evil.example", "github.com.", "github.com..", "*.com.", "git%68ub.com", "[::1]", "", "exa mple.com"},
	ports: []string{"", "", "", "", "", "", "", ":443", ":0443", ":8443", ":80", ":22", ":", ":0", ":99999", ":x"},
	paths: []string{"", "", "", "/", "/acme", "/acme", "/acme", "/acme/widgets.git", "/acme/", "/acme/widgets.git", "/acm", "/Acme", "/acme/widgets.git/info/lfs",
		"/acme/../globex", "/globex/../acme", "/acme/./widgets.git", "/acme/.", "/..", "/ac%6de", "/ac%6De/", "/ac%zze", "//acme", "/acme//widgets.git",
		"/acme?x", "?x", "/acme#x", "/a:b", "/a%3ab", "/a%3Ab", "/a%20b", "/a b", "/a%2fb", "/a+b", "/a~b", "/a%7eb", "/a*b", "/ä", "/%c3%a4"},
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

// section is one as people write it, most often, and one that is odd in all ways.
func section(r *rand.Rand) string {
	if r.IntN(3) > 0 {
		return "https://" + pick(r, pieces.users[:7]) + pick(r, pieces.hosts[:8]) + pick(r, pieces.ports[:9]) + pick(r, pieces.paths[:10])
	}
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

// quoted is a section as it is written in a file.
func quoted(section string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(section) + `"`
}

// lines are the request as helpers read it.
func (r Request) lines() string {
	var b strings.Builder
	for _, line := range [][2]string{{"protocol", r.Protocol}, {"host", r.Host}, {"path", r.Path}, {"username", r.Username}} {
		if line[1] != "" || line[0] == "host" {
			b.WriteString(line[0] + "=" + line[1] + "\n")
		}
	}
	return b.String()
}

// Which credential sections are for a URL, and what Git asks for there, is what
// Git itself says.
func TestForCredentialAsGit(t *testing.T) {
	ownGit(t, "")
	r := rand.New(rand.NewPCG(1, 2))
	compared, fitting := 0, 0
	for range 30 {
		// One Git says it of them all, by running the helpers of those that fit.
		var text strings.Builder
		for i := range 20 {
			fmt.Fprintf(&text, "[credential %s]\n\thelper = \"!echo n%d >&2; :\"\n", quoted(section(r)), i)
			switch r.IntN(12) {
			case 0:
				text.WriteString("\thelper =\n")
			case 1:
				text.WriteString("\tusername = alice\n")
			case 2, 3, 4:
				text.WriteString("\tuseHttpPath = true\n")
			case 5:
				text.WriteString("\tuseHttpPath = " + pick(r, []string{"no", "0", "2", "0x1", "1k", "yes", "False", ""}) + "\n")
			}
		}
		text.WriteString("[credential]\n\thelper = \"!echo asked >&2; cat >&2; :\"\n")
		write(t, ".git/config", "[core]\n\trepositoryformatversion = 0\n"+text.String())
		c, err := ReadConfig(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			u := askedURL(r)
			_, said, _ := Call{In: "url=" + u + "\n\n", Args: []string{"credential", "fill"}}.RunBoth(t.Context())
			if !strings.Contains(said, "terminal prompts disabled") {
				continue // Git takes it for none to ask anybody about
			}
			compared++
			var got, want []string
			helpers := c.Helpers(u)
			for _, s := range helpers[:len(helpers)-1] {
				got = append(got, strings.Fields(s.Value)[1])
			}
			for line := range strings.Lines(said) {
				if line = strings.TrimSuffix(line, "\n"); strings.HasPrefix(line, "n") && len(line) < 4 {
					want = append(want, line)
				}
			}
			fitting += len(want)
			_, said, _ = strings.Cut(said, "asked\n")
			said, _, _ = strings.Cut(said, "fatal: ")
			said = strings.Replace(said, "username=\n", "", 1) // which is as none to us
			request, err := c.Asks(u)
			if sent := request.lines(); sent != said || err != nil {
				t.Errorf("%s: got %q, %v, want %q, of\n%s", u, sent, err, said, text.String())
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %q, want %q, of\n%s", u, got, want, text.String())
			}
		}
	}
	t.Logf("%d URLs, %d sections for them", compared, fitting)
	if compared < 200 || fitting < 500 {
		t.Errorf("only %d URLs were asked about, and %d sections were for them", compared, fitting)
	}
}

// So it is with the sections of http.
func TestForHTTPAsGit(t *testing.T) {
	ownGit(t, "")
	r := rand.New(rand.NewPCG(3, 4))
	fitting := 0
	for range 40 {
		var text strings.Builder
		for i := range 12 {
			fmt.Fprintf(&text, "[http %s]\n\tcookieFile = n%d\n", quoted(section(r)), i)
		}
		write(t, ".git/config", "[core]\n\trepositoryformatversion = 0\n"+text.String())
		c, err := ReadConfig(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for range 8 {
			u := askedURL(r)
			got := ""
			for _, s := range c.ForHTTP(u, "cookiefile") {
				got = s.Value
			}
			out, err := exec.Command("git", "config", "--get-urlmatch", "http.cookieFile", u).Output()
			if status, ok := Status(err); ok && status == 128 {
				continue // to Git it is no URL
			} else if err != nil && !(ok && status == 1) {
				t.Fatal(err)
			}
			want := strings.TrimSpace(string(out))
			if want != "" {
				fitting++
			}
			if got != want {
				t.Errorf("%s: got %q, want %q, of\n%s", u, got, want, text.String())
			}
		}
	}
	t.Logf("%d URLs have a section", fitting)
	if fitting < 100 {
		t.Errorf("only %d URLs had a section", fitting)
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
}

// Git sends the headers that we say it does.
func TestAuthorizationHeaderAsGit(t *testing.T) {
	var mutex sync.Mutex
	var sent []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		sent = append(sent, r.Header.Values("Authorization")...)
		http.NotFound(w, r)
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	const header = "\textraHeader = Authorization: token x\n"
	for _, test := range []struct{ name, user, config string }{
		{"none", "", "[http]\n\textraHeader = X-Authorization: x\n"},
		{"for all", "", "[http]\n" + header},
		{"for the host", "", "[http \"http://HOST/\"]\n" + header},
		{"for another port", "", "[http \"http://127.0.0.1:1/\"]\n" + header},
		{"for https", "", "[http \"https://HOST/\"]\n" + header},
		{"for the path", "", "[http \"http://HOST/acme/widgets\"]\n" + header},
		{"for another path", "", "[http \"http://HOST/acme/wid\"]\n" + header},
		{"for any", "", "[http \"http://*.0.0.*:PORT\"]\n" + header},
		{"for a user", "alice@", "[http \"http://alice@HOST/\"]\n" + header},
		{"for a user, without one", "", "[http \"http://alice@HOST/\"]\n" + header},
		{"for no user, with one", "alice@", "[http \"http://HOST/\"]\n" + header},
		{"several", "", "[http]\n" + header + "\textraHeader = X-A: b\n[http \"http://HOST\"]\n\textraHeader = X-B: c\n"},
		{"emptied", "", "[http]\n" + header + "\textraHeader =\n"},
		{"emptied and set", "", "[http]\n" + header + "\textraHeader =\n" + header},
		{"emptied for the host", "", "[http]\n" + header + "[http \"http://HOST\"]\n\textraHeader =\n"},
		{"emptied for another", "", "[http]\n" + header + "[http \"http://other\"]\n\textraHeader =\n"},
		{"emptied less closely", "", "[http \"http://HOST\"]\n" + header + "[http]\n\textraHeader =\n"},
		{"set less closely", "", "[http \"http://HOST\"]\n\textraHeader = X-A: b\n[http]\n" + header},
	} {
		ownGit(t, strings.NewReplacer("HOST", host, "PORT", host[strings.LastIndexByte(host, ':')+1:]).Replace(test.config))
		url := "http://" + test.user + host + "/acme/widgets"
		c, err := ReadConfig(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		mutex.Lock()
		sent = nil
		mutex.Unlock()
		ask := exec.Command("git", "ls-remote", url)
		ask.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "http_proxy=")
		if out, err := ask.CombinedOutput(); err == nil || !strings.Contains(string(out), "not found") {
			t.Fatalf("%s: %v\n%s", test.name, err, out)
		}
		mutex.Lock()
		if _, got := c.AuthorizationHeader(url); got != (len(sent) > 0) {
			t.Errorf("%s: got %v, and Git sent %q", test.name, got, sent)
		}
		mutex.Unlock()
	}
}

func TestSaysPush(t *testing.T) {
	ownGit(t, "[url \"https://"+credential.PushLogin+"@github.com/\"]\n\tpushInsteadOf = https://github.com/\n")
	c, err := ReadConfig(t.Context(), "")
	if err != nil || !c.SaysPush("github.com") || c.SaysPush("gist.github.com") {
		t.Errorf("got %v, %v and %v", c.SaysPush("github.com"), c.SaysPush("gist.github.com"), err)
	}
}
