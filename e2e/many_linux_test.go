package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// have gives a person a token for each of so many owners, in plain files that
// are written by hand: the programs would sync each to the disk.
func (p *person) have(owners int) {
	p.t.Helper()
	dir := filepath.Join(p.home, ".local", "share", "git-pat")
	for i := range owners {
		owner := fmt.Sprintf("owner-%d", i)
		record := "format=1\ntarget=github.com/" + owner + "\nname=alice\nusername=alice\nkind=fine-grained\n" +
			"added=" + time.Now().UTC().Format(time.RFC3339) + "\nstore=file\n\n"
		for folder, file := range map[string][2]string{"tokens": {"alice.record", record}, "secrets": {"alice", "github_" + "pat_" + owner}} {
			in := filepath.Join(dir, folder, "github.com", owner, "@")
			if err := errors.Join(os.MkdirAll(in, 0o700), os.WriteFile(filepath.Join(in, file[0]), []byte(file[1]), 0o600)); err != nil {
				p.t.Fatal(err)
			}
		}
	}
}

// With very many tokens each command does its work, and none takes a time that
// grows faster than they do. The times are printed.
func TestSoakMany(t *testing.T) {
	soak(t)
	p := newPerson(t)
	owners := many(300, 100_000)
	p.have(owners)
	works(t, p.program("", "git-pat", "setup"))
	last := fmt.Sprintf("owner-%d", owners-1)
	secret := mint(t, githubtest.FineGrained)
	if err := os.WriteFile(filepath.Join(p.home, "log-ins"), []byte("https://alice:"+secret+"@github.com/hooli\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	words := func(n int) func(outcome) bool {
		return func(got outcome) bool { return strings.Count(got.out, "\thas a token\n") == min(n, 1000) }
	}
	says := func(text string) func(outcome) bool {
		return func(got outcome) bool { return strings.Contains(got.out+got.errOut, text) }
	}
	for _, test := range []struct {
		in, program string
		args        []string
		status      int
		holds       func(outcome) bool
	}{
		{"", "git-pat", []string{"__complete", "remove", ""}, 0, words(owners)},
		{"", "git-pat", []string{"__complete", "remove", "own"}, 0, words(owners)},
		{"", "git-pat", []string{"__complete", "remove", "github.com/own"}, 0, words(owners)},
		{"", "git-pat", []string{"__complete", "remove", last}, 0, words(1)},
		{"", "git-pat", []string{"__complete", "remove", "--name", ""}, 0, says("alice\tfor github.com/owner-")},
		{"", "git-pat", []string{"__complete", "add", "--store", "f"}, 0, says("file\ta plain file\n")},
		{"", "git-pat", []string{"list"}, 0, func(got outcome) bool { return strings.Count(got.out, "\n") == owners+1 }},
		{"", "git-pat", []string{"list", "--json"}, 0, func(got outcome) bool {
			var entries []any
			return json.Unmarshal([]byte(got.out), &entries) == nil && len(entries) == owners
		}},
		{"", "git-pat", []string{"list", last}, 0, func(got outcome) bool { return strings.Count(got.out, "\n") == 2 }},
		{"", "git-pat", []string{"list", "nobody"}, 0, says("no token for github.com/nobody\n")},
		{"", "git-pat", []string{"doctor"}, 0, says(fmt.Sprintf("%d tokens have their secrets", owners))},
		{"", "git-pat", []string{"explain", last + "/widgets"}, 0, says("answers")},
		{"", "git-pat", []string{"verify", "nobody"}, 1, says("there is no token for")},
		{"", "git-pat", []string{"remove", "nobody", "--yes"}, 1, says("there is no token for github.com/nobody\n")},
		{"", "git-pat", []string{"revoke", "nobody", "--yes"}, 1, says("there is no token for github.com/nobody\n")},
		{secret, "git-pat", []string{"rotate", "nobody", "--with-token"}, 1, says("there is no token for github.com/nobody\n")},
		{"", "git-pat", []string{"move", "nobody", "--store", "file", "--yes"}, 1, says("there is no token for github.com/nobody\n")},
		{"", "git-pat", []string{"import", "git-credentials", "log-ins", "--offline", "--dry-run"}, 0, says("would be added")},
		{secret, "git-pat", []string{"add", "hooli", "--with-token", "--name", "alice", "--store", "file"}, 0, says("added ")},
		{secret + "x", "git-pat", []string{"rotate", "hooli", "--with-token", "--offline"}, 0, says("now answers")},
		{"", "git-pat", []string{"remove", "hooli", "--yes"}, 0, says("removed the token")},
		{about(last, ""), "git-credential-pat", []string{"get"}, 0, says("password=")},
		{about("nobody", ""), "git-credential-pat", []string{"get"}, 0, says("no token for github.com/nobody/widgets\n")},
		{about(last, "github_"+"pat_"+last), "git-credential-pat", []string{"store"}, 0, func(got outcome) bool { return got.errOut == "" }},
	} {
		cmd := p.program(test.in, test.program, test.args...)
		got := run(t, cmd)
		name := test.program + " " + strings.Join(test.args, " ")
		if got.status != test.status || !test.holds(got) {
			t.Errorf("%s: exit status %d: %.300q, %.300q", name, got.status, got.out, got.errOut)
		}
		t.Logf("%d tokens, %s: %v, of which %v at work", owners, name, got.took.Round(time.Millisecond),
			(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Round(time.Millisecond))
	}
}
