package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/answer"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

type tokenCommand struct {
	URL  string `arg:"" optional:"" name:"url-or-target" help:"the URL of a repository, or a target; default: the repository in the current folder"`
	Push bool   `help:"print the token for a push, not for a fetch"`
	Show bool   `help:"print the token even if standard output is a terminal"`
}

func (c *tokenCommand) Run(ctx context.Context, t *term.Terminal, a *answer.Finder) error {
	if t.Screen && !c.Show {
		return &words.Error{Text: "the token would be visible on the terminal", Hint: "to print it there anyway, add --show"}
	}
	_, secret, err := tokenFor(ctx, t, a, c.URL, "git pat token", c.Push)
	if err != nil {
		return err
	}
	return t.Text(secret.Reveal() + "\n")
}

// tokenFor returns the token that answers for what a person named. If none does, it
// says why. For an SSH URL it is the token for the https URL of the repository.
func tokenFor(ctx context.Context, t *term.Terminal, a *answer.Finder, name, command string, push bool) (winner credential.Considered, secret credential.Secret, err error) {
	url, err := named(ctx, t, a.Resolver, name, command, push)
	if err != nil {
		return winner, secret, err
	}
	if remote, err := git.ParseRemote(url); err == nil && remote.Protocol == "ssh" {
		if url = a.OverHTTPS(ctx, remote, url).HTTPS(); push {
			url = a.AsPush(ctx, url)
		}
	}
	found, err := a.Resolve(ctx, resolve.WithoutPassword(url))
	if err != nil {
		return winner, secret, err
	}
	winner, ok := found.Winner()
	switch {
	case !ok:
		advise(t, a.WhyNone(ctx, url, found))
		return winner, secret, errSaid
	case found.Login.Password == nil:
		return winner, secret, &words.Error{Text: fmt.Sprintf("%s holds neither a token nor a password", winner.Title())}
	}
	return winner, *found.Login.Password, nil
}

// named returns the URL that a person means; see resolve.Resolver.Named. The
// command is the one to name another URL with.
func named(ctx context.Context, t *term.Terminal, r *resolve.Resolver, name, command string, push bool) (string, error) {
	found, err := r.Named(ctx, name, push)
	if folder, ok := git.Bare(err); ok {
		return "", words.BareRepository(folder, command)
	}
	if errors.Is(err, resolve.ErrNoRemote) || errors.Is(err, resolve.ErrSeveralRemotes) {
		return "", &words.Error{Text: err.Error(), Hint: "name a repository, or the owner of one:", Commands: []string{command + " URL", command + " OWNER"}}
	}
	if found.Remote != "" {
		t.Say("%s means %s here", credential.Quote(name), words.Target(found.Target))
		t.Hint("for the remote with that name:", command+" "+shell.Own().Word(git.WithoutUser(found.Remote)))
	}
	return found.URL, err
}
