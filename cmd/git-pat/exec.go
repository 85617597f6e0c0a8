package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/environ"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/store"
)

type execCommand struct {
	For     string   `placeholder:"URL|TARGET" help:"use the token for this; default: the repository in the current folder"`
	Push    bool     `help:"use the token for a push, not for a fetch"`
	Env     []string `placeholder:"NAME" help:"the variable to set, instead of the usual ones; may be repeated"`
	Command []string `arg:"" passthrough:"partial" help:"the command and its arguments; options after it belong to it"`
}

func (execCommand) Help() string {
	return `Runs a command with the token that git-credential-pat would give to Git for
the repository, in the variables that gh and other programs read:

    github.com            GH_TOKEN and GITHUB_TOKEN
    a host of ghe.com     GH_TOKEN, GITHUB_TOKEN and GH_HOST
    another GitHub host   GH_ENTERPRISE_TOKEN and GH_HOST
    GitLab                GITLAB_TOKEN and GITLAB_HOST
    Azure DevOps          AZURE_DEVOPS_EXT_PAT
    Gitea, Forgejo        GITEA_TOKEN, GITEA_SERVER_TOKEN, GITEA_INSTANCE_URL
                          and GITEA_SERVER_URL

Old values of these variables and of GITHUB_ENTERPRISE_TOKEN are removed. With
--env the token goes into the variables named instead, and GitHub's variables
stay. Then it may also be a password, or a token of Bitbucket.

No variable sends the token to another host: a variable that begins with GH_,
GHE_ or GITHUB_ and names another host, such as GH_HOST, GH_REPO or
GITHUB_API_URL, is removed. The variable of a store env:VARIABLE is removed
too.

A URL or target after --for means exactly that; no setting of Git turns it
into another. See git pat help explain. For a remote over SSH the token is
chosen as if it were over https.

The command replaces git pat: signals, the terminal and the exit status are
its own. If no token answers, the command is not run and the exit status is 1.
The exit status is 127 if there is no such command, and 126 if it cannot be
run.

    git pat exec -- gh pr list
    git pat exec --for acme -- gh repo list acme
    git pat exec --env HOMEBREW_GITHUB_API_TOKEN -- brew update`
}

func (c *execCommand) Run(ctx context.Context, t *term.Terminal, r *resolve.Resolver, restoreCore coreFiles) error {
	command := c.Command
	if command[0] == "--" {
		command = command[1:]
	}
	if len(command) == 0 {
		return &hintError{text: "COMMAND is missing", status: exitUsage}
	}
	for _, name := range c.Env {
		if !store.IsVariable(name) {
			return &hintError{text: fmt.Sprintf("%s is not the name of a variable", quote(name)), status: exitUsage, hint: "write --env GH_TOKEN, for example"}
		}
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return notRun(command[0], err)
	}
	winner, secret, err := tokenFor(ctx, t, r, c.For, "git pat exec --for", c.Push)
	if err != nil {
		return err
	}
	if len(c.Env) == 0 && !environ.Knows(winner.Record) {
		return &hintError{
			text: fmt.Sprintf("no program is known that reads the token %s from a variable", winner.Title()),
			hint: "name the variable with --env",
		}
	}
	variables, set := environ.For(os.Environ(), winner.Record, c.Env)
	for _, name := range set {
		variables = append(variables, name+"="+secret.Reveal())
	}
	restoreCore()
	return notRun(command[0], environ.Become(path, command, variables))
}

// The exit statuses of a shell for a command that it does not run.
const (
	exitNotRunnable = 126
	exitNotFound    = 127
)

// notRun puts into words why a command does not run.
func notRun(command string, err error) error {
	var ended *environ.EndedError
	switch {
	case err == nil || errors.As(err, &ended):
		return err
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return &hintError{text: fmt.Sprintf("there is no command %s", quote(command)), status: exitNotFound}
	case errors.Is(err, fs.ErrPermission):
		return &hintError{text: fmt.Sprintf("the command %s may not be run", quote(command)), status: exitNotRunnable}
	}
	var call *exec.Error
	if errors.As(err, &call) {
		err = call.Err
	}
	return &hintError{text: fmt.Sprintf("the command %s cannot be run: %v", quote(command), err), status: exitNotRunnable}
}
