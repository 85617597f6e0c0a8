// Git-pat is for the people who have the tokens that git-credential-pat gives to
// Git. It adds, lists and removes them, and sets Git up to ask for them. Git runs
// it as git pat.
//
// There is a file for each command. It reads the options, calls the rooms in
// internal, and prints what came of it. Longer sentences are in the rooms words and
// doctor/report, and what tables and JSON show is in view and answer. Room manual
// makes the help from the declarations of the commands and the texts in help.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"os"
	"runtime/debug"
	"time"

	"github.com/alecthomas/kong"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/answer"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/manual"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/verify"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// version is set by the linker in a release.
var version = ""

// commands are the commands, in the order in which help lists them.
type commands struct {
	Setup      setupCommand      `cmd:"" help:"Configure Git to use your tokens"`
	Add        addCommand        `cmd:"" help:"Add a token for a host, an owner or a repository"`
	Edit       editCommand       `cmd:"" help:"Change the target, name or other properties of a token"`
	Import     importCommand     `cmd:"" help:"Import tokens from files, gh, glab, tea or another helper"`
	List       listCommand       `cmd:"" help:"List the tokens"`
	Doctor     doctorCommand     `cmd:"" help:"Check the setup and suggest fixes"`
	Verify     verifyCommand     `cmd:"" help:"Ask the servers whether tokens are valid, and what they may do"`
	Explain    explainCommand    `cmd:"" help:"Explain which token answers, or why a server rejected it"`
	Exec       execCommand       `cmd:"" help:"Run a command with a token in its environment"`
	Token      tokenCommand      `cmd:"" help:"Print a token, for scripts"`
	Rotate     rotateCommand     `cmd:"" help:"Replace an expiring or rejected token"`
	Revoke     revokeCommand     `cmd:"" help:"Revoke a token at GitHub and remove it here"`
	Move       moveCommand       `cmd:"" help:"Move tokens to another store"`
	Remove     removeCommand     `cmd:"" help:"Remove a token from this machine"`
	Remote     remoteCommand     `cmd:"" help:"Show the token of each remote, and change SSH remotes to https"`
	Completion completionCommand `cmd:"" help:"Print a completion script for a shell"`
	Help       helpCommand       `cmd:"" help:"Show the help for git pat or a command"`
	Version    versionCommand    `cmd:"" help:"Print the version"`
	Man        manCommand        `cmd:"" hidden:"" help:"Print a manual page"`
}

func main() {
	log.SetOutput(io.Discard) // with GODEBUG=http2debug=2 net/http logs tokens
	os.Exit(run(context.Background(), os.Args[1:], term.New(os.Stdin, os.Stdout, os.Stderr)))
}

// run is the program without the exit. The exit status is 0 if the command did its
// work, 1 if it could not, and 2 if the command line is wrong.
func run(ctx context.Context, args []string, t *term.Terminal) int {
	restoreCore := store.NoCore()
	var c commands
	parser, err := kong.New(&c, kong.Name("git pat"), kong.NoDefaultHelp(), kong.Writers(io.Discard, io.Discard),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(t, new(git.Cache), coreFiles(restoreCore)),
		kong.BindSingletonProvider(openTokens),
		kong.BindSingletonProvider(newResolver),
		kong.BindSingletonProvider(newRemotes),
		kong.BindSingletonProvider(newSetup),
		kong.BindSingletonProvider(answer.NewFinder),
		kong.BindSingletonProvider(newServers),
		kong.BindSingletonProvider(newVerifier),
	)
	if err != nil {
		panic(err) // the declarations above are wrong
	}
	program := newProgram(parser.Model)
	if len(args) > 0 && args[0] == "__complete" {
		return exit(t, completeWords(ctx, t, parser.Model, args[1:]))
	}
	if len(args) == 1 && args[0] == "--version" {
		return exit(t, versionCommand{}.Run(t))
	}
	parsed, err := parser.Parse(args)
	if err := tokenArgument(c.ownArguments(args)); err != nil {
		return exit(t, err)
	}
	if name, ok := manual.AsksForHelp(args); ok && err != nil { // without an error the arguments are another program's
		return exit(t, help(t, program, name))
	}
	if err != nil {
		return exit(t, withUsage(program, nil, program.Explain(err)))
	}
	err = manual.CheckRepeated(parsed)
	if err == nil {
		err = parsed.Run(program)
	}
	var noDir *dirError
	if errors.As(err, &noDir) {
		err = noDir.err // without the name of the type, which kong puts before it
	}
	return exit(t, withUsage(program, parsed.Selected(), err))
}

// A dirError says why there is no folder for the records.
type dirError struct{ err error }

func (e *dirError) Error() string { return e.err.Error() }

// coreFiles allows the system to write core files again, for a program that is not
// ours.
type coreFiles func()

// openTokens returns the tokens of the person. Nothing is read yet.
func openTokens(t *term.Terminal) (*tokens.Tokens, error) {
	dir, err := record.Dir()
	if err != nil {
		return nil, &dirError{err}
	}
	return &tokens.Tokens{
		Tree: record.NewTree(dir),
		Options: store.Options{Interactive: t.Interactive, Session: new(store.Session), Waiting: func(name string) {
			t.Say("waiting for the store %s; it may have to be unlocked", credential.Quote(name))
		}},
		Now: time.Now(),
	}, nil
}

func newResolver(kept *tokens.Tokens, settings *git.Cache, reader *remotes.Reader) *resolve.Resolver {
	return &resolve.Resolver{Tokens: kept, Git: settings, OverHTTPS: reader.OverHTTPS}
}

func newRemotes(kept *tokens.Tokens, settings *git.Cache) *remotes.Reader {
	return &remotes.Reader{Config: settings, SSH: new(remotes.SSH), Hosts: kept.Tree.Hosts(), Forge: kept.Tree.Forge}
}

func newServers(settings *git.Cache) *verify.Servers {
	return &verify.Servers{Git: settings, Version: versionText()}
}

func newVerifier(kept *tokens.Tokens, s *verify.Servers) *verify.Verifier {
	return &verify.Verifier{Tokens: kept, Ask: s.Inspect}
}

type versionCommand struct{}

func (versionCommand) Run(t *term.Terminal) error { return t.Line("git-pat version " + versionText()) }

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
