package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/http"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// Go-git is a Git of its own that knows no credential helpers. A program that
// uses it asks Git for the user and password of each URL, and clones and pushes
// with these.
func TestGoGit(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	server, err := githubtest.NewServer(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	ca, err := os.ReadFile(server.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	env := append(environment(home), server.Env()...)
	run := func(in string, args ...string) string {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Env, cmd.Stdin = home, env, strings.NewReader(in)
		var errOut strings.Builder
		cmd.Stderr = &errOut
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %q: %v: %s", args, err, errOut.String())
		}
		return string(out)
	}

	run("", "pat", "setup")
	owners := []string{"acme", "globex"}
	for _, owner := range owners {
		if _, err := server.AddRepository(githubtest.Repository{Owner: owner, Name: "widgets", Private: true}); err != nil {
			t.Fatal(err)
		}
		secret, err := server.AddToken(githubtest.Token{ID: owner, Kind: githubtest.FineGrained, Login: "alice", Owner: owner, Write: true})
		if err != nil {
			t.Fatal(err)
		}
		run(secret+"\n", "pat", "add", owner, "--username", "alice", "--with-token")
	}

	for _, owner := range owners {
		url := "https://github.com/" + owner + "/widgets.git"
		answer := run("url="+url+"\n\n", "credential", "fill")
		auth := &http.BasicAuth{Username: value(answer, "username"), Password: value(answer, "password")}
		if auth.Username != "alice" || auth.Password == "" {
			t.Fatalf("%s: git credential fill gave the user %q and a password of %d bytes", owner, auth.Username, len(auth.Password))
		}
		proxy := transport.ProxyOptions{URL: server.ProxyURL}

		dir := filepath.Join(home, owner)
		repository, err := git.PlainClone(dir, false, &git.CloneOptions{URL: url, Auth: auth, ProxyOptions: proxy, CABundle: ca})
		if err != nil {
			t.Fatalf("%s: clone: %v", owner, err)
		}
		commit := commitFile(t, repository, dir, owner)
		if err := repository.Push(&git.PushOptions{Auth: auth, ProxyOptions: proxy, CABundle: ca}); err != nil {
			t.Fatalf("%s: push: %v", owner, err)
		}

		// What it pushed is what Git finds there, with the same token.
		got := run("", "ls-remote", url, "refs/heads/main")
		if want := commit.String() + "\trefs/heads/main\n"; got != want {
			t.Errorf("%s: got %q, want %q", owner, got, want)
		}
	}

	seen := server.SecretsSeenBy("github.com")
	slices.Sort(seen)
	if !slices.Equal(seen, owners) {
		t.Errorf("github.com has seen %v, want %v", seen, owners)
	}
	for _, r := range server.Requests() {
		owner, _, _ := strings.Cut(strings.TrimPrefix(r.Path, "/"), "/")
		if r.Token != "" && r.Token != owner {
			t.Errorf("%s of %s was sent the token of %s", r.Path, r.Host, r.Token)
		}
	}
}

// value returns what an answer of git credential says of a key.
func value(answer, key string) string {
	for line := range strings.Lines(answer) {
		if v, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), key+"="); ok {
			return v
		}
	}
	return ""
}

func commitFile(t *testing.T, repository *git.Repository, dir, text string) plumbing.Hash {
	t.Helper()
	tree, err := repository.Worktree()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "new"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Add("new"); err != nil {
		t.Fatal(err)
	}
	who := &object.Signature{Name: "Somebody", Email: "somebody@example.com", When: time.Now()}
	commit, err := tree.Commit("By go-git", &git.CommitOptions{Author: who})
	if err != nil {
		t.Fatal(err)
	}
	return commit
}

// example PROGRAM FILE makes a program of the example in a file of tests, which
// is all that the file has. FILE is relative to the module.
func cmdExample(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: example PROGRAM FILE")
	}
	source, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(args[1])))
	ts.Check(err)
	_, rest, ok := strings.Cut(string(source), "_test\n")
	if !ok {
		ts.Fatalf("%s is no example", args[1])
	}
	file := ts.MkAbs(args[0] + ".go")
	ts.Check(os.WriteFile(file, []byte("package main\n"+rest+"\nfunc main() { Example() }\n"), 0o600))
	ts.Check(build(ts.MkAbs(args[0]), file))
}
