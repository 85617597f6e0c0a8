// Package shell writes commands that people paste into their shell: one of POSIX, or
// on Windows cmd or PowerShell. Which of these two it is cannot be told, so there the
// commands are such that both have.
package shell

import (
	"os"
	"runtime"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A Shell is the kind of a person's shell.
type Shell bool

const (
	POSIX   Shell = false
	Windows Shell = true
)

// Own returns the shell of the person. On Windows, Git Bash and its like set SHELL.
func Own() Shell { return runtime.GOOS == "windows" && os.Getenv("SHELL") == "" }

// Word returns a text as one word of a command.
func (s Shell) Word(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+=:/\\"
	switch {
	case s == POSIX:
		return credential.ShellWord(text)
	case text != "" && strings.Trim(text, plain) == "":
		return text
	}
	return `"` + credential.Visible(text) + `"`
}

// Set returns the command that sets a variable: for the shell, or on Windows for all
// programs that are started later.
func (s Shell) Set(name, value string) string {
	if s == POSIX {
		return "export " + name + "=" + s.Word(value)
	}
	return "setx " + name + " " + s.Word(value)
}

// Unset returns the command that removes a variable. On Windows that is the window
// in which people do it, because a command can only empty it.
func (s Shell) Unset(name string) string {
	if s == POSIX {
		return "unset " + name
	}
	return environmentWindow
}

// AddToPath returns the command that adds a folder to PATH. On Windows that is the
// window in which people do it: setx would cut a long PATH.
func (s Shell) AddToPath(folder string) string {
	if s == POSIX {
		return "PATH=$PATH:" + s.Word(folder)
	}
	return environmentWindow
}

const environmentWindow = "rundll32 sysdm.cpl,EditEnvironmentVariables"

// Remove returns the command that removes a file.
func (s Shell) Remove(path string) string {
	if s == POSIX {
		return "rm " + s.Word(path)
	}
	return "del " + s.Word(path)
}

// Feed returns a command whose standard input is a file.
func (s Shell) Feed(command, path string) string {
	if s == POSIX {
		return command + " <" + s.Word(path)
	}
	return "type " + s.Word(path) + " | " + command
}
