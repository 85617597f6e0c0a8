// Package shell writes commands that people paste into their shell. That is a POSIX
// shell, or on Windows cmd or PowerShell. A program cannot tell which of the two it
// is, so on Windows the commands work in both.
package shell

import (
	"os"
	"runtime"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A Shell is the kind of a person's shell.
type Shell bool

// The kinds of shells. Windows is both cmd and PowerShell.
const (
	POSIX   Shell = false
	Windows Shell = true
)

// Own returns the shell of the person. On Windows, Git Bash and similar shells set
// SHELL.
func Own() Shell { return runtime.GOOS == "windows" && os.Getenv("SHELL") == "" }

// Word returns a text as one word of a command. No quotes protect some texts in both
// shells of Windows. For such a text, Word returns VALUE, which the person replaces:
// a text from a repository or a server must never run as a command.
func (s Shell) Word(text string) string { return s.wordOr(text, "VALUE") }

// wordOr is Word with another placeholder.
func (s Shell) wordOr(text, placeholder string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+=:/\\"
	switch {
	case s == POSIX:
		return credential.ShellWord(text)
	case text != "" && strings.Trim(text, plain) == "":
		return text
	case !isQuotable(text):
		return placeholder
	}
	return `"` + credential.Visible(text) + `"`
}

// isQuotable reports whether cmd and PowerShell both read a text between double quotes
// as it is. The quotes “, ” and „ end a word in PowerShell, as " does. It expands $NAME,
// $(COMMAND) and backticks, but not a $ before the closing quote, with which regular
// expressions end. cmd expands %NAME%.
func isQuotable(text string) bool {
	return !strings.ContainsAny(strings.TrimSuffix(text, "$"), "\"“”„$`%")
}

// Set returns the command that sets a variable: for the shell, or on Windows for all
// programs that start later. If no quotes protect the value on Windows, the command
// opens the window in which people set variables.
func (s Shell) Set(name, value string) string {
	switch {
	case s == POSIX:
		return "export " + name + "=" + s.Word(value)
	case !isQuotable(value):
		return environmentWindow
	}
	return "setx " + name + " " + s.Word(value)
}

// Unset returns the command that removes a variable. On Windows the command opens the
// window in which people do it, because setx can only make a variable empty.
func (s Shell) Unset(name string) string {
	if s == POSIX {
		return "unset " + name
	}
	return environmentWindow
}

// AddToPath returns the command that adds a folder to PATH. On Windows the command
// opens the window in which people do it, because setx would cut a long PATH.
func (s Shell) AddToPath(folder string) string {
	if s == POSIX {
		return "PATH=$PATH:" + s.Word(folder)
	}
	return environmentWindow
}

const environmentWindow = "rundll32 sysdm.cpl,EditEnvironmentVariables"

// Remove returns the command that removes a file. It has FILE in the place of a path
// that Word cannot quote.
func (s Shell) Remove(path string) string {
	if s == POSIX {
		return "rm " + s.Word(path)
	}
	return "del " + s.wordOr(path, "FILE")
}

// Feed returns a command whose standard input is a file. It has FILE in the place of a
// path that Word cannot quote.
func (s Shell) Feed(command, path string) string {
	if s == POSIX {
		return command + " <" + s.Word(path)
	}
	return "type " + s.wordOr(path, "FILE") + " | " + command
}
