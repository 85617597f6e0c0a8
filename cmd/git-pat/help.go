package main

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/manual"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

type helpCommand struct {
	Command string `arg:"" optional:"" help:"the command"`
}

func (c *helpCommand) Run(t *term.Terminal, p manual.Program) error { return help(t, p, c.Command) }

// help prints the help on a command, or on all of them.
func help(t *term.Terminal, p manual.Program, command string) error {
	if command == "" {
		return t.Text(p.Help())
	}
	text, err := p.HelpOn(command)
	if err != nil {
		return err
	}
	return t.Text(text)
}

const overview = `Git asks git-credential-pat for a token when it logs in over https. With git pat
you add and manage the tokens.

    git pat setup            configure Git, once
    git pat add acme         add a token for all repositories of acme
    git pat list             list your tokens`

// helpTexts has what the help on a command says between its usage and its options.
//
//go:embed help
var helpTexts embed.FS

// newProgram returns this program by its declarations.
func newProgram(model *kong.Application) manual.Program {
	for _, node := range model.Children {
		text, _ := helpTexts.ReadFile("help/" + node.Name + ".txt")
		node.Detail = strings.TrimSpace(string(text))
	}
	return manual.Program{Name: "git pat", Overview: overview, Model: model, Synonyms: map[string]string{
		"login": "add", "auth": "add",
		"ls": "list", "show": "list", "status": "list",
		"rm": "remove", "del": "remove", "delete": "remove", "logout": "remove",
		"renew": "rotate", "update": "rotate", "upgrade": "rotate",
		"config": "setup", "mv": "move", "which": "explain", "whoami": "verify",
	}}
}

// withUsage adds the usage line of a command to an error in the arguments.
func withUsage(p manual.Program, node *kong.Node, err error) error {
	var noCommand *manual.NoCommandError
	var usage *manual.UsageError
	if errors.As(err, &usage) {
		node = usage.Node
	}
	if err == nil || errors.As(err, &noCommand) && node == nil {
		return err
	}
	e := words.Hinted(err)
	if e.Status != words.ExitUsage {
		return err
	}
	e.Usage = p.Usage(node)
	if e.Hint == "" {
		command := "git pat help"
		if node != nil {
			command += " " + node.Name
		}
		e.Hint, e.Commands = "to see how to use it:", []string{command}
	}
	return e
}

// manCommand prints the pages of the manual for make install, from what the programs
// print for --help.
type manCommand struct {
	Page string `arg:"" help:"git-pat, or git-credential-pat with what it prints for --help on standard input"`
}

func (c *manCommand) Run(t *term.Terminal, program manual.Program) error {
	switch c.Page {
	case "git-pat":
		return t.Text(words.GitPatPage(program, versionText()))
	case "git-credential-pat":
		usage, err := io.ReadAll(t.In)
		if err != nil {
			return err
		}
		return t.Text(words.HelperPage(string(usage), versionText()))
	}
	return &words.Error{Text: fmt.Sprintf("there is no manual page %s", credential.Quote(c.Page)), Status: words.ExitUsage}
}
