//go:build linux

// Bench measures how long git-credential-pat and Git's own credential helpers
// take, and prints a Markdown table. README.md in this folder explains it.
//
//	bench [-rounds N] FOLDER
//
// The folder is the one with git-credential-pat and git-pat. Everything else is
// in a temporary folder: a home, the tokens, and a gnome-keyring on a bus of its
// own. A wrong answer ends the benchmark; a slow one does not.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/git-credential-pat/git-credential-pat/e2e/keyringtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	rounds := flag.Int("rounds", 200, "run each command `N` times")
	flag.Parse()
	if flag.NArg() != 1 || *rounds < 1 {
		fmt.Fprintln(os.Stderr, "usage: bench [-rounds N] FOLDER")
		os.Exit(2)
	}
	if err := run(ctx, os.Stdout, flag.Arg(0), *rounds, []int{1, 1_000, 100_000}); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// A helper is a row of the table: a credential helper that holds some tokens,
// each for another owner.
type helper struct {
	name   string
	argv   []string // the program, without the operation
	tokens int
	store  string // of git-credential-pat

	get, fill, approve *command // nil if the program is missing
	memory             string   // the peak of get
}

// A command is a cell of the table.
type command struct {
	argv, env   []string
	input, want string // the request, and the line that the answer must have
	took        []time.Duration
}

// warmUp is the number of rounds that are not counted.
const warmUp = 3

// run measures all helpers, git-credential-pat with each of the numbers of
// tokens in its file store.
func run(ctx context.Context, out io.Writer, programs string, rounds int, tokens []int) error {
	programs, err := filepath.Abs(programs)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "git-pat-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	execPath, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		return err
	}
	path := strings.Join([]string{programs, os.Getenv("PATH"), strings.TrimSpace(string(execPath))}, string(filepath.ListSeparator))
	if err := os.Setenv("PATH", path); err != nil {
		return err
	}
	env := []string{"HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "PATH=" + path,
		"GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C"}

	helpers := []*helper{{name: "git-credential-store, 1 entry", argv: []string{"git-credential-store"}, tokens: 1}}
	names := map[int]string{1: "1 token", 1_000: "1,000 tokens", 100_000: "100,000 tokens"}
	for _, n := range tokens {
		helpers = append(helpers, &helper{name: "git-credential-pat, file, " + names[n], argv: []string{"git-credential-pat"}, tokens: n, store: "file"})
	}
	keyring, err := keyringtest.StartGnomeKeyring()
	switch {
	case err == nil:
		defer keyring.Close()
		env = append(env, keyring.Env()...)
		helpers = append(helpers,
			&helper{name: "git-credential-libsecret", argv: []string{"git-credential-libsecret"}, tokens: 1},
			&helper{name: "git-credential-pat, keyring", argv: []string{"git-credential-pat"}, tokens: 1, store: "keyring"})
	case !errors.Is(err, exec.ErrNotFound):
		return err
	}

	var commands []*command
	for i, h := range helpers {
		if h.argv[0], err = exec.LookPath(h.argv[0]); err != nil {
			continue
		}
		if err := h.prepare(ctx, filepath.Join(dir, fmt.Sprint(i)), env); err != nil {
			return fmt.Errorf("%s: %w", h.name, err)
		}
		commands = append(commands, h.get, h.fill, h.approve)
	}
	// Each round runs every command once, so a machine that becomes slower does so
	// for all of them. The order changes, because a command takes longer after one
	// that used much memory.
	for round := range warmUp + rounds {
		rand.Shuffle(len(commands), func(i, j int) { commands[i], commands[j] = commands[j], commands[i] })
		for _, c := range commands {
			took, _, err := c.run(ctx)
			if err != nil {
				return err
			}
			if round >= warmUp {
				c.took = append(c.took, took)
			}
		}
	}

	fmt.Fprint(out, "| helper | `get` alone | `git credential fill` | `git credential approve` | memory of `get` |\n|---|---|---|---|---|\n")
	first := helpers[0]
	for _, h := range helpers {
		if h.get == nil {
			fmt.Fprintf(out, "| %s | not installed | | | |\n", h.name)
			continue
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s |\n", h.name, h.get.cell(first.get), h.fill.cell(first.fill), h.approve.cell(first.approve), h.memory)
	}
	_, err = fmt.Fprintf(out, "\nMedians of %d rounds, and in parentheses the ratio to the first row.\n", rounds)
	return err
}

