package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/input"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// What people give to the commands that add and replace tokens.

// askLogin asks for the login that belongs to a password or to a token of another
// forge. Some servers need none.
func askLogin(t *term.Terminal, r *credential.Record) error {
	question := fmt.Sprintf("Login for %s (empty if it needs none): ", r.Host)
	switch {
	case r.Username != "" || r.Kind == credential.Other && r.IsToken() || !r.Kind.NeedsUserName():
		return nil
	case r.Kind == forge.GitLabDeploy:
		question = "User name that GitLab showed with the deploy token: "
	}
	login, err := t.Ask(question)
	if err != nil {
		return err
	}
	r.Username = login
	return input.CheckWords(*r)
}

// pastes is how often a person may paste a token whose checksum is wrong.
const pastes = 3

// readToken reads a token from standard input, from a read-only store, or from the
// terminal. It is empty if the variable of the store is not set.
func readToken(ctx context.Context, t *term.Terminal, kept *tokens.Tokens, r credential.Record, fromInput bool) (credential.Secret, error) {
	if !fromInput && store.ReadOnly(r.Store) {
		secret, err := kept.Read(ctx, r.Store)
		if err != nil || secret.Empty() {
			return secret, err
		}
		return input.ParseSecret(secret.Reveal())
	}
	for n := 1; ; n++ {
		secret, err := readOnce(t, r, fromInput)
		if err != nil || github.ChecksumOf(secret) != github.ChecksumBad {
			return secret, err
		}
		const wrong = "the checksum of this token is wrong, so it is mistyped or incomplete"
		if fromInput || n == pastes {
			return secret, &words.Error{Text: wrong + "; nothing was changed", Hint: "copy the whole token again"}
		}
		t.Say(wrong + "; copy the whole token and paste it again")
	}
}

// readOnce is readToken for a token with any checksum.
func readOnce(t *term.Terminal, r credential.Record, fromInput bool) (credential.Secret, error) {
	var text string
	if fromInput {
		in, err := io.ReadAll(io.LimitReader(bufio.NewReader(t.In), input.MaxSecret+1))
		if err != nil {
			return credential.Secret{}, err
		}
		text = string(in)
	} else {
		var err error
		again := "git pat " + words.CommandLine(os.Args[1:])
		text, err = t.AskSecret(fmt.Sprintf("Token for %s (it is not shown): ", r.Target))
		if err == term.ErrHidden {
			return credential.Secret{}, &words.Error{
				Text: "this window of Git Bash does not show the question for the token",
				Hint: "use winpty, or pipe the token into the command:", Commands: []string{"winpty " + again, again + " --with-token"},
			}
		}
		if err == term.ErrNoTerminal {
			return credential.Secret{}, &words.Error{
				Text: "there is no terminal to ask for the token at",
				Hint: "pipe the token into this command:", Commands: []string{again + " --with-token"},
			}
		}
		if err == term.ErrSeveralLines {
			return credential.Secret{}, input.ErrSeveralLines
		}
		if err != nil {
			return credential.Secret{}, err
		}
	}
	return input.ParseSecret(text)
}
