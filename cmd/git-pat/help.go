package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
)

type helpCommand struct {
	Command string `arg:"" optional:"" help:"the command"`
}

func (helpCommand) Help() string {
	return `git pat COMMAND -h shows the same. For git pat --help, Git itself shows the
manual page, which make install installs.`
}

func (c *helpCommand) Run(t *term.Terminal, model *kong.Application) error {
	return help(t, model, c.Command)
}

const overview = `Git asks git-credential-pat for a token when it logs in over https. With git pat
you add and manage the tokens.

    git pat setup            configure Git, once
    git pat add acme         add a token for all repositories of acme
    git pat list             list your tokens`

// help prints the help on a command, or on all of them, in the manner of Git's
// own.
func help(t *term.Terminal, model *kong.Application, command string) error {
	if command == "" {
		return helpAll(t, model)
	}
	for _, node := range model.Children {
		if node.Name == command {
			return helpCommandText(t, node)
		}
	}
	return noCommand(model, command, "git pat help ")
}

func helpAll(t *term.Terminal, model *kong.Application) error {
	var b strings.Builder
	b.WriteString("usage: " + usageOf(nil) + "\n\n" + overview + "\n\nThe commands are\n\n")
	for _, node := range model.Children {
		if node.Hidden {
			continue
		}
		fmt.Fprintf(&b, "    %-11s %s\n", node.Name, node.Help)
	}
	b.WriteString("\nFor help on a command: git pat help <command>\n")
	return t.Text(b.String())
}

func helpCommandText(t *term.Terminal, node *kong.Node) error {
	var b strings.Builder
	flags := ownFlags(node)
	b.WriteString("usage: " + usage(node) + "\n\n    " + node.Help + ".\n")
	if node.Detail != "" {
		b.WriteString("\n" + node.Detail + "\n")
	}
	if len(node.Positional) > 0 {
		b.WriteString("\n")
		for _, arg := range node.Positional {
			option(&b, strings.ToUpper(arg.Name), arg.Help)
		}
	}
	if len(flags) > 0 {
		b.WriteString("\n")
		for _, flag := range flags {
			option(&b, flagText(flag), flag.Help)
		}
	}
	return t.Text(b.String())
}

// usage is how a command is written.
func usage(node *kong.Node) string {
	text := "git pat " + node.Name
	if len(ownFlags(node)) > 0 {
		text += " [<options>]"
	}
	for _, arg := range node.Positional {
		text += " " + argument(arg)
	}
	return text
}

func ownFlags(node *kong.Node) []*kong.Flag {
	var flags []*kong.Flag
	for _, flag := range node.Flags {
		if !flag.Hidden {
			flags = append(flags, flag)
		}
	}
	return flags
}

func argument(arg *kong.Positional) string {
	text := strings.ToUpper(arg.Name)
	if arg.IsCumulative() {
		text += "..."
	}
	if !arg.Required {
		text = "[" + text + "]"
	}
	return text
}

func flagText(flag *kong.Flag) string {
	text := "--" + flag.Name
	if flag.Short != 0 {
		text = "-" + string(flag.Short) + ", " + text
	}
	if !flag.IsBool() {
		text += " " + flag.PlaceHolder
	}
	return text
}

// option prints a word with what it means in a column of its own, as Git does.
func option(b *strings.Builder, word, meaning string) {
	const column, width = 26, 54
	line := "    " + word
	if len(line) < column-1 {
		line += strings.Repeat(" ", column-len(line))
	} else {
		line += "\n" + strings.Repeat(" ", column)
	}
	b.WriteString(line)
	used := 0
	for i, w := range strings.Fields(meaning) {
		switch {
		case i == 0:
		case used+1+len(w) > width:
			b.WriteString("\n" + strings.Repeat(" ", column))
			used = 0
		default:
			b.WriteString(" ")
			used++
		}
		b.WriteString(w)
		used += len(w)
	}
	b.WriteString("\n")
}
