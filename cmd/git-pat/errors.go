package main

import (
	"context"
	"errors"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/answer"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/environ"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
)

// Why a command could not do its work, for a person.

// errSaid ends a command that has said what is wrong.
var errSaid = errors.New("said")

// exit says what went wrong, if anything did, and returns the exit status.
func exit(t *term.Terminal, err error) int {
	var ended *environ.EndedError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSaid):
		return words.ExitFailure
	case errors.As(err, &ended):
		return ended.Status
	}
	e := words.Hinted(err)
	t.Say("%s", strings.ReplaceAll(e.Text, "\n", "; ")) // several errors are joined by newlines
	if e.Usage != "" {
		t.Usage(e.Usage)
	}
	if e.Hint != "" {
		t.Hint(e.Hint, e.Commands...)
	}
	if e.Status != 0 {
		return e.Status
	}
	return words.ExitFailure
}

// confirm asks a question. It returns an error if the answer is no, which refused
// says, and if there is nobody to ask: without is the hint then.
func confirm(t *term.Terminal, question, refused, without string) error {
	yes, err := t.Confirm(question)
	switch {
	case err == term.ErrNoTerminal:
		return words.NoTerminal(without)
	case err == nil && !yes:
		return &words.Error{Text: refused}
	}
	return err
}

// advise says what is wrong and what to do about it.
func advise(t *term.Terminal, a advice.Advice) {
	if a.What != "" {
		t.Say("%s", a.What)
	}
	if a.Do != "" {
		t.Hint(a.Do, a.Commands...)
	}
}

// adviseAll says what helps with the remotes and the large files of a repository.
func adviseAll(ctx context.Context, t *term.Terminal, a *answer.Finder, entries []*remotes.Entry, files []remotes.LFS) error {
	helps, err := a.Helps(ctx, entries, files)
	for _, help := range helps {
		advise(t, help)
	}
	return err
}
