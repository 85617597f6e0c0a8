package setup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// ownHome gives a test a home of its own, and a reader of its configuration.
func ownHome(t *testing.T) (home string, r *Reader) {
	t.Helper()
	home = t.TempDir()
	for name, value := range map[string]string{
		"HOME":                  home,
		"XDG_CONFIG_HOME":       "",
		"GIT_CONFIG_NOSYSTEM":   "1",
		"GIT_CONFIG_COUNT":      "0",
		"GIT_CONFIG_PARAMETERS": "",
		"GIT_CONFIG_GLOBAL":     "", // so that the test takes it back
	} {
		t.Setenv(name, value)
	}
	os.Unsetenv("GIT_CONFIG_GLOBAL")
	t.Chdir(t.TempDir())
	there := func(path string) bool { _, err := os.Stat(path); return err == nil }
	return home, &Reader{Config: &git.Cache{}, Files: Files(os.LookupEnv, there), Own: filepath.Join(home, "data", "gitconfig")}
}

// carryOut makes the changes of a plan, and returns how many commands there are.
func carryOut(t *testing.T, r *Reader, want Want) int {
	t.Helper()
	plan, err := r.Plan(t.Context(), want, false)
	if err != nil {
		t.Fatal(err)
	}
	commands, err := Commands(plan.Changes)
	if err != nil {
		t.Fatal(err)
	}
	if plan.Own != nil {
		if err := r.Write(t.Context(), plan.Own); err != nil {
			t.Fatal(err)
		}
		if err := r.Write(t.Context(), plan.Own); err != ErrChanged {
			t.Errorf("written again: got %v, want %v", err, ErrChanged)
		}
	}
	var told [][]string
	before := func(args []string) error { told = append(told, args); return nil }
	if err := r.Run(t.Context(), commands, before); err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(told, commands, slices.Equal) {
		t.Errorf("told of %q, want %q", told, commands)
	}
	*r.Config = git.Cache{}
	return len(commands)
}

// Git does with the commands what the plan says, and all of it is seen at once.
func TestRun(t *testing.T) {
	home, r := ownHome(t)
	file := filepath.Join(home, ".gitconfig")
	const before = "[credential \"https://ghes.example\"]\n\thelper = store\n[Credential \"SSH://x\"]\n\tHelper = y\n"
	if err := os.WriteFile(file, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	want := Want{Hosts: []string{"ghes.example"}, Helper: "/usr/bin/git-credential-pat", LeastPrivilege: true}
	if !r.IsIncomplete(t.Context(), "ghes.example") {
		t.Error("not incomplete at first")
	}
	if got := carryOut(t, r, want); got != 2 {
		t.Errorf("setup: got %d commands, want 2", got)
	}
	if r.IsIncomplete(t.Context(), "ghes.example") {
		t.Error("incomplete after setup")
	}
	c, err := r.Config.Own(t.Context())
	if got := c.Helpers("https://ghes.example/a"); err != nil || len(got) != 1 || got[0].Value != want.Helper || !c.SaysPush("ghes.example") {
		t.Errorf("got %v, %v, and %v", got, c.SaysPush("ghes.example"), err)
	}
	if got := carryOut(t, r, want); got != 0 {
		t.Errorf("setup again: got %d commands, want 0", got)
	}
	if got := carryOut(t, r, Want{Undo: true}); got != 2 {
		t.Errorf("undo: got %d commands, want 2", got)
	}
	after, err := os.ReadFile(file)
	if err != nil || string(after) != before {
		t.Errorf("got %q, %v, want %q", after, err, before)
	}
	if _, err := os.Stat(r.Own); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("our file: got %v", err)
	}
}

