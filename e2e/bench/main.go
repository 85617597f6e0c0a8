//go:build linux

// Bench measures how long the helper takes, beside Git's own helpers and those
// of others: whole processes, in one run, as Git starts them. It is run by make
// bench, with the folder of the two programs as its argument.
//
// What it needs it makes in a folder of its own, which is gone afterwards: a
// home, a keyring on a bus of its own, and a server that stands in for
// github.com. No answer counts that was not the right one. What is measured,
// how, and what came of it stands in README.md beside this file.
//
// Nothing here fails because something is slow: a busy machine would make it
// fail for nothing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
	"github.com/git-credential-pat/git-credential-pat/e2e/keyringtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var o options
	flag.IntVar(&o.runs, "runs", 200, "how often each `helper` is run; whole Git commands less often")
	flag.StringVar(&o.json, "json", "", "also write all numbers to a `file`")
	flag.BoolVar(&o.quick, "quick", false, "few tokens and repositories, to try the benchmark itself")
	flag.Func("only", "leave out what is not named by this regular `expression`, such as '^get .*-1$'", func(text string) (err error) {
		o.only, err = regexp.Compile(text)
		return err
	})
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: bench [-runs N] [-json FILE] [-quick] [-only EXPRESSION] FOLDER")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 || o.runs < 1 {
		flag.Usage()
		os.Exit(2)
	}
	o.programs = flag.Arg(0)
	if err := run(ctx, o, os.Stdout); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	programs string // the folder with git-credential-pat and git-pat
	runs     int
	json     string
	quick    bool
	only     *regexp.Regexp // the keys of the rows to measure; nil for all
}

// sizes are how many tokens there are.
type sizes struct {
	some, many, most int // beside one
	submodules       int // each of an owner of its own
}

func (o options) sizes() sizes {
	if o.quick {
		return sizes{some: 10, many: 20, most: 40, submodules: 3}
	}
	return sizes{some: 1_000, many: 10_000, most: 100_000, submodules: 32}
}

// Whole Git commands take so much longer than helpers, and vary so much less
// in proportion, that fewer runs of them will do.
func (o options) lsRemotes() int { return max(1, o.runs/4) }
func (o options) clones() int    { return max(1, o.runs/20) }

// warmUps are the runs of each row that do not count.
func (o options) warmUps() int { return min(3, o.runs) }

// A bench is what all measurements have in common.
type bench struct {
	options
	sizes
	dir      string // the folder to work in
	execPath string // where Git keeps its own programs
	launcher string // see launch
	empty    string // see empty
	server   *githubtest.Server
	keyring  *keyringtest.GnomeKeyring // nil if not installed
	token    string                    // for acme/widgets, the repository asked for
	other    string                    // a token that would be a wrong answer
}

func run(ctx context.Context, o options, out io.Writer) (err error) {
	if o.programs, err = filepath.Abs(o.programs); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "git-pat-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{options: o, sizes: o.sizes(), dir: dir}
	defer b.close()
	if err := b.open(ctx); err != nil {
		return err
	}
	candidates, err := b.candidates(ctx)
	if err != nil {
		return err
	}
	clone, err := b.clone(ctx)
	if err != nil {
		return err
	}
	report := &report{Machine: b.machine(ctx), Groups: []*group{b.processes(candidates), b.lsRemote(candidates), clone}}
	for _, g := range report.Groups {
		g.keep(o.only)
		if err := b.measure(ctx, g); err != nil {
			return err
		}
	}
	if report.Calls, err = b.calls(ctx, candidates); err != nil {
		return err
	}
	if err := b.judge(report); err != nil {
		return err
	}
	if o.json != "" {
		if err := report.writeJSON(o.json); err != nil {
			return err
		}
	}
	return report.print(out)
}

// open makes what all candidates share.
func (b *bench) open(ctx context.Context) error {
	for _, name := range []string{"home", "server", "keyring"} {
		if err := os.Mkdir(filepath.Join(b.dir, name), 0o700); err != nil {
			return err
		}
	}
	execPath, err := b.output(ctx, nil, "", "git", "--exec-path")
	if err != nil {
		return err
	}
	b.execPath = strings.TrimSpace(execPath)
	b.launcher, b.empty = filepath.Join(b.dir, "launch"), filepath.Join(b.dir, "empty")
	const here = "github.com/git-credential-pat/git-credential-pat/e2e/bench/"
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", b.dir, here+"launch", here+"empty")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w: %s", err, text)
	}
	if b.server, err = githubtest.NewServer(filepath.Join(b.dir, "server")); err != nil {
		return err
	}
	b.keyring, err = keyringtest.StartGnomeKeyring(filepath.Join(b.dir, "keyring"))
	if err != nil && !errors.Is(err, exec.ErrNotFound) {
		return err
	}
	for _, r := range []githubtest.Repository{{Owner: "acme", Name: "widgets", Private: true}, {Owner: "acme", Name: "open"}} {
		if _, err := b.server.AddRepository(r); err != nil {
			return err
		}
	}
	b.token, err = b.server.AddToken(githubtest.Token{Kind: githubtest.FineGrained, Login: "you", Owner: "acme", Write: true})
	if err != nil {
		return err
	}
	b.other, err = githubtest.MintSecret(githubtest.FineGrained)
	return err
}

func (b *bench) close() {
	if b.execPath != "" {
		// It does nothing where there is no daemon.
		_, _ = b.output(context.Background(), nil, "", filepath.Join(b.execPath, "git-credential-cache"), "exit")
	}
	if b.keyring != nil {
		b.keyring.Close()
	}
	if b.server != nil {
		b.server.Close()
	}
}

// environ is that of somebody who has just installed the programs.
func (b *bench) environ(more ...string) []string {
	home := filepath.Join(b.dir, "home")
	environ := []string{
		"HOME=" + home,
		"PATH=" + b.programs + string(filepath.ListSeparator) + os.Getenv("PATH"),
		"GIT_CONFIG_GLOBAL=" + filepath.Join(home, ".gitconfig"),
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=You", "GIT_AUTHOR_EMAIL=you@example.com",
		"GIT_COMMITTER_NAME=You", "GIT_COMMITTER_EMAIL=you@example.com",
		"XDG_RUNTIME_DIR=" + home,
		"GH_CONFIG_DIR=" + filepath.Join(home, "gh"), "GH_NO_UPDATE_NOTIFIER=1",
		"LC_ALL=C", "TERM=dumb",
	}
	if b.keyring != nil {
		environ = append(environ, b.keyring.Env()...)
	} else {
		environ = append(environ, "DBUS_SESSION_BUS_ADDRESS=unix:path="+filepath.Join(home, "no-bus"))
	}
	return append(environ, more...)
}

// output runs a program to make or to check something, and returns what it
// wrote.
func (b *bench) output(ctx context.Context, env []string, input, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = filepath.Join(b.dir, "home")
	cmd.Env = b.environ(env...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%s %s: %w", filepath.Base(name), strings.Join(args, " "), err)
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
	}
	return string(out), err
}
