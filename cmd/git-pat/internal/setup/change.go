package setup

import (
	"regexp"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// A Change is one setting of Git that is to have other values in a file.
type Change struct {
	File      File
	Key       string
	Old, Want []string
	last      bool // the value that is added goes to the end of the file
}

// Commands returns the arguments for Git that make all changes. The error is an
// *OthersError if one may not be made by a command.
func Commands(changes []Change) ([][]string, error) {
	var commands [][]string
	for _, c := range changes {
		if c.writesOthers() {
			return nil, &OthersError{c}
		}
		commands = append(commands, c.Commands()...)
	}
	return commands, nil
}

// Commands returns the arguments for Git that make the change: the fewest commands
// that say which values they mean.
func (c Change) Commands() [][]string {
	if slices.Equal(c.Old, c.Want) {
		return nil
	}
	config := c.File.Config
	var commands [][]string
	add := func(values []string) {
		for _, value := range values {
			commands = append(commands, config("--add", c.Key, value))
		}
	}
	if c.last {
		return append(commands, atEnd(c.File, c.Want[len(c.Want)-1])...)
	}
	if len(c.Want) >= len(c.Old) && slices.Equal(c.Want[:len(c.Old)], c.Old) {
		add(c.Want[len(c.Old):])
		return commands
	}
	if removed, ok := removedOnly(c.Old, c.Want); ok {
		for _, value := range removed {
			commands = append(commands, config("--unset", c.Key, git.Exactly(value)))
		}
		return commands
	}
	commands = append(commands, config("--unset-all", c.Key))
	add(c.Want)
	return commands
}

// atEnd returns the arguments for Git that include a file at the end of another.
// Git adds a line to the section that there is; only a new section goes to the end.
func atEnd(f File, path string) [][]string {
	return [][]string{f.Config("--add", "git-pat.path", path), f.Config("--rename-section", "git-pat", "include")}
}

// writesOthers reports whether a command has a value in it that others wrote, and
// that may hold a password: a line with more than a name.
func (c Change) writesOthers() bool {
	if c.Key == includePath {
		return false // the path of a file; ours may have a space in it
	}
	return slices.ContainsFunc(c.Old, func(value string) bool {
		if git.RunsPat(value) || isGH.MatchString(value) || !strings.ContainsAny(value, " \t\n") && !git.HoldsSecret(value) {
			return false
		}
		return slices.ContainsFunc(c.Commands(), func(args []string) bool {
			return slices.Contains(args, value) || slices.Contains(args, git.Exactly(value))
		})
	})
}

// isGH finds what gh auth setup-git writes.
var isGH = regexp.MustCompile(`^!(\S*/)?gh auth git-credential$`)

// removedOnly returns the values that are in old and not in want, if that is
// all the difference and each is there once.
func removedOnly(old, want []string) (removed []string, ok bool) {
	rest := slices.DeleteFunc(slices.Clone(old), func(value string) bool {
		if slices.Contains(want, value) {
			return false
		}
		ok = !slices.Contains(removed, value)
		removed = append(removed, value)
		return true
	})
	return removed, ok && slices.Equal(rest, want) && len(rest)+len(removed) == len(old)
}
