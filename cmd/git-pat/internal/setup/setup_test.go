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
	return home, &Reader{Config: &git.Cache{}, Files: Files(os.LookupEnv, there)}
}

// carryOut runs the commands of a plan, and returns how many there are.
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
	var told [][]string
	before := func(args []string) error { told = append(told, args); return nil }
	if err := r.Run(t.Context(), commands, before); err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(told, commands, slices.Equal) {
		t.Errorf("told of %q, want %q", told, commands)
	}
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
	want := Want{Hosts: []string{"ghes.example"}, LeastPrivilege: true}
	if !r.IsIncomplete(t.Context(), "ghes.example") {
		t.Error("not incomplete at first")
	}
	if got := carryOut(t, r, want); got != 6 {
		t.Errorf("setup: got %d commands, want 6", got)
	}
	if r.IsIncomplete(t.Context(), "ghes.example") {
		t.Error("incomplete after setup")
	}
	if got := carryOut(t, r, want); got != 0 {
		t.Errorf("setup again: got %d commands, want 0", got)
	}
	want.Undo, want.LeastPrivilege = true, false
	if got := carryOut(t, r, want); got != 6 {
		t.Errorf("undo: got %d commands, want 6", got)
	}
	after, err := os.ReadFile(file)
	if err != nil || string(after) != before {
		t.Errorf("got %q, %v, want %q", after, err, before)
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
	home, _ := ownHome(t)
	got, err := Want{Hosts: []string{"github.com"}, Options: "--save=any"}.Lines(t.Context(), home)
	want := strings.Join([]string{
		`[credential "https://github.com"]`, "\thelper = ", "\thelper = pat --save=any", "\tuseHttpPath = true",
		`[credential "ssh://github.com"]`, "\thelper = pat --save=any",
		`[credential "http://github.com"]`, "\thelper = pat --save=any", "",
	}, "\n")
	if err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
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
