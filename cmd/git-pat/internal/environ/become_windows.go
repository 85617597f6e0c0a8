package environ

import (
	"os"
	"os/exec"
	"os/signal"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// Become runs a program to its end, because Windows cannot replace a process by
// another program. The key that interrupts reaches both, and is for the program. The
// error is an *EndedError if the program ran.
func Become(path string, args, variables []string) error {
	signal.Ignore(os.Interrupt)
	cmd := &exec.Cmd{Path: path, Args: args, Env: variables, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	err := cmd.Run()
	if status, ok := git.Status(err); ok || err == nil {
		return &EndedError{status}
	}
	return err
}
