package manual

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A UsageError says what is wrong with the arguments of a command.
type UsageError struct {
	Node *kong.Node // the command, or nil
	text string
}

func (e *UsageError) Error() string { return e.text }

// A NoCommandError says that a word is not a command.
type NoCommandError struct {
	Word  string
	Meant []string // command lines that the person may have meant
}

func (e *NoCommandError) Error() string { return "there is no command " + credential.Quote(e.Word) }

// AsksForHelp reports whether the arguments ask for help by an option, or because
// there are none, and on which command.
func AsksForHelp(args []string) (command string, ok bool) {
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

// Explain returns a *UsageError or a *NoCommandError for an error of kong's parser,
// and any other error as it is.
func (p Program) Explain(err error) error {
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
		return p.noCommand(rest[0], p.Name+" ")
	case len(rest) > 0:
		text = credential.Quote(rest[0]) + " is one argument too many"
	}
	return &UsageError{node, text}
}

// optionError says what is wrong with the option that arguments begin with. The
// text is kong's, for a value that the option does not accept.
func optionError(node *kong.Node, rest []string, text string) string {
	name, _, hasValue := strings.Cut(rest[0], "=")
	var names []string
	if node != nil {
		for _, flag := range Flags(node) {
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
	text = "there is no option " + credential.Quote(name)
	if like := similar(strings.TrimLeft(name, "-"), names); len(like) > 0 {
		text += `, did you mean "--` + strings.Join(like, `" or "--`) + `"?`
	}
	return text
}

// CheckRepeated returns a *UsageError if an option with one value is given twice.
func CheckRepeated(parsed *kong.Context) error {
	seen := map[*kong.Flag]bool{}
	for _, p := range parsed.Path {
		if p.Flag == nil || p.Flag.IsCumulative() || p.Flag.IsBool() {
			continue
		}
		if seen[p.Flag] {
			return &UsageError{parsed.Selected(), fmt.Sprintf("--%s was given twice, but has one value", p.Flag.Name)}
		}
		seen[p.Flag] = true
	}
	return nil
}

// noCommand returns the error for a word that is not a command. The commands that
// the person may have meant follow the words before them.
func (p Program) noCommand(word, before string) *NoCommandError {
	meant := []string{p.Synonyms[strings.ToLower(word)]}
	if meant[0] == "" {
		var names []string
		for _, node := range p.Commands() {
			names = append(names, node.Name)
		}
		meant = similar(word, names)
	}
	for i := range meant {
		meant[i] = before + meant[i]
	}
	return &NoCommandError{word, meant}
}

// similar returns the names that a word probably means: those that begin with it,
// or those with the fewest typing mistakes. It returns none if there are more than
// two, because that does not help.
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