func token(i int) string { return fmt.Sprintf("ghs_%036d", i) } // a kind without a checksum
func owner(i int) string { return fmt.Sprintf("owner-%06d", i) }

// prepare stores the tokens, and sets what is measured. Git asks for the token
// in the middle and approves the first one.
func (h *helper) prepare(ctx context.Context, dir string, env []string) error {
	line := h.argv[0]
	if filepath.Base(line) == "git-credential-store" {
		h.argv = append(h.argv, "--file="+dir)
		line = "store --file=" + dir // by its name, the usual way
	}
	config := "[credential]\n\tuseHttpPath = true\n\thelper = " + line + "\n"
	if err := os.WriteFile(dir+".gitconfig", []byte(config), 0o600); err != nil {
		return err
	}
	env = append(env[:len(env):len(env)], "GIT_PAT_DIR="+dir, "GIT_CONFIG_GLOBAL="+dir+".gitconfig")
	request := func(i int) string {
		return "protocol=https\nhost=github.com\npath=" + owner(i) + "/widgets.git\n"
	}
	answer := "password=" + token(h.tokens/2) + "\n"
	h.get = &command{argv: append(h.argv, "get"), env: env, input: request(h.tokens / 2), want: answer}
	h.fill = &command{argv: []string{"git", "credential", "fill"}, env: env, input: h.get.input, want: answer}
	h.approve = &command{argv: []string{"git", "credential", "approve"}, env: env,
		input: request(0) + "username=x-access-token\npassword=" + token(0) + "\n"}
	first := h.approve
	if h.store != "" {
		first = &command{argv: []string{"git", "pat", "add", owner(0), "--with-token", "--offline", "--name=bench", "--store=" + h.store},
			env: env, input: token(0) + "\n"}
	}
	if _, _, err := first.run(ctx); err != nil {
		return err
	}
	if err := copies(ctx, dir, h.tokens); err != nil {
		return err
	}
	if _, err := exec.LookPath("time"); err != nil {
		return nil
	}
	// Package os has a number as well, but Linux includes the memory of the process
	// that starts the program, which is more than the program's own here.
	get := *h.get
	get.argv = append([]string{"time", "-f", "%M"}, get.argv...)
	_, kib, err := get.run(ctx)
	n, _ := strconv.ParseFloat(strings.TrimSpace(kib), 64)
	h.memory = fmt.Sprintf("%.1f MiB", n/1024)
	return err
}

// copies copies the files of the first token of git-credential-pat, with another
// owner and another secret.
func copies(ctx context.Context, dir string, n int) error {
	first, err := filepath.Glob(filepath.Join(dir, "*", "github.com", owner(0), "@", "*"))
	if err != nil || n > 1 && len(first) != 2 {
		return fmt.Errorf("got the files %q, want a record and a secret", first)
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

// run runs a command once and returns the time from its start to its end, and
// its standard error.
func (c *command) run(ctx context.Context) (took time.Duration, stderr string, err error) {
	in, request, err := os.Pipe()
	if err != nil {
		return 0, "", err
	}
	defer in.Close()
	_, err = request.WriteString(c.input) // the request waits in the pipe, as Git's does
	if err := errors.Join(err, request.Close()); err != nil {
		return 0, "", err
	}
	var out, errOut bytes.Buffer
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.env, in, &out, &errOut
	start := time.Now()
	err = cmd.Run()
	took = time.Since(start)
	if err == nil && !strings.Contains(out.String(), c.want) {
		err = errors.New("wrong answer")
	}
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", strings.Join(c.argv, " "), err, &errOut)
	}
	return took, errOut.String(), err
}

func (c *command) cell(base *command) string {
	return fmt.Sprintf("%.2f ms (%.2f)", c.median(), c.median()/base.median())
}

// median is in milliseconds.
func (c *command) median() float64 {
	return slices.Sorted(slices.Values(c.took))[len(c.took)/2].Seconds() * 1000
}
