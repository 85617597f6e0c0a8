//go:build linux

// Bench measures how long git-credential-pat and Git's own credential helpers
// take, and prints a Markdown table. README.md in this folder explains it.
//
//	bench [-rounds N] FOLDER
//
// The folder is the one with git-credential-pat and git-pat. Everything else is
// made in a temporary folder: a home, the tokens, and a gnome-keyring on a bus
// of its own. A wrong answer ends the benchmark; a slow one does not.
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
	"runtime"
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
	b := bench{out: os.Stdout, entries: []int{1, 10_000}, tokens: []int{1, 1_000, 100_000}}
	flag.IntVar(&b.rounds, "rounds", 200, "run each command `N` times")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: bench [-rounds N] FOLDER")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 || b.rounds < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := b.run(ctx, flag.Arg(0)); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	out     io.Writer
	rounds  int
	entries []int // sizes of the files of git-credential-store
	tokens  []int // sizes of the file store of git-credential-pat

	dir     string   // temporary, also the home
	environ []string // for all commands
}

// A command is a cell of the table.
type command struct {
	argv, env   []string
	dir         string
	input, want string // the request, and the line that the answer must have
	took        []time.Duration
}

// warmUp is the number of rounds that are not counted.
const warmUp = 3

func (b *bench) run(ctx context.Context, programs string) error {
	programs, err := filepath.Abs(programs)
	if err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "git-pat-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	b.environ = []string{
		"HOME=" + b.dir,
		"XDG_RUNTIME_DIR=" + b.dir,
		"PATH=" + programs + string(filepath.ListSeparator) + os.Getenv("PATH"),
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"LC_ALL=C",
	}
	keyring, err := keyringtest.StartGnomeKeyring()
	switch {
	case err == nil:
		defer keyring.Close()
		b.environ = append(b.environ, keyring.Env()...)
	case !errors.Is(err, exec.ErrNotFound):
		return err
	}
	helpers, err := b.helpers(ctx, programs, keyring != nil)
	if err != nil {
		return err
	}
	var commands []*command
	for _, h := range helpers {
		for _, c := range []*command{h.get, h.fill, h.approve} {
			if c != nil {
				commands = append(commands, c)
			}
		}
	}
	// Each round runs every command once, so a machine that becomes slower does so
	// for all of them. The order changes, because a command takes longer after one
	// that used much memory.
	for round := range warmUp + b.rounds {
		rand.Shuffle(len(commands), func(i, j int) { commands[i], commands[j] = commands[j], commands[i] })
		for _, c := range commands {
			took, err := c.run(ctx)
			if err != nil {
				return err
			}
			if round >= warmUp {
				c.took = append(c.took, took)
			}
		}
	}
	return b.print(ctx, helpers)
}

// run runs a command once and returns the time from its start to its end.
func (c *command) run(ctx context.Context) (time.Duration, error) {
	in, request, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer in.Close()
	_, err = request.WriteString(c.input) // the request waits in the pipe, as Git's does
	if err := errors.Join(err, request.Close()); err != nil {
		return 0, err
	}
	var out, errOut bytes.Buffer
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	cmd.Dir, cmd.Env = c.dir, c.env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, &out, &errOut
	start := time.Now()
	err = cmd.Run()
	took := time.Since(start)
	if err == nil && !strings.Contains(out.String(), c.want) {
		err = errors.New("not the right answer")
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w: %s", strings.Join(c.argv, " "), err, errOut.String())
	}
	return took, nil
}

// memory returns the peak memory of a get, if GNU time is installed. Package os
// has a number as well, but Linux includes the memory of the process that starts
// the program, which is more than the program's own here.
func (b *bench) memory(ctx context.Context, h *helper) (string, error) {
	if _, err := exec.LookPath("time"); err != nil || h.get == nil {
		return "", nil
	}
	file := filepath.Join(b.dir, "memory")
	get := *h.get
	get.argv = append([]string{"time", "-o", file, "-f", "%M"}, get.argv...)
	if _, err := get.run(ctx); err != nil {
		return "", err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	kib, err := strconv.Atoi(strings.TrimSpace(string(data)))
	return fmt.Sprintf("%.1f MiB", float64(kib)/1024), err
}

// output runs a command that is not measured.
func (b *bench) output(ctx context.Context, env []string, input, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = b.dir
	cmd.Env = slices.Concat(b.environ, env)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, exit.Stderr)
	}
	return string(out), err
}

// print prints the table. The ratios are those to the first helper.
func (b *bench) print(ctx context.Context, helpers []*helper) error {
	git, err := b.output(ctx, nil, "", "git", "version")
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "| helper | `get` alone | `git credential fill` | `git credential approve` | memory of `get` |\n|---|---|---|---|---|\n")
	base := helpers[0]
	for _, h := range helpers {
		if h.missing != "" {
			fmt.Fprintf(b.out, "| %s | %s | | | |\n", h.name, h.missing)
			continue
		}
		fmt.Fprintf(b.out, "| %s | %s | %s | %s | %s |\n", h.name, h.get.cell(base.get), h.fill.cell(base.fill), h.approve.cell(base.approve), h.memory)
	}
	averages, _ := os.ReadFile("/proc/loadavg")
	load, _, _ := strings.Cut(string(averages), " ")
	_, err = fmt.Fprintf(b.out, "\n%s, %d cores, %s, %s, load %s. `bench -rounds %d`. Medians, and in parentheses the ratio to the first row.\n",
		processor(), runtime.NumCPU(), strings.TrimSpace(git), runtime.Version(), load, b.rounds)
	return err
}

func (c *command) cell(base *command) string {
	if c == nil {
		return ""
	}
	return fmt.Sprintf("%.2f ms (%.2f)", milliseconds(c.median()), milliseconds(c.median())/milliseconds(base.median()))
}

func (c *command) median() time.Duration {
	return slices.Sorted(slices.Values(c.took))[len(c.took)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// processor is the name of the processor, as far as the system tells it.
func processor() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if key, value, _ := strings.Cut(line, ":"); strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
