package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/store"
)

// git runs Git and returns what it prints. It is how all of Git's settings are
// read and written, since Git alone knows where they are.
func git(ctx context.Context, args ...string) (string, error) {
	out, errOut, err := runGit(ctx, "", nil, args...)
	if err != nil {
		first, _, _ := strings.Cut(strings.TrimSpace(errOut), "\n")
		if first == "" {
			return out, err
		}
		return out, &gitError{fmt.Sprintf("git %s: %s", command(args), quote(first)), err}
	}
	return out, nil
}

// outside returns the arguments for Git to look into no repository. What stands
// in one may be somebody else's word, such as an alias in the place of a program
// that is not there.
func outside(args ...string) []string { return append([]string{"--git-dir=" + os.DevNull}, args...) }

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

// runGit runs Git with an input and more variables in its environment, and
// returns all that it prints. It has no token in its environment: nothing that
// is asked of it here needs one.
func runGit(ctx context.Context, in string, env []string, args ...string) (out, errOut string, err error) {
	var stdout, stderr bytes.Buffer
	// A repository may name a program to watch its files, which Git runs even to
	// read the index.
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "core.fsmonitor="}, args...)...)
	cmd.Env = append(store.WithoutTokens(cmd.Environ()), env...)
	cmd.Stdin = strings.NewReader(in)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	return stdout.String(), stderr.String(), err
}

// configEntry is a setting of Git's.
type configEntry struct {
	Key    string // as Git prints it: the section and the name in small letters
	Value  string
	Origin string // as in "file:/home/alice/.gitconfig" or "command line:"
}

// File returns the file that the setting is in, if it is in one.
func (e configEntry) File() (string, bool) { return strings.CutPrefix(e.Origin, "file:") }

// config returns the settings whose key matches a regular expression, in the
// order in which Git applies them. A setting without a value is "true", as Git
// has it for those that are yes or no.
func config(ctx context.Context, pattern string, options ...string) ([]configEntry, error) {
	return configFrom(ctx, pattern, nil, options...)
}

// configFrom is config for the file that an option of git config names.
func configFrom(ctx context.Context, pattern string, file []string, options ...string) ([]configEntry, error) {
	args := slices.Concat(options, []string{"config"}, file, []string{"--null", "--show-origin", "--get-regexp", pattern})
	out, err := git(ctx, args...)
	if status, ok := exitStatus(err); ok && status == 1 {
		return nil, nil // git-config(1): there is none
	}
	if err != nil {
		return nil, err
	}
	var entries []configEntry
	fields := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	for i := 0; i+1 < len(fields); i += 2 {
		key, value, ok := strings.Cut(fields[i+1], "\n")
		if !ok {
			value = "true"
		}
		entries = append(entries, configEntry{Key: key, Value: value, Origin: fields[i]})
	}
	return entries, nil
}

// gitError is what Git said, around the error that has its exit status.
type gitError struct {
	text string
	err  error
}

func (e *gitError) Error() string { return e.text }

func (e *gitError) Unwrap() error { return e.err }

// exitStatus returns the status with which a program ended.
func exitStatus(err error) (int, bool) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return 0, false
	}
	return exit.ExitCode(), true
}
