// Git-pat is for the people who have the tokens that git-credential-pat hands
// to Git: it adds, lists and removes them, and sets Git up to ask for them.
// Git runs it as git pat.
//
// There is one file for each command. What is said, shown and asked goes
// through ui.go, and help.go makes the help from what the commands say of
// themselves.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// version is set by the linker in a release.
var version = ""

// commands are the commands, in the order in which help lists them.
type commands struct {
	Setup      setupCommand      `cmd:"" help:"Have Git ask for your tokens, and only for yours"`
	Add        addCommand        `cmd:"" help:"Add a token for a host, an owner or a repository"`
	Import     importCommand     `cmd:"" help:"Import tokens from files, gh or another credential helper"`
	List       listCommand       `cmd:"" help:"List the tokens: what for, until when, and where they are kept"`
	Doctor     doctorCommand     `cmd:"" help:"Find what stands between Git and your tokens"`
	Verify     verifyCommand     `cmd:"" help:"Ask GitHub whether tokens are good, and what they may do"`
	Explain    explainCommand    `cmd:"" help:"Say which token answers, and why a server refused it"`
	Exec       execCommand       `cmd:"" help:"Run a command with a token in its environment"`
	Token      tokenCommand      `cmd:"" help:"Print a token, for scripts"`
	Rotate     rotateCommand     `cmd:"" help:"Put a new token in the place of one that ends"`
	Revoke     revokeCommand     `cmd:"" help:"Have GitHub end a token, and remove it"`
	Move       moveCommand       `cmd:"" help:"Move tokens to another store"`
	Remove     removeCommand     `cmd:"" help:"Remove a token from this machine"`
	Remote     remoteCommand     `cmd:"" help:"Show where remotes lead, and switch those over SSH to https"`
	Completion completionCommand `cmd:"" help:"Print what makes a shell complete git pat"`
	Help       helpCommand       `cmd:"" help:"Show help, for a command if one is named"`
	Version    versionCommand    `cmd:"" help:"Print the version"`
	Man        manCommand        `cmd:"" hidden:"" help:"Print a manual page"`
}

func main() {
	log.SetOutput(io.Discard) // with GODEBUG=http2debug=2 net/http writes tokens there
	ui := newUI(os.Stdin, os.Stdout, os.Stderr)
	os.Exit(run(context.Background(), os.Args[1:], ui))
}

// run is the program, but for the exit. The exit status is 0 if what was asked
// is done, 1 if it could not be, and 2 for wrong usage.
func run(ctx context.Context, args []string, ui *ui) int {
	var c commands
	parser, err := kong.New(&c, kong.Name("git pat"), kong.NoDefaultHelp(), kong.Writers(io.Discard, io.Discard))
	if err != nil {
		panic(err) // the commands' own declarations are wrong
	}
	a := &app{ctx: ctx, ui: ui, now: time.Now(), model: parser.Model, allowCore: store.NoCore()}
	if len(args) > 0 && args[0] == "__complete" {
		return ui.exit(complete(a, args[1:]))
	}
	if len(args) == 1 && args[0] == "--version" {
		return ui.exit(versionCommand{}.Run(a))
	}
	parsed, err := parser.Parse(args)
	if name, ok := asksForHelp(args); ok && err != nil { // without an error it is another program that is asked
		return ui.exit(help(ui, parser.Model, name))
	}
	if err != nil {
		return ui.exit(usageError(err))
	}
	return ui.exit(parsed.Run(a))
}

// asksForHelp reports whether the arguments ask for help by a flag, or by
// saying nothing, and on which command.
func asksForHelp(args []string) (command string, ok bool) {
	if len(args) == 0 {
		return "", true
	}
	for _, arg := range args {
		switch {
		case arg == "--":
			return command, false
		case arg == "-h" || arg == "--help":
			return command, true
		case command == "" && !strings.HasPrefix(arg, "-"):
			command = arg
		}
	}
	return command, false
}

// usageError says what is wrong with the arguments, and where the right ones
// are to be read.
func usageError(err error) error {
	command := "git pat help"
	var node *kong.Node
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		node = parse.Context.Selected()
	}
	if node != nil {
		command += " " + node.Name
	}
	return &hintError{text: inOurWords(err.Error(), node), status: exitUsage, hint: "how it is used:", commands: []string{command}}
}

// inOurWords rewrites what kong says of wrong arguments. It has no error types
// to tell one from another, so that this goes by its texts; what is not known
// here stays as it is.
func inOurWords(text string, node *kong.Node) string {
	if flag, _, ok := strings.Cut(text, ": expected "); ok {
		return flag + " needs a value"
	}
	if flag, _, ok := strings.Cut(text, ": bool value "); ok {
		return flag + " takes no value"
	}
	if strings.HasPrefix(text, "expected ") && node != nil {
		for _, arg := range node.Positional {
			if arg.Required {
				return strings.ToUpper(arg.Name) + " is missing"
			}
		}
	}
	text, suggestion, ok := strings.Cut(text, ", did you mean ")
	if ok {
		suggestion = ", did you mean " + suggestion
	}
	if word, ok := strings.CutPrefix(text, "unexpected argument "); ok && node == nil {
		text = quote(word) + " is no command"
	} else if ok {
		text = quote(word) + " is one argument too many"
	} else if flag, ok := strings.CutPrefix(text, "unknown flag "); ok {
		text = "there is no option " + quote(flag)
	}
	return text + suggestion
}

// app is what the commands work with.
type app struct {
	ctx    context.Context
	ui     *ui
	now    time.Time
	model  *kong.Application
	stores store.Session
	ssh    remotes.SSH
	git    git.Cache

	// allowCore lets the system write core files again, of a program that is
	// not ours.
	allowCore func()
}

// tree returns the tree of records.
func (a *app) tree() (*record.Tree, error) {
	dir, err := record.Dir()
	if err != nil {
		return nil, err
	}
	return record.NewTree(dir), nil
}

// patience is how long to wait for a store.
func (a *app) storeOptions() store.Options {
	return store.Options{Interactive: a.ui.somebodyIsThere, Session: &a.stores, Waiting: func(name string) {
		a.ui.say("waiting for the store %s; it may have to be unlocked", quote(name))
	}}
}

func (a *app) open(tree *record.Tree, name string) (store.Store, error) {
	return store.Open(name, tree.Dir(), a.storeOptions())
}

// keeper answers requests as the helper does.
func (a *app) keeper(tree *record.Tree) *keeper.Keeper {
	return &keeper.Keeper{
		Tree: tree,
		Open: func(name string) (store.Store, error) { return a.open(tree, name) },
		Now:  func() time.Time { return a.now },

		SaysPush: func(_ context.Context, host string) bool { return a.saysPush(host) },
	}
}

type versionCommand struct{}

func (versionCommand) Help() string { return "The same is printed for --version." }

func (versionCommand) Run(a *app) error {
	return a.ui.line("git-pat version " + versionText())
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
