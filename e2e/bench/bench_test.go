//go:build linux

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The benchmark works: it measures each helper that is there, and says what is
// missing for the others. How long they take does not matter.
func TestQuick(t *testing.T) {
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", dir, "../../cmd/git-credential-pat", "../../cmd/git-pat")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s", err, text)
	}
	// Git and nothing else is installed, whatever this machine has.
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(git, filepath.Join(bin, "git")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)

	var out bytes.Buffer
	b := bench{out: &out, rounds: 1, entries: []int{1, 3}, tokens: []int{1, 4}}
	if err := b.run(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	const (
		cell    = ` \d+\.\d\d ms \(\d+\.\d\d\) \|`
		missing = ` needs dbus-daemon and gnome-keyring-daemon \| \| \| \|`
	)
	want := []string{
		`git-credential-store, 1 entry \|` + cell + cell + cell + `  \|`,
		`git-credential-store, 3 entries \|` + cell + cell + cell + `  \|`,
		`git-credential-libsecret \|` + missing,
		`git-credential-pat, file, 1 token \|` + cell + cell + cell + `  \|`,
		"git-credential-pat, file, 1 token, by its name `pat` \\|  \\|" + cell + cell + `  \|`,
		`git-credential-pat, file, 4 tokens \|` + cell + cell + cell + `  \|`,
		`git-credential-pat, keyring \|` + missing,
	}
	table, _, _ := strings.Cut(out.String(), "\n\n")
	rows := strings.Split(table, "\n")[2:]
	if len(rows) != len(want) {
		t.Fatalf("got %d rows, want %d:\n%s", len(rows), len(want), out.String())
	}
	for i, row := range rows {
		if !regexp.MustCompile(`^\| ` + want[i] + `$`).MatchString(row) {
			t.Errorf("got the row %q, want %q", row, want[i])
		}
	}
	if strings.Contains(out.String(), token(0)[:8]) {
		t.Error("a token was printed")
	}
}

// A helper that gives a wrong answer is not a fast one.
func TestWrongAnswer(t *testing.T) {
	c := command{argv: []string{"echo", "password=other"}, want: "password=right\n"}
	if _, err := c.run(t.Context()); err == nil || !strings.Contains(err.Error(), "not the right answer") {
		t.Errorf("got error %v", err)
	}
}
