package obstacle

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// config is what a file has, given as lines KEY=VALUE with keys as Git prints them.
func config(lines ...string) git.Config {
	var c git.Config
	for _, line := range lines {
		key, value, _ := strings.Cut(line, "=")
		c = append(c, git.Setting{Key: key, Value: value, Origin: "file:x"})
	}
	return c
}

const program = "/usr/bin/git-credential-pat"

func TestFind(t *testing.T) {
	const https = "credential.https://github.com."
	ours := []string{
		https + "helper=", https + "helper=" + program, https + "usehttppath=true",
		"credential.ssh://github.com.helper=" + program, "credential.http://github.com.helper=" + program,
	}
	for _, test := range []struct {
		name  string
		lines []string
		push  bool
		want  Problem
		key   string // of the setting in the way; nothing for no obstacle
	}{
		{name: "nothing", lines: ours},
		{name: "an empty helper later", lines: append(ours[:5:5], "credential.helper="), want: NotAsked, key: "credential.helper"},
		{name: "another program's section later", lines: append(ours[:5:5], "credential.https://github.com.helper=", "credential.https://github.com.helper=!gh auth git-credential"), want: NotAsked, key: "credential.https://github.com.helper"},
		{name: "an empty helper before", lines: append([]string{"credential.helper="}, ours...)},
		{name: "another before, and no empty one", lines: []string{"credential.helper=store", "credential.helper=pat", ours[2]}, want: NotFirst, key: "credential.helper"},
		{name: "another later", lines: append(ours[:5:5], "credential.helper=store"), want: AlsoAsked, key: "credential.helper"},
		{name: "no path", lines: append(ours[:5:5], "credential.usehttppath=false"), want: NoPath, key: "credential.usehttppath"},
		{name: "pushes go over SSH", push: true, lines: append(ours[:5:5], "url.git@github.com:.pushinsteadof=https://github.com/", "url.https://git-push@github.com:443/.pushinsteadof=https://github.com/"),
			want: NoPush, key: "url.git@github.com:.pushinsteadof"},
		{name: "pushes are known", push: true, lines: append(ours[:5:5], "url.https://git-push@github.com:443/.pushinsteadof=https://github.com/")},
		{name: "a user name", push: true, lines: append(ours[:5:5], "credential.https://github.com/acme.username=alice", "url.https://git-push@github.com:443/.pushinsteadof=https://github.com/"),
			want: NamesUser, key: "credential.https://github.com/acme.username"},
		{name: "a user name does not matter", lines: append(ours[:5:5], "credential.username=alice")},
		{name: "for an owner only", lines: append(ours[:5:5], "credential.https://github.com/acme.helper=")},
	} {
		got := find(setup.Want{Hosts: []string{"github.com"}, LeastPrivilege: test.push}, config(test.lines...))
		switch {
		case test.key == "":
			if len(got) > 0 {
				t.Errorf("%s: got %v, want none", test.name, got)
			}
		case len(got) != 1 || got[0].Problem != test.want || got[0].Setting.Key != test.key:
			t.Errorf("%s: got %v, want problem %d by %s", test.name, got, test.want, test.key)
		}
	}
	if got := find(setup.Want{Hosts: []string{"github.com"}}, nil); len(got) != 1 || got[0].Setting.Key != "" {
		t.Errorf("no settings: got %v", got)
	}
}

// home gives a test a home of its own, where Git is set up for a helper that says
// something when it is asked.
func home(t *testing.T, says string) *setup.Reader {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the helper is a script for sh")
	}
	dir := t.TempDir()
	for name, value := range map[string]string{
		"HOME": dir, "XDG_CONFIG_HOME": "", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": "0", "GIT_CONFIG_PARAMETERS": "",
		"GIT_CONFIG_GLOBAL": filepath.Join(dir, ".gitconfig"), "GIT_TERMINAL_PROMPT": "0",
	} {
		t.Setenv(name, value)
	}
	t.Chdir(t.TempDir())
	helper := filepath.Join(dir, "git-credential-pat")
	if err := os.WriteFile(helper, []byte("#!/bin/sh\necho '"+says+"' >&2\necho quit=1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	r := &setup.Reader{Config: new(git.Cache), Files: []setup.File{{Path: filepath.Join(dir, ".gitconfig"), Global: true}}, Own: filepath.Join(dir, "data", setup.OwnFile)}
	if err := os.Mkdir(filepath.Dir(r.Own), 0o700); err != nil {
		t.Fatal(err)
	}
	plan, err := r.Plan(t.Context(), setup.Want{Hosts: []string{"github.com"}, Helper: helper}, false)
	if err != nil {
		t.Fatal(err)
	}
	show := setup.Show{Own: func(*setup.OwnChange) error { return nil }, Command: func([]string) error { return nil }}
	if err := r.Apply(t.Context(), plan, false, show); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestClear(t *testing.T) {
	no := errors.New("no")
	for _, test := range []struct {
		name   string
		add    string // to the person's file, after setup
		env    string // a setting in the environment, KEY=VALUE
		all    bool
		agree  error
		answer string // of the helper; ours if empty

		asked   string // the problems that Agree was asked about
		left    string
		changed bool
		err     string
	}{
		{name: "nothing"},
		{name: "an empty helper", add: "[credential]\nhelper =\n", asked: "0", changed: true},
		{name: "an empty helper stays", add: "[credential]\nhelper =\n", agree: no, asked: "0", err: "no"},
		{name: "an empty helper in the environment", env: "credential.helper=", err: "a setting keeps Git from using the tokens for github.com"},
		{name: "no path", add: "[credential]\nuseHttpPath = false\n", asked: "2", changed: true},
		{name: "no path for the host", add: "[credential \"https://github.com\"]\nuseHttpPath = false\n", asked: "2", changed: true},
		{name: "another helper", add: "[credential]\nhelper = store\n", left: "3"},
		{name: "another helper goes last", add: "[credential]\nhelper = store\n", all: true, asked: "3", changed: true},
		{name: "no answer", answer: "something else", err: "Git does not reach git-credential-pat for github.com"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := home(t, cmp.Or(test.answer, git.CheckAnswer))
			file := r.Files[0].Path
			text, err := os.ReadFile(file)
			if err == nil {
				err = os.WriteFile(file, append(text, test.add...), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			if key, value, ok := strings.Cut(test.env, "="); ok {
				t.Setenv("GIT_CONFIG_COUNT", "1")
				t.Setenv("GIT_CONFIG_KEY_0", key)
				t.Setenv("GIT_CONFIG_VALUE_0", value)
			}
			var asked, shown []string
			c := Clearing{
				Setup: r, All: test.all,
				Agree: func(o Obstacle, _ [][]string) error {
					asked = append(asked, string(rune('0'+o.Problem)))
					return test.agree
				},
				Show: func(args []string) error {
					shown = append(shown, strings.Join(args, " "))
					return nil
				},
			}
			*r.Config = git.Cache{}
			left, changed, err := c.Clear(t.Context(), setup.Want{Hosts: []string{"github.com"}})
			var stays, why string
			for _, o := range left {
				stays += string(rune('0' + o.Problem))
			}
			if err != nil {
				why = err.Error()
			}
			if strings.Join(asked, "") != test.asked || stays != test.left || changed != test.changed || changed != (len(shown) > 0) || why != test.err {
				t.Errorf("got %q, %q, %v, %q after %q", asked, stays, changed, why, shown)
			}
		})
	}
}