// Git reads what we format.
func TestFormat(t *testing.T) {
	_, r := ownHome(t)
	values := []string{"", "a", " a ", "a;b", "a#b", `a\b`, `a"b`, "a\nb", "a\tb", "!'/x y/z' --store='it'\\''s'", "true"}
	var entries []entry
	for _, value := range values {
		entries = append(entries, entry{"a", `b"c\d.e`, "f", value}, entry{"g", "", "h", value})
	}
	if err := os.MkdirAll(filepath.Dir(r.Own), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.Own, []byte(header+format(entries)), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := git.ReadFile(t.Context(), "", "--file", r.Own)
	if err != nil || len(c) != len(entries) {
		t.Fatalf("got %v, %v", c, err)
	}
	for i, e := range entries {
		if c[i].Key != e.key() || c[i].Value != e.value {
			t.Errorf("got %q = %q, want %q = %q", c[i].Key, c[i].Value, e.key(), e.value)
		}
	}
}

// Where the line moves that includes our file, Git reads it last.
func TestMove(t *testing.T) {
	const reset = "[credential]\n\thelper =\n"
	for _, test := range []struct {
		name, before, after string // the line that includes our file
	}{
		{"alone", "", reset},
		{"beside another file", "", "\tpath = more\n"},
		{"beside another file before a setting", "", "\tpath = harmless\n" + reset},
		{"below a comment", "[include]\n# mine\n", reset},
	} {
		home, r := ownHome(t)
		put := func(path, text string) {
			t.Helper()
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		put(r.Own, format(contents{hosts: []hostSettings{{"github.com", program, false}}}.entries(nil)))
		put(filepath.Join(home, "more"), reset)
		more := strings.ReplaceAll(test.after, "more", filepath.ToSlash(filepath.Join(home, "more")))
		put(filepath.Join(home, ".gitconfig"), test.before+"[include]\n\tpath = "+strings.ReplaceAll(r.Own, `\`, `\\`)+"\n"+more)
		asked := func() (all git.Config, asked bool) {
			all, err := r.Config.Own(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return all, slices.ContainsFunc(all.Helpers("https://github.com/a/b"), func(s git.Setting) bool { return git.RunsPat(s.Value) })
		}
		all, ok := asked()
		helpers := all.Get("credential.helper")
		if ok || len(helpers) != 1 {
			t.Fatalf("%s: got %v", test.name, all)
		}
		commands := r.MoveAfter(t.Context(), helpers[0])
		if len(commands) == 0 {
			t.Errorf("%s: got no commands", test.name)
		}
		if err := r.Run(t.Context(), commands, func([]string) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if c, err := r.Config.Own(t.Context()); err != nil || len(c.Get("include.path")) != 1+strings.Count(test.after, "path") || len(c.Get("credential.helper")) == 0 {
			t.Errorf("%s, after %q: got %v, %v", test.name, commands, c, err)
		}
		if all, ok := asked(); !ok {
			t.Errorf("%s, after %q: got %v", test.name, commands, all)
		}
	}
}

func TestRunStops(t *testing.T) {
	home, r := ownHome(t)
	stop := errors.New("stop")
	commands := [][]string{{"config", "--global", "a.b", "c"}, {"config", "--global", "a.d", "e"}}
	err := r.Run(t.Context(), commands, func(args []string) error {
		if args[2] == "a.d" {
			return stop
		}
		return nil
	})
	text, readErr := os.ReadFile(filepath.Join(home, ".gitconfig"))
	if err != stop || readErr != nil || string(text) != "[a]\n\tb = c\n" {
		t.Errorf("got %v, %v and %q", err, readErr, text)
	}
}

func TestLines(t *testing.T) {
	_, r := ownHome(t)
	want := Want{Hosts: []string{"github.com"}, Helper: program, Options: "--save=any"}
	got, err := r.Lines(t.Context(), want)
	text := strings.TrimPrefix(textOf(block("github.com", program+" --save=any")), header)
	if err != nil || got != text {
		t.Errorf("got %q, %v, want %q", got, err, text)
	}
	variables, err := r.Variables(t.Context(), want, 2)
	if err != nil || len(variables) != 11 || variables[0] != [2]string{"GIT_CONFIG_COUNT", "7"} ||
		variables[3] != [2]string{"GIT_CONFIG_KEY_3", "credential.https://github.com.helper"} || variables[4] != [2]string{"GIT_CONFIG_VALUE_3", program + " --save=any"} {
		t.Errorf("got %q, %v", variables, err)
	}
}

// The trial leaves nothing, and a lock is no reason to write elsewhere.
func TestWritable(t *testing.T) {
	home, r := ownHome(t)
	first, other := r.Files[0], r.Files[1]
	for _, trial := range []bool{true, false} {
		for _, file := range r.Files {
			if ok, err := file.writable(t.Context(), trial); !ok || err != nil {
				t.Errorf("%s: got %v, %v", file.Path, ok, err)
			}
			if _, err := os.Stat(file.Path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: got %v, want no file", file.Path, err)
			}
		}
		_, err := os.Stat(filepath.Dir(other.Path))
		if got := errors.Is(err, fs.ErrNotExist); got != trial {
			t.Errorf("trial %v: the folder: got %v", trial, err)
		}
	}
	if err := os.WriteFile(first.Path+".lock", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if ok, err := first.writable(t.Context(), true); ok || err == nil {
		t.Errorf("locked: got %v, %v, want an error", ok, err)
	}
	under := File{Path: filepath.Join(home, "file", "git", "config")}
	if err := os.WriteFile(filepath.Join(home, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if ok, err := under.writable(t.Context(), true); ok || err != nil {
		t.Errorf("below a file: got %v, %v, want false", ok, err)
	}
	if ok, err := (File{Global: true}).writable(t.Context(), true); ok || err != nil {
		t.Errorf("no file: got %v, %v, want false", ok, err)
	}
}

// Our file is written before it is included, and removed after that. What is only
// shown is not done.
func TestApply(t *testing.T) {
	_, r := ownHome(t)
	if err := os.Mkdir(filepath.Dir(r.Own), 0o700); err != nil {
		t.Fatal(err)
	}
	there := func() bool { _, err := os.Stat(r.Own); return err == nil }
	for _, test := range []struct {
		name string
		want Want
		only bool
		told string
		file bool // our file is there afterwards
	}{
		{"only shown", Want{Hosts: []string{"github.com"}, Helper: program}, true, "file include.path useHttpPath", false},
		{"set up", Want{Hosts: []string{"github.com"}, Helper: program}, false, "file include.path useHttpPath", true},
		{"again", Want{Hosts: []string{"github.com"}, Helper: program}, false, "", true},
		{"undo only shown", Want{Undo: true}, true, "useHttpPath include.path file", true},
		{"undo", Want{Undo: true}, false, "useHttpPath include.path file", false},
	} {
		plan, err := r.Plan(t.Context(), test.want, test.only)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		err = r.Apply(t.Context(), plan, test.only, Show{
			Own: func(*OwnChange) error {
				told = append(told, "file")
				return nil
			},
			Command: func(args []string) error {
				key := args[3] // config --global --add KEY VALUE
				told = append(told, strings.TrimPrefix(key, "credential.https://github.com."))
				return nil
			},
		})
		if err != nil || strings.Join(told, " ") != test.told || there() != test.file {
			t.Errorf("%s: got %v, told of %q, file %v, want %q, %v", test.name, err, told, there(), test.told, test.file)
		}
	}
}
