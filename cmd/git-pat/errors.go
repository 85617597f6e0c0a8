package main

// Why a command could not do its work, for a person.

import (
	"errors"
	"fmt"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/environ"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/manual"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes/fix"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// Exit statuses.
const (
	exitCannot = 1 // the command could not do its work
	exitUsage  = 2 // the command line is wrong
)

// A hintError is an error with a hint.
type hintError struct {
	text     string
	status   int // exitCannot if 0
	usage    string
	hint     string
	commands []string
}

func (e *hintError) Error() string { return e.text }

// errSaid ends a command that has said what is wrong.
var errSaid = errors.New("said")

// exit says what went wrong, if anything did, and returns the exit status.
func exit(t *term.Terminal, err error) int {
	var ended *environ.EndedError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSaid):
		return exitCannot
	case errors.As(err, &ended):
		return ended.Status
	}
	e := withHint(err)
	t.Say("%s", strings.ReplaceAll(e.text, "\n", " ")) // several errors are joined by newlines
	if e.usage != "" {
		t.Usage(e.usage)
	}
	if e.hint != "" {
		t.Hint(e.hint, e.commands...)
	}
	if e.status != 0 {
		return e.status
	}
	return exitCannot
}

// withHint returns an error with the hint that belongs to it.
func withHint(err error) *hintError {
	var (
		known    *hintError
		usage    *manual.UsageError
		command  *manual.NoCommandError
		target   *tokens.TargetError
		missing  *tokens.NotFoundError
		several  *tokens.SeveralError
		changed  *tokens.ChangedError
		others   *fix.ChangedError
		rival    *fix.RivalError
		lost     *tokens.LostError
		copied   *tokens.CopyError
		exists   *tokens.ExistsError
		late     *tokens.LateError
		secret   *tokens.SecretError
		notURL   *resolve.URLError
		otherURL *resolve.HostError
		file     *homefile.Error
	)
	e := &hintError{text: err.Error()}
	switch {
	case errors.As(err, &known):
		e.status, e.usage, e.hint, e.commands = known.status, known.usage, known.hint, known.commands
	case errors.As(err, &usage):
		e.status = exitUsage
	case errors.As(err, &command) && len(command.Meant) > 0:
		e.status, e.hint, e.commands = exitUsage, "did you mean this?", command.Meant
	case errors.As(err, &command):
		e.status, e.hint, e.commands = exitUsage, "to list the commands:", []string{"git pat help"}
	case errors.Is(err, term.ErrCancelled), errors.Is(err, term.ErrSeveralLines):
		e.text += "; nothing was changed"
	case errors.As(err, &target):
		e.status, e.hint, e.commands = exitUsage, "what a target is:", []string{"git pat help add"}
	case errors.As(err, &missing) && len(missing.Near) > 0:
		e.hint = "there is"
		for _, c := range missing.Near {
			e.commands = append(e.commands, c.Arguments())
		}
	case errors.As(err, &missing):
		e.hint, e.commands = "to list all tokens:", []string{"git pat list"}
	case errors.As(err, &several):
		e.hint = "to choose one, add one of these:"
		for _, c := range several.Found {
			e.commands = append(e.commands, "--name "+shellWord(c.Name))
		}
	case errors.As(err, &changed):
		e.hint, e.commands = "to see the tokens that there are now:", []string{listOf(changed.Record.Target)}
	case errors.As(err, &others):
		e.hint, e.commands = "to see the tokens that there are now:", []string{listOf(others.Record.Target)}
	case errors.As(err, &rival):
		e.hint, e.commands = "to see which:", []string{"git pat explain " + shellWord(rival.URL)}
	case errors.As(err, &lost):
		if page := github.TokensPage(lost.Record.Host, lost.Record.Kind); page != "" {
			e.hint = "to delete the token at the server: " + page
		}
	case errors.As(err, &copied):
		move := onToken("git pat move", copied.Record) + " --yes --store "
		e.hint = "to delete the copy, move the token there and back:"
		e.commands = []string{move + shellWord(copied.Store), move + shellWord(copied.Record.Store)}
	case errors.As(err, &exists):
		e.hint = "choose another name with --name"
	case errors.As(err, &secret):
		return tokenGiven(secret.Kind)
	case errors.As(err, &late):
		e.text += "; it may still store the token, so the token stays in the list"
		e.hint, e.commands = "if the token does not work later, add it again:", []string{onToken("git pat add", late.Record) + " --replace"}
	case errors.As(err, &notURL):
		e.status = exitUsage
	case errors.As(err, &otherURL):
		e.text += ", so nothing is done"
	case errors.Is(err, resolve.ErrNoRemote), errors.Is(err, resolve.ErrSeveralRemotes):
		e.hint = "name the URL of a remote"
	case errors.Is(err, git.ErrSecret):
		e.hint, e.commands = "change it by hand, in the file that this shows:", []string{"git config --list --show-origin --name-only"}
	case errors.As(err, &file) && file.Fault == homefile.IsDevice:
		e.hint = "if a program writes to it, have that write to a file first"
	default:
		e.hint = advice.Of(err)
	}
	return e
}

// ifChanged completes the error of a token that another program changed meanwhile:
// so says what that means, as in "nothing is removed".
func ifChanged(err error, so string) error {
	var changed *tokens.ChangedError
	if errors.As(err, &changed) {
		return fmt.Errorf("%w, so %s", err, so)
	}
	return err
}

// confirm asks a question. It returns an error if the answer is no, which refused
// says, and if there is nobody to ask: without is the hint then.
func confirm(t *term.Terminal, question, refused, without string) error {
	yes, err := t.Confirm(question)
	switch {
	case err == term.ErrNoTerminal:
		return noTerminal(without)
	case err == nil && !yes:
		return &hintError{text: refused}
	}
	return err
}

// noTerminal is the error if a command cannot ask.
func noTerminal(hint string) error {
	return &hintError{text: "there is no terminal to ask at", hint: hint}
}

// bareError says how to work in a bare repository. Without --git-dir, git pat does
// not treat a folder as one: it may be content of another repository.
func bareError(folder, command string) error {
	return &hintError{
		text:     "this folder looks like a bare repository, and may be part of somebody else's",
		hint:     "if it is yours, name it:",
		commands: []string{"git --git-dir=" + shellWord(folder) + strings.TrimPrefix(command, "git")},
	}
}

// advise says what is wrong and what to do about it.
func advise(t *term.Terminal, a advice.Advice) {
	t.Say("%s", a.What)
	if a.Do != "" {
		t.Hint(a.Do, a.Commands...)
	}
}

// quote makes a text from outside fit for a sentence.
func quote(s string) string { return credential.Quote(s) }

// shellWord makes a text one word of a shell's command line.
func shellWord(s string) string { return credential.ShellWord(s) }

// quoteAll makes arguments a shell's command line.
func quoteAll(args []string) string {
	words := make([]string, 0, len(args))
	for _, arg := range args {
		words = append(words, shellWord(arg))
	}
	return strings.Join(words, " ")
}

// gitLine is a command line of Git.
func gitLine(args []string) string { return "git " + quoteAll(args) }

// steps are what to do: words, then commands.
func steps(a advice.Advice) []string {
	if a.Do == "" {
		return nil
	}
	return append([]string{a.Do}, a.Commands...)
}

// onToken is a command on one token, as in git pat remove.
func onToken(command string, r credential.Record) string { return command + " " + r.Arguments() }

// listOf is the command that lists the tokens for a target.
func listOf(t credential.Target) string { return "git pat list " + shellWord(t.Short()) }
