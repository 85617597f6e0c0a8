package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// git runs Git and returns what it prints. It is how all of Git's settings are
// read and written, since Git alone knows where they are.
func git(ctx context.Context, args ...string) (string, error) {
	var out, errOut bytes.Buffer
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		first, _, _ := strings.Cut(strings.TrimSpace(errOut.String()), "\n")
		if first == "" {
			return out.String(), err
		}
		return out.String(), &gitError{fmt.Sprintf("git %s: %s", args[0], quote(first)), err}
	}
	return out.String(), nil
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
