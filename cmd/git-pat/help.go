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
		return t.Text(pageOfGitPat(program))
	case "git-credential-pat":
		usage, err := io.ReadAll(t.In)
		if err != nil {
			return err
		}
		return t.Text(pageOfHelper(string(usage)))
	}
	return &words.Error{Text: fmt.Sprintf("there is no manual page %s", credential.Quote(c.Page)), Status: words.ExitUsage}
}

func pageOfGitPat(program manual.Program) string {
	p := manual.NewPage("git-pat", versionText(), "keep tokens for Git, one for each owner or repository")
	p.Section("SYNOPSIS", "git pat COMMAND [OPTIONS]")
	p.Section("DESCRIPTION", program.Overview)
	p.Section("COMMANDS", "")
	p.Commands(program)
	p.Section("EXIT STATUS", "")
	p.Item("0", "what was asked is done")
	p.Item("1", "it could not be")
	p.Item("2", "wrong usage")
	p.Paragraph("After git pat exec it is that of the command.")
	describeFiles(p)
	p.Item("NO_COLOR", "if it is set, nothing has a colour")
	p.Section("SEE ALSO", "git-credential-pat(1), git-credential(1), gitcredentials(7), git-config(1)")
	return p.String()
}

// pageOfHelper makes the page of git-credential-pat from what it prints for --help.
func pageOfHelper(text string) string {
	synopsis, description, _ := strings.Cut(text, "\n\n")
	p := manual.NewPage("git-credential-pat", versionText(), "Git credential helper that picks the right GitHub token for each repository")
	p.Section("SYNOPSIS", strings.Join(strings.Fields(strings.TrimPrefix(synopsis, "usage: ")), " "))
	p.Section("DESCRIPTION", description)
	p.Section("EXIT STATUS", "")
	p.Item("0", "success, even if there is no answer")
	p.Item("1", "an error")
	p.Item("2", "wrong usage")
	describeFiles(p)
	p.Item("GIT_TERMINAL_PROMPT", "if it is 0, the helper does not wait for a person to unlock a keyring")
	p.Section("SEE ALSO", "git-pat(1), git-credential(1), gitcredentials(7)")
	return p.String()
}

// describeFiles describes what both programs have. More variables may follow.
func describeFiles(p *manual.Page) {
	p.Section("FILES", "")
	p.Item("~/.local/share/git-pat", "what each token is for, in small files without secrets, and the secrets of the store "+
		"called file; on macOS in ~/Library/Application Support/git-pat, on Windows in %LocalAppData%\\git-pat")
	p.Section("ENVIRONMENT", "")
	p.Item("GIT_PAT_DIR", "the folder for these files, instead")
	p.Item("XDG_DATA_HOME", "the folder that has git-pat, instead of ~/.local/share")
}
