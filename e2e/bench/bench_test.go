//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// The benchmark itself works: each row was measured, or says how to install
// what it lacks, and no token is printed. What the numbers are does not matter.
func TestQuick(t *testing.T) {
	dir := t.TempDir()
	build := exec.Command("go", "build", "-trimpath", "-o", dir, "../../cmd/git-credential-pat", "../../cmd/git-pat")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s", err, text)
	}
	file := filepath.Join(dir, "bench.json")
	var out bytes.Buffer
	if err := run(t.Context(), options{programs: dir, runs: 1, json: file, quick: true}, &out); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{out.String(), string(data)} {
		if strings.Contains(text, "github_pat_") {
			t.Error("a token was printed")
		}
	}
	var got report
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, g := range got.Groups {
		for _, table := range g.Tables {
			for _, r := range table.Rows {
				keys = append(keys, r.Key)
				measured := r.Runs >= 1 && r.Least > 0 && r.Least <= r.Median && r.Median <= r.Most && r.Ratio > 0 && r.Peak > 0
				if measured == (r.Missing != "") {
					t.Errorf("%s: got %+v", r.Key, r)
				}
				if !strings.Contains(out.String(), r.Name) {
					t.Errorf("%s: %q is in no table", r.Key, r.Name)
				}
			}
		}
	}
	want := []string{"true", "empty"}
	helpers := []string{
		"git-store-1", "git-store-20", "git-store-40", "file-1", "file-10", "file-20", "file-40", "keyring", "git-cache",
		"git-cache-alone", "libsecret", "docker", "oauth", "gh",
	}
	for _, operation := range []string{"get", "store"} {
		for _, helper := range helpers {
			want = append(want, operation+" "+helper)
			if operation == "get" && (helper == "git-store-20" || helper == "git-store-40") {
				want = append(want, operation+" "+helper+"-last")
			}
		}
	}
	want = append(want, "ls-remote public")
	for _, helper := range helpers {
		if helper != "docker" && helper != "oauth" { // Git cannot log in with them
			want = append(want, "ls-remote "+helper)
		}
	}
	want = append(want, "clone public", "clone git-store", "clone file")
	if !slices.Equal(keys, want) {
		t.Errorf("got the rows %q, want %q", keys, want)
	}
	if len(got.Targets) != 12 {
		t.Errorf("got %d targets, want 12", len(got.Targets))
	}
	// This does not depend on how fast the machine is.
	if c := got.Calls; c.Missing == "" && (len(c.Ours) == 0 || len(c.Ours) > 10 || len(c.Writes) > 0 || len(c.Locks) > 0 || c.Children > 0) {
		t.Errorf("a get: got %+v, want up to 10 files of ours opened, and no writes, locks or children", *c)
	}
}

