package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

type execCommand struct {
	For     string   `placeholder:"URL|TARGET" help:"use the token for this; default: the repository in the current folder"`
	Push    bool     `help:"use the token for a push, not for a fetch"`
	Env     []string `placeholder:"NAME" help:"the variable to set, instead of those that gh reads; may be repeated"`
	Command []string `arg:"" passthrough:"partial" help:"the command and its arguments; options after it belong to it"`
}

func (execCommand) Help() string {
	return `Runs a command with the token that git-credential-pat would give to Git for
the repository, in the variables that gh and other programs read:

    github.com            GH_TOKEN and GITHUB_TOKEN
    a host of ghe.com     GH_TOKEN, GITHUB_TOKEN and GH_HOST
    another host          GH_ENTERPRISE_TOKEN and GH_HOST

Old values of these variables and of GITHUB_ENTERPRISE_TOKEN are removed. With
--env the token goes into the variables named instead, and these variables
stay. Then it may also be a password that is not a token of GitHub.

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
	if len(c.Env) == 0 && !winner.Kind.IsGitHub() {
		return &hintError{
			text: fmt.Sprintf("the token %s is not a token of GitHub, so it is not clear which variable to set", winner.Title()),
			hint: "name the variable with --env",
		}
	}
	environ, set := environFor(os.Environ(), winner.Record, c.Env)
	for _, name := range set {
		environ = append(environ, name+"="+secret.Reveal())
	}
	restoreCore()
	return notRun(command[0], become(path, command, environ))
}

// ghTokens are the variables from which gh and others take a token.
func ghTokens() []string {
	return []string{"GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"}
}

// environFor returns the environment for a program that gets a token, and the
// variables to set to it: those named, else those of gh. No variable that is left
// names another host that the token could be sent to.
func environFor(environ []string, r credential.Record, named []string) (kept, set []string) {
	host := r.Host
	if host == credential.GistHost {
		host = credential.GitHubHost
	}
	kept = withoutVariables(slices.Clone(environ), named...)
	if store.ReadOnly(r.Store) {
		kept = withoutVariables(kept, strings.TrimPrefix(r.Store, "env:"))
	}
	if r.Kind.IsGitHub() {
		kept = slices.DeleteFunc(kept, func(entry string) bool { return namesOtherHost(entry, host) })
	}
	if len(named) > 0 {
		return kept, named
	}
	// gh sends GH_TOKEN to github.com and the hosts of ghe.com, and
	// GH_ENTERPRISE_TOKEN to all others; GH_HOST is the one it means outside of
	// a repository. gh help environment.
	kept = withoutVariables(kept, ghTokens()...)
	if host != credential.GitHubHost {
		kept = append(withoutVariables(kept, "GH_HOST"), "GH_HOST="+host)
	}
	if !credential.IsGitHubHost(host) {
		return kept, []string{"GH_ENTERPRISE_TOKEN"}
	}
	return kept, []string{"GH_TOKEN", "GITHUB_TOKEN"}
}

// namesOtherHost reports whether a variable names another host than the one given
// to GitHub's programs. GitHub Actions sets GITHUB_SERVER_URL, GITHUB_API_URL and
// GITHUB_GRAPHQL_URL, gh reads GH_HOST and GH_REPO, and other programs read more, so
// every variable that begins like these counts.
func namesOtherHost(entry, host string) bool {
	name, value, _ := strings.Cut(entry, "=")
	if runtime.GOOS == "windows" {
		name = strings.ToUpper(name)
	}
	ours := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
	if value == "" || !slices.ContainsFunc([]string{"GH_", "GHE_", "GITHUB_"}, ours) {
		return false
	}
	remote, notURL := credential.ParseRemote(value)
	switch {
	case name == "GH_REPO" && notURL == nil && remote.Protocol != "http":
		value = remote.Host
	case name == "GH_REPO" && strings.Count(value, "/") == 2: // HOST/OWNER/REPO
		value, _, _ = strings.Cut(value, "/")
	case strings.HasSuffix(name, "_HOST"):
	case strings.Contains(value, "://"):
		u, err := url.Parse(value)
		if err != nil || u.Scheme != "https" {
			return true
		}
		value = u.Host
	default:
		return false
	}
	api, err := url.Parse(github.APIBase(host))
	if err != nil {
		return true
	}
	other, err := credential.ParseHost(value)
	return err != nil || other != host && other != api.Host
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

// An endedError ends git pat as a command that it ran has ended.
type endedError struct{ status int }

func (e *endedError) Error() string { return fmt.Sprintf("the command ended with status %d", e.status) }
