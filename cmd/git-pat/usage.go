package main

import (
	"errors"
	"slices"
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

// usageOf is the usage line of a command, or of git pat for no command.
func usageOf(node *kong.Node) string {
	if node == nil {
		return "git pat <command> [<options>]"
	}
	return usage(node)
}

// usageError says what is wrong with the arguments that kong does not accept.
func usageError(model *kong.Application, err error) error {
	var parse *kong.ParseError
	if !errors.As(err, &parse) || len(parse.Context.Path) == 0 {
		return err
	}
	path, node := parse.Context.Path, parse.Context.Selected()
	args := parse.Context.Args
	rest := args[len(args)-len(path[len(path)-1].Remainder()):] // begins with what kong does not accept
	text := err.Error()
	switch {
	case len(rest) == 0 && node != nil:
		for _, arg := range node.Positional {
			if arg.Required && !slices.ContainsFunc(path, func(p *kong.Path) bool { return p.Positional == arg }) {
				text = strings.ToUpper(arg.Name) + " is missing"
				break
			}
		}
	case len(rest) > 0 && strings.HasPrefix(rest[0], "-"):
		text = optionError(node, rest, text)
	case len(rest) > 0 && node == nil:
		return noCommand(model, rest[0], "git pat ")
	case len(rest) > 0:
		text = quote(rest[0]) + " is one argument too many"
	}
	return withUsage(node, &hintError{text: text, status: exitUsage})
}

// optionError says what is wrong with the option that arguments begin with. The
// text is kong's, for a value that the option does not accept.
func optionError(node *kong.Node, rest []string, text string) string {
	name, _, hasValue := strings.Cut(rest[0], "=")
	var names []string
	if node != nil {
		for _, flag := range ownFlags(node) {
			names = append(names, flag.Name)
			switch {
			case name != "--"+flag.Name && name != "-"+string(flag.Short):
			case flag.IsBool():
				return name + " takes no value"
			case !hasValue && (len(rest) == 1 || strings.HasPrefix(rest[1], "-")):
				return name + " needs a value"
			default:
				return text
			}
		}
	}
	text = "there is no option " + quote(name)
	if like := similar(strings.TrimLeft(name, "-"), names); len(like) > 0 {
		text += `, did you mean "--` + strings.Join(like, `" or "--`) + `"?`
	}
	return text
}

// repeated returns an error if an option that has one value was given twice.
func repeated(parsed *kong.Context) error {
	seen := map[*kong.Flag]bool{}
	for _, p := range parsed.Path {
		if p.Flag == nil || p.Flag.IsCumulative() || p.Flag.IsBool() {
			continue
		}
		if seen[p.Flag] {
			return &hintError{text: "--" + p.Flag.Name + " was given twice, but has one value", status: exitUsage}
		}
		seen[p.Flag] = true
	}
	return nil
}

// withUsage adds the usage line of a command to an error in the arguments.
func withUsage(node *kong.Node, err error) error {
	if err == nil {
		return nil
	}
	e := withHint(err)
	if e.status != exitUsage {
		return err
	}
	e.usage = usageOf(node)
	if e.hint == "" {
		command := "git pat help"
		if node != nil {
			command += " " + node.Name
		}
		e.hint, e.commands = "to see how to use it:", []string{command}
	}
	return e
}

// noCommand is the error for a word that is not a command. The command that was
// probably meant is shown after the words before it.
func noCommand(model *kong.Application, word, before string) error {
	e := &hintError{text: "there is no command " + quote(word), status: exitUsage, hint: "to list the commands:", commands: []string{"git pat help"}}
	meant := sameAs(word)
	if len(meant) == 0 {
		var names []string
		for _, node := range model.Children {
			if !node.Hidden {
				names = append(names, node.Name)
			}
		}
		meant = similar(word, names)
	}
	if len(meant) > 0 {
		e.hint, e.commands = "did you mean this?", nil
		for _, name := range meant {
			e.commands = append(e.commands, before+name)
		}
	}
	return e
}

// sameAs returns the command that has another name in other programs.
func sameAs(word string) []string {
	switch strings.ToLower(word) {
	case "login", "auth":
		return []string{"add"}
	case "ls", "show", "status":
		return []string{"list"}
	case "rm", "del", "delete", "logout":
		return []string{"remove"}
	case "renew", "update", "upgrade":
		return []string{"rotate"}
	case "config":
		return []string{"setup"}
	case "mv":
		return []string{"move"}
	case "which":
		return []string{"explain"}
	case "whoami":
		return []string{"verify"}
	}
	return nil
}

// similar returns the names that somebody probably meant with a word: those that
// begin with it, else those with the fewest typing mistakes. More than two names
// are no help, so then there are none.
func similar(word string, names []string) []string {
	var found []string
	fewest := min(2, len(word)/2)
	for _, name := range names {
		d := distance(word, name)
		if word != "" && strings.HasPrefix(name, word) {
			d = 0
		}
		if d < fewest {
			fewest, found = d, nil
		}
		if d == fewest {
			found = append(found, name)
		}
	}
	if len(found) > 2 {
		return nil
	}
	return found
}

// distance is how many bytes have to be inserted, deleted or replaced to turn a
// into b (Levenshtein distance).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
