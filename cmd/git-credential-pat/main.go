// Git-credential-pat is a Git credential helper that picks the right
// token for each repository.
//
// Git runs it with an operation as the last argument, gitcredentials(7), and
// with a request on standard input, git-credential(1). Only the answer to Git
// goes to standard output. Messages to people go to standard error, and only ui.go
// writes them. The helper never prompts: git pat, the other program, does.
//
// Git starts the helper twice in every fetch and push. To start quickly, it
// links no network client, no Git library and no argument framework.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/protocol"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// version is set by the linker in a release.
var version = ""

func main() {
	store.NoCore()
	timeout := time.AfterFunc(readTimeout, func() {
		ui{os.Stderr}.line("the request is incomplete: there was no input for ten seconds")
		os.Exit(1)
	})
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, timeout))
}

// readTimeout is how long the helper waits for the next byte of a request.
const readTimeout = 10 * time.Second

// A timeoutReader restarts a timer after each read.
type timeoutReader struct {
	io.Reader
	timer *time.Timer
}

func (r timeoutReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.timer.Reset(readTimeout)
	return n, err
}

// run does everything that main does, except to exit. It returns the exit
// status: 0 for success, even if there is no answer; 1 for an error; 2 for wrong
// usage. It stops the timer when it has read the request.
func run(args []string, in *os.File, out, errOut io.Writer, timeout *time.Timer) (status int) {
	ui := ui{errOut}
	defer func() {
		// The value of a panic is not printed, because it may contain a secret.
		if recover() != nil {
			ui.line("internal error in git-credential-pat " + versionText() + "; please report it")
			status = 1
		}
	}()
	o, rest, err := parse(args)
	switch {
	case err != nil:
		ui.line(err.Error())
		return 2
	case o.help:
		io.WriteString(out, usage)
		return 0
	case o.version:
		fmt.Fprintln(out, "git-credential-pat version", versionText())
		return 0
	case len(rest) == 0 || rest[len(rest)-1] == "":
		ui.usage()
		return 2
	}
	operation := rest[len(rest)-1]
	if !slices.Contains([]string{"get", "store", "erase", "capability"}, operation) && isTerminal(in) {
		ui.line(credential.Quote(operation) + " is not an operation of a credential helper")
		ui.hint("to manage your tokens:", "git pat help")
	}
	err = protocol.Serve(context.Background(), newHelper(o, ui, timeout), operation, timeoutReader{in, timeout}, out)
	if err != nil && !errors.Is(err, credential.ErrNotOurs) {
		ui.error(err)
		return 1
	}
	return 0
}

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
