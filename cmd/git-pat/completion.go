package main

import (
	"context"
	"embed"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/complete"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

type completionCommand struct {
	Shell string `arg:"" help:"bash, zsh or fish"`
}

// completions has a script for each shell. Each asks git-pat __complete how a
// line may go on.
//
//go:embed completion.bash completion.zsh completion.fish
var completions embed.FS

func (c *completionCommand) Run(t *term.Terminal) error {
	script, err := completions.ReadFile("completion." + c.Shell)
	if err != nil {
		return &words.Error{Text: fmt.Sprintf("there is no completion for the shell %s", credential.Quote(c.Shell)), Status: words.ExitUsage, Hint: "there is one for bash, zsh and fish"}
	}
	return t.Text(string(script))
}

// completeWords answers the scripts. It prints the words that may replace the last
// one, one on each line, with their meanings after a tab. If the last word belongs
// to another program, it prints nothing and the exit status is 1. The shell then
// completes the names of files. Errors are not shown, because somebody is typing.
func completeWords(ctx context.Context, t *term.Terminal, model *kong.Application, line []string) error {
	kept, err := openTokens(t)
	if err != nil {
		kept = &tokens.Tokens{Tree: record.NewTree(os.DevNull)} // a tree without records
	}
	settings := new(git.Cache)
	reader := newRemotes(kept, settings)
	reader.SSH = nil // it may take seconds
	c := complete.Completer{Model: model, Tokens: kept, Remotes: complete.Fetched(ctx, newResolver(kept, settings, reader))}
	words, ours := c.Words(line)
	if !ours {
		return errSaid
	}
	var b strings.Builder
	for _, word := range words {
		b.WriteString(credential.Visible(word.Text) + "\t" + credential.Visible(word.Meaning) + "\n")
	}
	return t.Text(b.String())
}
