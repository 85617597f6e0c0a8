//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A helper is a row of the table: a credential helper that holds some tokens,
// each for an owner of its own.
type helper struct {
	name    string
	tokens  int
	argv    []string // the program without the operation; nil if get is not measured
	config  string   // the value of credential.helper
	env     []string
	store   func(context.Context, *helper) error // stores the tokens; nil if another helper did
	missing string                               // why the helper cannot be measured

	get, fill, approve *command
	memory             string // the peak of get
}

// helpers returns all helpers, with their tokens stored.
func (b *bench) helpers(ctx context.Context, programs string, keyring bool) ([]*helper, error) {
	git, err := exec.LookPath("git")
	if err != nil {
		return nil, err
	}
	execPath, err := b.output(ctx, nil, "", git, "--exec-path")
	if err != nil {
		return nil, err
	}
	execPath = strings.TrimSpace(execPath)
	var all []*helper
	for _, n := range b.entries {
		all = append(all, b.gitStore(filepath.Join(execPath, "git-credential-store"), n))
	}
	libsecret := gitLibsecret(execPath)
	all = append(all, libsecret)
	program := filepath.Join(programs, "git-credential-pat")
	for i, n := range b.tokens {
		h := b.ours(program, "file", n)
		all = append(all, h)
		if i == 0 {
			byName := *h
			byName.name += ", by its name `pat`"
			byName.argv, byName.config, byName.store = nil, "pat", nil
			all = append(all, &byName)
		}
	}
	ours := b.ours(program, "keyring", 1)
	all = append(all, ours)
	if !keyring {
		ours.missing = "needs dbus-daemon and gnome-keyring-daemon"
		libsecret.missing = ours.missing
	}
	for i, h := range all {
		if h.missing != "" {
			continue
		}
		err := b.commands(h, git, fmt.Sprintf("gitconfig-%d", i))
		if err == nil && h.store != nil {
			err = h.store(ctx, h)
		}
		if err == nil {
			h.memory, err = b.memory(ctx, h)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", h.name, err)
		}
	}
	return all, nil
}

func token(i int) string { return fmt.Sprintf("ghp_%036d", i) }
func owner(i int) string { return fmt.Sprintf("owner-%06d", i) }

// gitStore is git-credential-store with n entries.
func (b *bench) gitStore(program string, n int) *helper {
	file := filepath.Join(b.dir, fmt.Sprintf("entries-%d", n))
	return &helper{
		name:   "git-credential-store, " + count(n, "entry", "entries"),
		tokens: n,
		argv:   []string{program, "--file=" + file},
		config: "store --file=" + file,
		store: func(context.Context, *helper) error {
			var lines bytes.Buffer
			for i := range n {
				fmt.Fprintf(&lines, "https://x-access-token:%s@github.com/%s/widgets.git\n", token(i), owner(i))
			}
			return os.WriteFile(file, lines.Bytes(), 0o600)
		},
	}
}

// gitLibsecret is Git's own helper for the Secret Service. Some distributions
// have only its source, in contrib/credential/libsecret of Git.
func gitLibsecret(execPath string) *helper {
	h := &helper{name: "git-credential-libsecret", tokens: 1}
	path, err := exec.LookPath("git-credential-libsecret")
	if err != nil {
		path, err = exec.LookPath(filepath.Join(execPath, "git-credential-libsecret"))
	}
	if err != nil {
		h.missing = "not installed"
	}
	h.argv, h.config = []string{path}, path
	h.store = func(ctx context.Context, h *helper) error {
		_, err := h.approve.run(ctx)
		return err
	}
	return h
}

// ours is git-credential-pat with n tokens in a store. The first token is added
// by git pat add; the others are copies of its files with another owner and
// another secret.
func (b *bench) ours(program, store string, n int) *helper {
	dir := filepath.Join(b.dir, fmt.Sprintf("%s-%d", store, n))
	name := "git-credential-pat, " + store
	if store == "file" {
		name += ", " + count(n, "token", "tokens")
	}
	return &helper{
		name:   name,
		tokens: n,
		argv:   []string{program},
		config: program,
		env:    []string{"GIT_PAT_DIR=" + dir},
		store: func(ctx context.Context, h *helper) error {
			_, err := b.output(ctx, h.env, token(0)+"\n", "git", "pat", "add", owner(0), "--with-token", "--offline", "--name=bench", "--store="+store)
			if err != nil || n == 1 {
				return err
			}
			return copies(ctx, dir, n)
		},
	}
}

func copies(ctx context.Context, dir string, n int) error {
	first, err := filepath.Glob(filepath.Join(dir, "*", "github.com", owner(0), "@", "*"))
	if err != nil || len(first) != 2 {
		return fmt.Errorf("%s: got the files %q, want a record and a secret", dir, first)
	}
	for _, file := range first {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for i := 1; i < n && ctx.Err() == nil; i++ {
			text := strings.NewReplacer(owner(0), owner(i), token(0), token(i)).Replace(string(data))
			path := strings.Replace(file, owner(0), owner(i), 1)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// commands sets what is measured of a helper. Git asks for the token in the
// middle, since git-credential-store reads its file from the top. It approves the
// first one: git-credential-store moves what is approved to the top.
func (b *bench) commands(h *helper, git, config string) error {
	config = filepath.Join(b.dir, config)
	lines := "[credential]\n\tuseHttpPath = true\n\thelper = " + h.config + "\n"
	if err := os.WriteFile(config, []byte(lines), 0o600); err != nil {
		return err
	}
	request := func(i int) string {
		return "protocol=https\nhost=github.com\npath=" + owner(i) + "/widgets.git\n"
	}
	middle := h.tokens / 2
	fill := command{
		argv:  []string{git, "credential", "fill"},
		dir:   b.dir,
		env:   slices.Concat(b.environ, h.env, []string{"GIT_CONFIG_GLOBAL=" + config}),
		input: request(middle),
		want:  "password=" + token(middle) + "\n",
	}
	h.fill = &fill
	approve := fill
	approve.argv = []string{git, "credential", "approve"}
	approve.input, approve.want = request(0)+"username=x-access-token\npassword="+token(0)+"\n", ""
	h.approve = &approve
	if h.argv != nil {
		get := fill
		get.argv = append(h.argv, "get")
		h.get = &get
	}
	return nil
}

// count is a number of things, with commas as people write it.
func count(n int, one, more string) string {
	switch {
	case n == 1:
		return "1 " + one
	case n < 1000:
		return fmt.Sprintf("%d %s", n, more)
	}
	return fmt.Sprintf("%d,%03d %s", n/1000, n%1000, more)
}
