// Package manual makes texts from the declarations of a program's commands: usage
// lines, help, pages of the manual, and errors in the arguments.
//
// It knows the program only by its name and its model, and prints nothing.
package manual

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// A Program is a program with commands.
type Program struct {
	Name     string // as people type it
	Overview string // what it is for, in a few lines
	Model    *kong.Application

	// Synonyms are words that other programs have for a command.
	Synonyms map[string]string
}

// Commands returns the commands that are shown to people.
func (p Program) Commands() []*kong.Node {
	var shown []*kong.Node
	for _, node := range p.Model.Children {
		if !node.Hidden {
			shown = append(shown, node)
		}
	}
	return shown
}

// Help is the help on the program, in the manner of Git's own.
func (p Program) Help() string {
	var b strings.Builder
	b.WriteString("usage: " + p.Usage(nil) + "\n\n" + p.Overview + "\n\nThe commands are\n\n")
	for _, node := range p.Commands() {
		fmt.Fprintf(&b, "    %-11s %s\n", node.Name, node.Help)
	}
	b.WriteString("\nFor help on a command: " + p.Name + " help <command>\n")
	return b.String()
}

// HelpOn is the help on a command. The error is a *NoCommandError if there is no
// such command.
func (p Program) HelpOn(command string) (string, error) {
	for _, node := range p.Model.Children {
		if node.Name == command {
			return p.help(node), nil
		}
	}
	return "", p.noCommand(command, p.Name+" help ")
}

func (p Program) help(node *kong.Node) string {
	var b strings.Builder
	flags := Flags(node)
	b.WriteString("usage: " + p.Usage(node) + "\n\n    " + node.Help + ".\n")
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
	return b.String()
}

// Usage is how a command is typed, or the program if the command is nil.
func (p Program) Usage(node *kong.Node) string {
	if node == nil {
		return p.Name + " <command> [<options>]"
	}
	text := p.Name + " " + node.Name
	if len(Flags(node)) > 0 {
		text += " [<options>]"
	}
	for _, arg := range node.Positional {
		text += " " + argument(arg)
	}
	return text
}

// Flags returns the options of a command that are shown to people.
func Flags(node *kong.Node) []*kong.Flag {
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

// option writes a word and its meaning in two columns, as Git does.
func option(b *strings.Builder, word, meaning string) {
	const column, width = 26, 54
	line := "    " + word
	if len(line) < column-1 {
		line += strings.Repeat(" ", column-len(line))
	} else {
		line += "\n" + strings.Repeat(" ", column)
	}
	b.WriteString(line + strings.Join(filled(meaning, width), "\n"+strings.Repeat(" ", column)) + "\n")
}

// filled breaks a text into lines of at most so many bytes, or of one word.
func filled(text string, width int) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len(*last)+1+len(word) > width:
			lines = append(lines, word)
		default:
			*last += " " + word
		}
	}
	return lines
}
