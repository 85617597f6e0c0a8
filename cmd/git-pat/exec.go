package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/answer"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/environ"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

type execCommand struct {
	For     string   `placeholder:"URL|TARGET" help:"use the token for this; default: the repository in the current folder"`
	Push    bool     `help:"use the token for a push, not for a fetch"`
	Env     []string `placeholder:"NAME" help:"the variable to set, instead of the usual ones; may be repeated"`
	Command []string `arg:"" passthrough:"partial" help:"the command and its arguments; options after it belong to it"`
}

func (c *execCommand) Run(ctx context.Context, t *term.Terminal, a *answer.Finder, restoreCore coreFiles) error {
	command := c.Command
	if command[0] == "--" {
		command = command[1:]
	}
	if len(command) == 0 {
		return &words.Error{Text: "COMMAND is missing", Status: words.ExitUsage}
	}
	for _, name := range c.Env {
		if !store.IsVariable(name) {
			return &words.Error{Text: fmt.Sprintf("%s is not the name of a variable", credential.Quote(name)), Status: words.ExitUsage, Hint: "write --env GH_TOKEN, for example"}
		}
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return words.NotRun(command[0], err)
	}
	winner, secret, err := tokenFor(ctx, t, a, c.For, "git pat exec --for", c.Push)
	if err != nil {
		return err
	}
	if len(c.Env) == 0 && !environ.Knows(winner.Record) {
		return &words.Error{
			Text: fmt.Sprintf("no program is known that reads the token %s from a variable", winner.Title()),
			Hint: "name the variable with --env",
		}
	}
	variables, set := environ.For(os.Environ(), winner.Record, c.Env)
	for _, name := range set {
		variables = append(variables, name+"="+secret.Reveal())
	}
	restoreCore()
	return words.NotRun(command[0], environ.Become(path, command, variables))
}
