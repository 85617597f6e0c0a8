// Package git runs Git, and reads Git's configuration and the remotes of a
// repository.
//
// # Guarantees
//
// The current folder may be a repository of another person. Git does not run
// programs that the configuration of this repository names. Git itself is
// started only from an absolute folder of PATH.
//
// No argument contains a secret, because other programs can read arguments. The
// configuration may contain tokens, in keys and in values. So the package reads
// the whole configuration with a fixed command and compares in Go. It rejects a
// call with a secret in an argument.
//
// Settings for a URL are selected as in Git 2.26 and later: gitcredentials(7),
// and http.<url>.* in git-config(1).
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
	Folder string // the folder to run in; "" is the current one
	In     string // standard input
	Args   []string

	// Outside makes Git ignore the repository. If a Git command may not be
	// installed, this prevents Git from using an alias of the repository.
	Outside bool
}

// An Error is the failure of a call. It wraps the error with the exit status.
type Error struct {
	Command string // such as "config"
	Text    string // the line in which Git gives the reason
	Err     error
}

func (e *Error) Error() string { return fmt.Sprintf("git %s: %s", e.Command, credential.Quote(e.Text)) }

func (e *Error) Unwrap() error { return e.Err }

// ErrSecret is the error for a call with a token or password in an argument. Git
// was not run.
var ErrSecret = errors.New("the command contains a token or password, which other programs can read while it runs")

// ErrNoGit is the error if no absolute folder of PATH contains git.
var ErrNoGit = errors.New("git is not in PATH")

// safeOptions prevent Git from running programs that the configuration of a
// repository names. They are part of each call and override all files.
var safeOptions = []string{
	"--no-pager",
	"-c", "safe.bareRepository=explicit", // ignore content that looks like a repository
	"-c", "core.fsmonitor=false",
	"-c", "core.hooksPath=" + os.DevNull,
}

// safeVariables do the same where there is no setting.
var safeVariables = []string{
	"GIT_ALLOW_PROTOCOL=none", // no connections, so no programs for transports such as ext::
	"GIT_NO_LAZY_FETCH=1",     // no connections for missing objects
	"GIT_OPTIONAL_LOCKS=0",
	"GIT_TERMINAL_PROMPT=0",
	"GIT_ASKPASS=",
	"LC_ALL=C", // some messages of Git are compared
}

// Run runs Git and returns its standard output. The error is ErrSecret, ErrNoGit,
// or an *Error if Git could not be run or its status was not 0.
func (c Call) Run(ctx context.Context) (out string, err error) {
	out, _, err = c.RunBoth(ctx)
	return out, err
}

// RunBoth is like Run and also returns standard error.
func (c Call) RunBoth(ctx context.Context) (out, errOut string, err error) {
	if slices.ContainsFunc(c.Args, HoldsSecret) {
		return "", "", ErrSecret
	}
	path, err := store.LookPath("git")
	if err != nil {
		return "", "", ErrNoGit
	}
	args := slices.Clone(safeOptions)
	if c.Outside {
		args = append(args, "--git-dir="+os.DevNull)
	}
	if c.Folder != "" {
		args = append(args, "-C", c.Folder)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, path, append(args, c.Args...)...)
	cmd.Env = append(slices.DeleteFunc(store.Environ(os.Environ()), traces), safeVariables...)
	cmd.Stdin = strings.NewReader(c.In)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second // a program that Git started may still hold the pipes
	if err := cmd.Run(); err != nil {
		return stdout.String(), stderr.String(), &Error{Command: command(c.Args), Text: reason(stderr.String(), err), Err: err}
	}
	return stdout.String(), stderr.String(), nil
}

// reason returns the line in which Git gives the reason of a failure. Other lines
// may be warnings and hints.
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

// traces reports whether a variable makes Git write a trace to standard error,
// which would hide the errors.
func traces(variable string) bool {
	return strings.HasPrefix(variable, "GIT_TRACE") || strings.HasPrefix(variable, "GIT_CURL_VERBOSE=") || strings.HasPrefix(variable, "GIT_TRANSFER_TRACE=")
}

// command returns the first argument that is not an option of git itself.
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

// Run runs Git in the current folder, as Call.Run does.
func Run(ctx context.Context, args ...string) (string, error) { return Call{Args: args}.Run(ctx) }

// Line is like Run, but returns only the first line.
func Line(ctx context.Context, args ...string) (string, error) {
	out, err := Run(ctx, args...)
	line, _, _ := strings.Cut(out, "\n")
	return line, err
}

// Status returns the exit status of a program. ok is false for other errors.
func Status(err error) (status int, ok bool) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return 0, false
	}
	return exit.ExitCode(), true
}

// Bare returns the folder of a bare repository if an error says that Git rejected
// it because of safe.bareRepository.
func Bare(err error) (folder string, ok bool) {
	var said *Error
	if !errors.As(err, &said) {
		return "", false
	}
	before, _, ok := strings.Cut(said.Text, "' (safe.bareRepository")
	return before[strings.IndexByte(before, '\'')+1:], ok
}

var userinfo = regexp.MustCompile(`://([^/\s?#]*)@`)

// HoldsSecret reports whether a text contains a token, or a URL with a password.
func HoldsSecret(text string) bool {
	for _, found := range userinfo.FindAllStringSubmatch(text, -1) {
		user, password, _ := strings.Cut(found[1], ":")
		if password != "" || credential.KindOf(credential.NewSecret(user), credential.GitHubHost).IsToken() {
			return true
		}
	}
	return credential.MaskTokens(text) != text
}
