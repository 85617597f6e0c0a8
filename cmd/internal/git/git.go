// Package git runs Git and reads what Git is told: its configuration, and the
// remotes and submodules of a repository.
//
// # What it promises
//
// Whoever runs git pat may stand in a repository of somebody else. No Git that
// is started here runs a program that the repository names, and no program is
// started from a folder that is not named by an absolute path: see [Call.Run].
//
// No secret stands in an argument. The configuration is read whole, by a command
// that is always the same, and compared in Go; the configuration itself may hold
// tokens, in keys as well as in values. A call with a secret in an argument is
// refused.
//
// Which settings are for a URL is decided as Git does: gitcredentials(7) and
// http.<url>.* in git-config(1), with the rules of Git 2.26 and newer.
package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// A Call is one run of Git.
type Call struct {
	Folder string // to run in; empty for the current one
	In     string // standard input
	Args   []string

	// Outside has Git look into no repository. It is for programs that may not
	// be installed: Git would take an alias of the repository instead.
	Outside bool
}

// An Error is what Git said, around the error that has its exit status.
type Error struct {
	Command string // as in "config"
	Text    string // the line in which Git says why
	Err     error
}

func (e *Error) Error() string { return fmt.Sprintf("git %s: %s", e.Command, credential.Quote(e.Text)) }

func (e *Error) Unwrap() error { return e.Err }

// ErrSecret is the error for a call with a token or password in an argument,
// where other programs can read it. It was not run.
var ErrSecret = errors.New("the command holds a token or password, which other programs can read while it runs")

// ErrNoGit is the error if no Git is found in PATH.
var ErrNoGit = errors.New("there is no git in PATH")

// closed are the ways by which the configuration of a repository could have Git
// run a program, and what closes them. They come first in each call, so they
// hold whatever any file says.
var closed = []string{
	"--no-pager",
	"-c", "safe.bareRepository=explicit", // content that looks like a repository is none
	"-c", "core.fsmonitor=false",
	"-c", "core.hooksPath=" + os.DevNull,
}

// variables close the ways that settings do not.
var variables = []string{
	"GIT_ALLOW_PROTOCOL=none", // no connection, so no helper of a transport such as ext::
	"GIT_NO_LAZY_FETCH=1",     // nor one for an object that is missing
	"GIT_OPTIONAL_LOCKS=0",
	"GIT_TERMINAL_PROMPT=0",
	"GIT_ASKPASS=",
	"LC_ALL=C", // what Git says is compared in places
}

// Run runs Git and returns what it prints. The error is an *Error if Git ended
// with a status other than 0.
func (c Call) Run(ctx context.Context) (out string, err error) {
	out, _, err = c.run(ctx)
	return out, err
}

// RunBoth is Run and returns standard error too.
func (c Call) RunBoth(ctx context.Context) (out, errOut string, err error) { return c.run(ctx) }

func (c Call) run(ctx context.Context) (out, errOut string, err error) {
	if slices.ContainsFunc(c.Args, HoldsSecret) {
		return "", "", ErrSecret
	}
	path, err := store.LookPath("git")
	if err != nil {
		return "", "", ErrNoGit
	}
	args := slices.Clone(closed)
	if c.Outside {
		args = append(args, "--git-dir="+os.DevNull)
	}
	if c.Folder != "" {
		args = append(args, "-C", c.Folder)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, path, append(args, c.Args...)...)
	cmd.Env = append(slices.DeleteFunc(store.Environ(os.Environ()), traces), variables...)
	cmd.Stdin = strings.NewReader(c.In)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second // a program that Git started may still hold the pipes
	if err := cmd.Run(); err != nil {
		return stdout.String(), stderr.String(), &Error{Command: command(c.Args), Text: reason(stderr.String(), err), Err: err}
	}
	return stdout.String(), stderr.String(), nil
}

// reason is the line in which Git says why it failed. There may be warnings and
// hints around it.
func reason(said string, err error) string {
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "fatal: ") || strings.HasPrefix(line, "error: ") {
			return strings.TrimSpace(line)
		}
	}
	if line, _, _ := strings.Cut(strings.TrimSpace(said), "\n"); line != "" {
		return line
	}
	return err.Error()
}

// traces reports whether a variable has Git write what it does to standard error,
// where errors are read.
func traces(variable string) bool {
	return strings.HasPrefix(variable, "GIT_TRACE") || strings.HasPrefix(variable, "GIT_CURL_VERBOSE=") || strings.HasPrefix(variable, "GIT_TRANSFER_TRACE=")
}

// command is the first argument that is no option of Git's own.
func command(args []string) string {
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "-c" || args[i] == "-C":
			i++
		case !strings.HasPrefix(args[i], "-"):
			return args[i]
		}
	}
	return ""
}

// Run is Call.Run for Git in the current folder.
func Run(ctx context.Context, args ...string) (string, error) { return Call{Args: args}.Run(ctx) }

// Line is Run and returns the first line.
func Line(ctx context.Context, args ...string) (string, error) {
	out, err := Run(ctx, args...)
	line, _, _ := strings.Cut(out, "\n")
	return line, err
}

// Status returns the status with which a program ended.
func Status(err error) (int, bool) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return 0, false
	}
	return exit.ExitCode(), true
}

// Bare returns the folder that looks like a bare repository, which nobody named,
// if an error says that there is one.
func Bare(err error) (folder string, ok bool) {
	var said *Error
	if !errors.As(err, &said) {
		return "", false
	}
	before, _, ok := strings.Cut(said.Text, "' (safe.bareRepository")
	return before[strings.IndexByte(before, '\'')+1:], ok
}

var userinfo = regexp.MustCompile(`://([^/\s?#]*)@`)

// HoldsSecret reports whether a text has a token in it, or a URL with a password
// or token.
func HoldsSecret(text string) bool {
	for _, found := range userinfo.FindAllStringSubmatch(text, -1) {
		user, password, _ := strings.Cut(found[1], ":")
		if password != "" || credential.KindOf(credential.NewSecret(user), credential.GitHubHost).IsGitHub() {
			return true
		}
	}
	return credential.MaskTokens(text) != text
}
