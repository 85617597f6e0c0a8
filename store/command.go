package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// command returns the first line that a command prints, for every key. It is
// read-only.
type command struct {
	name, line string
	options    Options
}

var _ Store = (*command)(nil)

// isCommandLine reports whether a text can be the command of a store.
func isCommandLine(line string) bool {
	return strings.TrimSpace(line) != "" && !strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// Get runs the command each time, as Git runs helpers. A command that fails or prints
// nothing may only be locked, so that is never ErrNotFound.
func (c *command) Get(ctx context.Context, _ string) (credential.Secret, error) {
	out, said, err := runLine(ctx, c.options, c.name, c.line, nil)
	var failed *Error
	switch {
	case errors.As(err, &failed):
		return credential.Secret{}, failed
	case err != nil && said != "":
		return credential.Secret{}, &Error{Store: c.name, What: "failed: " + credential.Quote(said), Advice: adviceCommand}
	case err != nil:
		return credential.Secret{}, &Error{Store: c.name, What: "failed: " + err.Error(), Advice: adviceCommand}
	}
	line, _, _ := strings.Cut(out, "\n")
	line = strings.TrimSuffix(line, "\r")
	switch {
	case out == "":
		return credential.Secret{}, &Error{Store: c.name, What: "printed nothing", Advice: adviceCommand}
	case line == "":
		return credential.Secret{}, &Error{Store: c.name, What: "printed an empty first line", Advice: adviceCommand}
	}
	return credential.NewSecret(line), nil
}

const adviceCommand = "run the command by hand to see why"

func (c *command) Set(context.Context, string, credential.Secret) error {
	return &Error{Store: c.name, What: "is read-only", Advice: "change what the command prints"}
}

// Delete does nothing, because what the command prints does not belong to this
// program.
func (c *command) Delete(context.Context, string) error { return nil }

// runLine runs a command line as Git runs helpers, with the shell. Unlike Git, it
// does so in the root folder, and without the variables that name a repository. It
// returns what the command wrote, and the first line that it wrote to stderr. The
// error is an *Error if there was no answer in time.
func runLine(ctx context.Context, options Options, store, line string, in *bytes.Buffer) (out, said string, err error) {
	var stdout, stderr bytes.Buffer
	_, err = options.wait(ctx, store, func(ctx context.Context) (string, error) {
		path, folder := shell(ctx)
		cmd := exec.CommandContext(ctx, path, "-c", line)
		cmd.Dir = rootDir()
		cmd.Env = withFolder(helperEnviron(os.Environ()), folder)
		if in != nil {
			cmd.Stdin = in
		}
		cmd.Stdout = &limited{&stdout, disk.MaxFile}
		cmd.Stderr = &limited{&stderr, 4096}
		cmd.WaitDelay = 100 * time.Millisecond // a daemon may keep the pipes open
		err := cmd.Run()
		if errors.Is(err, exec.ErrWaitDelay) {
			err = nil
		}
		return "", err
	})
	var failed *Error
	if errors.As(err, &failed) {
		return "", "", err // the command may still write
	}
	said, _, _ = strings.Cut(strings.TrimSpace(stderr.String()), "\n")
	return stdout.String(), said, err
}
