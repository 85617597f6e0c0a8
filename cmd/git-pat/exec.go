package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

type execCommand struct {
	For     string   `placeholder:"URL|SCOPE" help:"take the token for this, or for a remote, instead of the repository you are in"`
	Push    bool     `help:"take the token that answers a push, not a fetch"`
	Env     []string `placeholder:"NAME" help:"the variable to set, instead of those that gh reads; may be repeated"`
	Command []string `arg:"" passthrough:"partial" help:"the command, with its arguments; what follows it is all its own, also after --"`
}

func (execCommand) Help() string {
	return `The token that git-credential-pat would hand to Git for the repository goes into
the variables that gh and others read:

    github.com            GH_TOKEN and GITHUB_TOKEN; GH_HOST is taken away
    a host of ghe.com     GH_TOKEN, GITHUB_TOKEN and GH_HOST
    another host          GH_ENTERPRISE_TOKEN and GH_HOST

With --env it goes into the ones named and nothing else is changed, so that it
may also be a password that is no token of GitHub's. The variable of a store
env:VARIABLE, which had the token, is taken away.

A remote over SSH has its token chosen as if it were over https.

The command takes the place of git pat: signals, the terminal and the exit
status are its own. If no token answers it is not run and the exit status is 1;
it is 127 if there is no such command, and 126 if it cannot be run.

    git pat exec -- gh pr list
    git pat exec --for acme -- gh repo list acme
    git pat exec --env HOMEBREW_GITHUB_API_TOKEN -- brew update`
}

func (c *execCommand) Run(a *app) error {
	command := c.Command
	if command[0] == "--" {
		command = command[1:]
	}
	if len(command) == 0 {
		return &fault{text: "COMMAND is missing", status: exitUsage, hint: "how it is used:", commands: []string{"git pat help exec"}}
	}
	for _, name := range c.Env {
		if !store.IsVariable(name) {
			return &fault{text: fmt.Sprintf("--env cannot be %s", quote(name)), status: exitUsage, hint: "name a variable, as in GH_TOKEN"}
		}
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return notRun(command[0], err)
	}
	winner, secret, err := a.tokenFor(c.For, c.Push)
	if err != nil {
		return err
	}
	environ := os.Environ()
	if store.ReadOnly(winner.Store) {
		environ = withoutVariables(environ, strings.TrimPrefix(winner.Store, "env:"))
	}
	set := c.Env
	if len(set) == 0 {
		if !winner.Kind.IsGitHub() {
			return &fault{
				text: fmt.Sprintf("the token %s is none of GitHub's, for which the usual variables are", winner.Title()),
				hint: "name the variable that it is for with --env",
			}
		}
		// gh sends GH_TOKEN to github.com and the hosts of ghe.com, and
		// GH_ENTERPRISE_TOKEN to all others; GH_HOST is the one it means
		// outside of a repository. gh help environment.
		environ = withoutVariables(environ, "GH_HOST")
		if winner.Host != credential.GitHubHost {
			environ = append(environ, "GH_HOST="+winner.Host)
		}
		set = []string{"GH_TOKEN", "GITHUB_TOKEN"}
		if !credential.IsGitHubHost(winner.Host) {
			environ = withoutVariables(environ, "GITHUB_ENTERPRISE_TOKEN")
			set = []string{"GH_ENTERPRISE_TOKEN"}
		}
	}
	environ = withoutVariables(environ, set...)
	for _, name := range set {
		environ = append(environ, name+"="+secret.Reveal())
	}
	a.allowCore()
	return notRun(command[0], become(path, command, environ))
}

// withoutVariables returns an environment without some variables.
func withoutVariables(environ []string, names ...string) []string {
	return slices.DeleteFunc(environ, func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.ContainsFunc(names, func(other string) bool {
			return name == other || runtime.GOOS == "windows" && strings.EqualFold(name, other)
		})
	})
}

// The exit statuses of a shell for a command that it does not run.
const (
	exitNotRunnable = 126
	exitNotFound    = 127
)

// notRun puts into words why a command does not run.
func notRun(command string, err error) error {
	var ended *endedError
	switch {
	case err == nil || errors.As(err, &ended):
		return err
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return &fault{text: fmt.Sprintf("there is no command %s", quote(command)), status: exitNotFound}
	case errors.Is(err, fs.ErrPermission):
		return &fault{text: fmt.Sprintf("the command %s may not be run", quote(command)), status: exitNotRunnable}
	}
	var call *exec.Error
	if errors.As(err, &call) {
		err = call.Err
	}
	return &fault{text: fmt.Sprintf("the command %s cannot be run: %v", quote(command), err), status: exitNotRunnable}
}

// An endedError ends git pat as a command that it ran has ended.
type endedError struct{ status int }

func (e *endedError) Error() string { return fmt.Sprintf("the command ended with status %d", e.status) }

// tokenFor returns the token that answers for what a person names, and says
// why if none does. Over SSH no token works, but what is run with one does not
// go by the remote.
func (a *app) tokenFor(name string, push bool) (winner credential.Look, secret credential.Secret, err error) {
	url, err := a.meant(name, push)
	if err != nil {
		return winner, secret, err
	}
	if remote, err := credential.ParseRemote(url); err == nil && remote.Protocol == "ssh" {
		if url, err = a.urlOf(remote.HTTPS(), push); err != nil {
			return winner, secret, err
		}
	}
	e, err := a.explain(withoutPassword(url))
	if err != nil {
		return winner, secret, err
	}
	if e.Answers == nil {
		a.ui.advice(e.advice)
		return winner, secret, errSaid
	}
	winner = e.decision.Looked[*e.Answers]
	if e.login.Password == nil {
		return winner, secret, &fault{text: fmt.Sprintf("what is kept as %s is neither a token nor a password", winner.Title())}
	}
	return winner, *e.login.Password, nil
}
