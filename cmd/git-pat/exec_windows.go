package main

import (
	"os"
	"os/exec"
	"os/signal"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// become runs a program to its end, since Windows cannot put one in the place
// of another. The key that interrupts reaches both, and is for the program.
func become(path string, args, environ []string) error {
	signal.Ignore(os.Interrupt)
	cmd := &exec.Cmd{Path: path, Args: args, Env: environ, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	err := cmd.Run()
	if status, ok := git.Status(err); ok || err == nil {
		return &endedError{status}
	}
	return err
}