// Which rows there are does not depend on which other helpers are installed.
func TestSameRows(t *testing.T) {
	server, err := githubtest.NewServer(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	none, all := t.TempDir(), t.TempDir()
	for _, name := range []string{"git-credential-libsecret", "docker-credential-secretservice", "git-credential-oauth", "gh"} {
		if err := os.WriteFile(filepath.Join(all, name), []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, path := range map[string]string{"none": none, "all": all} {
		t.Setenv("PATH", path)
		b := &bench{dir: t.TempDir(), execPath: none, server: server}
		candidates := []*candidate{b.libsecret(), b.docker(), b.oauth(), b.gh()}
		var got []string
		for _, g := range []*group{b.processes(candidates), b.lsRemote(candidates)} {
			for _, r := range g.Tables[len(g.Tables)-1].Rows {
				got = append(got, r.Key)
			}
		}
		want := []string{"store libsecret", "store docker", "store oauth", "store gh", "ls-remote public", "ls-remote libsecret", "ls-remote gh"}
		if !slices.Equal(got, want) {
			t.Errorf("%s installed: got the rows %q, want %q", name, got, want)
		}
	}
}

// What is missing is said once, with how to install it.
func TestMissing(t *testing.T) {
	lacks := func(key string) *row { return &row{Key: key, Name: "gh", Missing: "sudo apt-get install gh"} }
	r := &report{
		Groups:  []*group{{Tables: []table{{Rows: []*row{lacks("get gh")}}, {Rows: []*row{lacks("store gh")}}}}},
		Calls:   &calls{Missing: "sudo apt-get install strace"},
		Targets: []target{{Name: "to gh", Want: 1, Missing: true}},
	}
	var out bytes.Buffer
	if err := r.print(&out); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{
		"gh  not installed\n": 2,
		"not measured\n":      1,
		"\nTo have all rows:\ngh:\n    sudo apt-get install gh\nstrace:\n    sudo apt-get install strace\n": 1,
		"sudo apt-get install gh\n": 1,
	} {
		if got := strings.Count(out.String(), text); got != want {
			t.Errorf("got %q %d times, want %d, in:\n%s", text, got, want, out.String())
		}
	}
}

// A wrong answer is an error, and the error does not show it.
func TestWrongAnswer(t *testing.T) {
	secret, other := "secret-of-"+t.Name(), "another"
	for _, test := range []struct {
		want, out string
		ok        bool
	}{
		{"password=" + secret, "username=you\npassword=" + secret + "\n", true},
		{"password=" + secret, "username=you\npassword=" + other + "\n", false},
		{"password=" + secret, "", false},
		{"", "", true},
		{"", "password=" + secret + "\n", false},
	} {
		err := wants(test.want)(test.out)
		if (err == nil) != test.ok {
			t.Errorf("%q for %q: got %v", test.out, test.want, err)
		}
		if err != nil && (strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), other)) {
			t.Errorf("the error shows the answer: %v", err)
		}
	}
}

// What strace writes is counted right: what a get must not do is found, and
// what it does is not taken for it.
func TestCount(t *testing.T) {
	const ours = "/home/you/git-pat"
	for _, test := range []struct {
		line string
		want calls
	}{
		{`7 openat(AT_FDCWD, "/home/you/git-pat/tokens/a", O_RDONLY|O_CLOEXEC) = 3`, calls{Ours: []string{"tokens/a"}}},
		{`7 openat(AT_FDCWD, "/dev/null", O_RDONLY) = 3`, calls{}},
		{`7 openat(AT_FDCWD, "/home/you/x", O_WRONLY|O_CREAT, 0600) = 3`, calls{Writes: []string{"open /home/you/x"}}},
		{`7 write(1, "password"..., 9) = 9`, calls{}},
		{`7 write(5, "x", 1) = 1`, calls{Writes: []string{"write"}}},
		{`7 renameat(AT_FDCWD, "a", AT_FDCWD, "b") = 0`, calls{Writes: []string{"renameat"}}},
		{`7 flock(3, LOCK_EX) = 0`, calls{Locks: []string{"flock(3, LOCK_EX) = 0"}}},
		{`7 fcntl(3, F_SETLK, {l_type=F_WRLCK}) = 0`, calls{Locks: []string{"fcntl(3, F_SETLK, {l_type=F_WRLCK}) = 0"}}},
		{`7 fcntl(3, F_SETFL, O_RDONLY) = 0`, calls{}},
		{`7 execve("/bin/sh", ["sh"], 0x1) = 0`, calls{Children: 1}},
		{`7 clone(child_stack=0x1, flags=CLONE_VM|CLONE_THREAD) = 8`, calls{Threads: 1}},
		{`7 clone(child_stack=NULL, flags=CLONE_VM|CLONE_VFORK|SIGCHLD) = 8`, calls{Children: 1}},
	} {
		got := calls{All: 1} // the first call is the start of the program itself
		got.count(test.line, ours)
		if got.All != 2 || !slices.Equal(got.Ours, test.want.Ours) || !slices.Equal(got.Writes, test.want.Writes) ||
			!slices.Equal(got.Locks, test.want.Locks) || got.Children != test.want.Children || got.Threads != test.want.Threads {
			t.Errorf("%s: got %+v, want %+v", test.line, got, test.want)
		}
	}
	var got calls
	for _, line := range []string{
		`7 execve("/bin/git-credential-pat", ["git-credential-pat"], 0x1) = 0`,
		`7 <... read resumed>"", 1) = 0`, `7 +++ exited with 0 +++`, `7 --- SIGURG {si_signo=SIGURG} ---`,
	} {
		got.count(line, ours)
	}
	if got.All != 1 || got.Children != 0 {
		t.Errorf("a start alone: got %+v", got)
	}
}

func TestKeep(t *testing.T) {
	g := &group{Tables: []table{{Rows: []*row{{Key: "get file-1"}, {Key: "get file-10"}}}, {Rows: []*row{{Key: "store file-1"}}}}}
	g.keep(nil)
	if len(g.Tables) != 2 {
		t.Errorf("without an expression %d tables are left", len(g.Tables))
	}
	g.keep(regexp.MustCompile("^get .*-1$"))
	if len(g.Tables) != 1 || len(g.Tables[0].Rows) != 1 || g.Tables[0].Rows[0].Key != "get file-1" {
		t.Errorf("got %+v", g.Tables)
	}
}
