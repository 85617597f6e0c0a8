package main

import (
	"errors"
	"strings"

	"github.com/alecthomas/kong"
)

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
	return &hintError{text: inOurWords(err.Error(), node), status: exitUsage, hint: "to see how to use it:", commands: []string{command}}
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
		text = quote(word) + " is not a command"
	} else if ok {
		text = quote(word) + " is one argument too many"
	} else if flag, ok := strings.CutPrefix(text, "unknown flag "); ok {
		text = "there is no option " + quote(flag)
	}
	return text + suggestion
}
