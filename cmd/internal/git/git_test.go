package git

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git/gittest"
)

func run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := Run(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A call with a secret in an argument is rejected.
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
	gittest.Home(t, "")
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

// A trace that a person has enabled does not hide errors.
func TestTraces(t *testing.T) {
	gittest.Home(t, "")
	for _, name := range []string{"GIT_TRACE", "GIT_TRACE2", "GIT_TRACE_SETUP", "GIT_CURL_VERBOSE"} {
		t.Setenv(name, "1")
	}
	_, errOut, err := Call{Args: []string{"remote", "get-url", "nothing"}}.RunBoth(t.Context())
	if want := "error: No such remote 'nothing'\n"; err == nil || errOut != want {
		t.Errorf("got %q, %v, want %q", errOut, err, want)
	}
}

// Git, and the programs that Git starts, come only from absolute folders of PATH.
func TestPath(t *testing.T) {
	gittest.Home(t, "")
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

// A folder with the files of a bare repository is rejected unless GIT_DIR names it.
func TestBare(t *testing.T) {
	gittest.Home(t, "")
	run(t, "init", "--quiet", "--bare", "content")
	t.Chdir("content")
	if err := os.Mkdir("refs/x", 0o700); err != nil {
		t.Fatal(err)
	}
	want := filepath.ToSlash(must(filepath.EvalSymlinks(must(os.Getwd()))))
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
	gittest.Home(t, "[a]\n\tYes\n\ttwo = one\n\ttwo = two\n\ttwo =\n\ttwo = \"a\\nb\"\n[core]\n\tfsmonitor = false\n[A \"Sub.Section\"]\n\tKey = \" x \"\n[include]\n\tpath = more\n")
	gittest.Write(t, filepath.Join(os.Getenv("HOME"), "more"), "[b]\n\tc = d\n")
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
		url    string // the URL that Git uses
		raw    string // the URL in the configuration
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
			gittest.Home(t, test.global)
			gittest.Write(t, filepath.Join(".git", "config"), "[core]\nrepositoryformatversion = 0\n"+test.local)
			gittest.Write(t, filepath.Join(".git", "more"), "[remote \"far.off\"]\nurl = "+ssh+"\n")
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
