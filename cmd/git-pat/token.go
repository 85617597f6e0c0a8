package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

type tokenCommand struct {
	URL  string `arg:"" optional:"" name:"url-or-target" help:"the URL of a repository, or a target; default: the repository in the current folder"`
	Push bool   `help:"print the token for a push, not for a fetch"`
	Show bool   `help:"print the token even if standard output is a terminal"`
}

func (tokenCommand) Help() string {
	return `Prints the token that git-credential-pat would give to Git, alone on a line,
for a script that cannot use git pat exec. It is not printed to a terminal,
where others may see it, unless --show is given.

A URL or target means exactly that; no setting of Git turns it into another.
See git pat help explain. For a remote over SSH the token is chosen as if it
were over https. If no token answers, nothing is printed and the exit status
is 1.

    curl --config - https://api.github.com/user <<EOF
    header = "Authorization: Bearer $(git pat token)"
    EOF`
}

func (c *tokenCommand) Run(ctx context.Context, t *term.Terminal, r *resolve.Resolver) error {
	if t.Screen && !c.Show {
		return &hintError{text: "the token would be visible on the terminal", hint: "to print it there anyway, add --show"}
	}
	_, secret, err := tokenFor(ctx, t, r, c.URL, "git pat token", c.Push)
	if err != nil {
		return err
	}
	return t.Text(secret.Reveal() + "\n")
}

// tokenFor returns the token that answers for what a person named. If none does, it
// says why. For an SSH URL it is the token for the https URL of the repository.
func tokenFor(ctx context.Context, t *term.Terminal, r *resolve.Resolver, name, command string, push bool) (winner credential.Considered, secret credential.Secret, err error) {
	url, err := named(ctx, t, r, name, command, push)
	if err != nil {
		return winner, secret, err
	}
	if remote, err := git.ParseRemote(url); err == nil && remote.Protocol == "ssh" {
		if url = r.OverHTTPS(ctx, remote, url).HTTPS(); push {
			url = r.AsPush(ctx, url)
		}
	}
	found, err := r.Resolve(ctx, resolve.WithoutPassword(url))
	if err != nil {
		return winner, secret, err
	}
	winner, ok := found.Winner()
	switch {
	case !ok:
		advise(t, whyNone(ctx, r, url, found))
		return winner, secret, errSaid
	case found.Login.Password == nil:
		return winner, secret, &hintError{text: fmt.Sprintf("%s holds neither a token nor a password", winner.Title())}
	}
	return winner, *found.Login.Password, nil
}

// named returns the URL that a person means; see resolve.Resolver.Named. The
// command is the one to name another URL with.
func named(ctx context.Context, t *term.Terminal, r *resolve.Resolver, name, command string, push bool) (string, error) {
	found, err := r.Named(ctx, name, push)
	if folder, ok := git.Bare(err); ok {
		return "", bareError(folder, command)
	}
	if errors.Is(err, resolve.ErrNoRemote) || errors.Is(err, resolve.ErrSeveralRemotes) {
		return "", &hintError{text: err.Error(), hint: "name a repository, or the owner of one:", commands: []string{command + " URL", command + " OWNER"}}
	}
	if found.Remote != "" {
		t.Say("%s means %s here", quote(name), targetInWords(found.Target))
		t.Hint("for the remote with that name:", command+" "+shellWord(git.WithoutUser(found.Remote)))
	}
	return found.URL, err
}

// targetInWords says what a target is.
func targetInWords(target credential.Target) string {
	switch {
	case len(target.Paths) == 0:
		return "the host " + target.String()
	case len(target.Paths) > 1:
		return "the repositories " + target.String()
	case target.Owner() != target.Paths[0]:
		return "the repository " + target.String()
	}
	return "the owner " + target.String()
}
