package main

// What git pat says about the setup.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup/obstacle"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

func (setupCommand) Help() string {
	return `Setup writes a file of its own, "gitconfig" in the folder of git pat. For each
host it has these settings:

    credential.https://HOST.helper        an empty value, which disables the
                                          helpers before it, and then the path
                                          of git-credential-pat
    credential.https://HOST.useHttpPath   true: Git names the repository
    credential.ssh://HOST.helper          git-credential-pat, which refuses SSH
    credential.http://HOST.helper         and http and prints the https URL

In your own Git configuration (git config --global) it adds only include.path,
with the path of that file, and useHttpPath for each host. Git ignores an
included file that is missing, so you can copy your configuration to another
machine or into a container. Setup also replaces the settings of older versions.

Then setup asks Git for a credential. If Git does not ask git-credential-pat,
setup names the setting that prevents it, and changes it after a question. With
--yes it asks no question.

--undo removes everything that setup and git pat remote --insteadof wrote, or
with HOST what they wrote for that host. Other settings stay.

If you keep your Git configuration elsewhere, --print prints the lines to put
there. For CI and containers, --env prints environment variables for Git 2.31
or newer:

    eval "$(git pat setup --env)"

By default Git sends the same request for a fetch and for a push, so a token for
writing is used for both. With --least-privilege, setup adds this setting:

    url.https://git-push@HOST:443/.pushInsteadOf   https://HOST/

Git then pushes to that URL, and the user name tells a push from a fetch. It
works for Git LFS too, on hosts without a port of their own. Setup adds a line
for each insteadOf of yours that leads to the host; run it again after you add
one. A push uses a token with --access write, and a fetch a token with --access
read if there is one:

    git pat add acme --access read
    git pat add acme --access write
    git pat setup --least-privilege

Git does not say that it pushes if a remote has its own push URL or a user name
in its URL. --least-privilege --undo removes this setting only.`
}

// sayChanged says what --undo has done, or what would be changed.
func (c *setupCommand) sayChanged(ctx context.Context, t *term.Terminal, r *setup.Reader, want setup.Want, plan setup.Plan) {
	of := ""
	if len(want.Hosts) > 0 {
		of = " for " + strings.Join(want.Hosts, " and ")
	}
	switch {
	case plan.Empty() && c.Undo && c.LeastPrivilege:
		t.Say("nothing to undo: Git does not say which requests are pushes%s", of)
	case plan.Empty() && c.Undo:
		t.Say("nothing to undo: Git is not set up%s", of)
	case plan.Empty():
		t.Say("Git is already set up%s%s", of, whereSetUp(plan))
	case c.DryRun:
		t.Say("nothing was changed; without --dry-run this would be done")
	case c.LeastPrivilege:
		t.Say("Git no longer says which requests are pushes%s", of)
	default:
		t.Say("Git no longer asks git-credential-pat%s; the tokens are still stored", of)
		t.Hint("to list them:", "git pat list")
	}
	if !c.Undo || c.LeastPrivilege || c.DryRun {
		return
	}
	if rules := r.OldRules(ctx); len(rules) > 0 {
		t.Say("your Git configuration still changes SSH URLs to https")
		t.Hint("older versions of git pat remote --insteadof wrote such lines; to remove them:", commandLines(rules)...)
	}
}

// sayDone says what setup has done.
func (c *setupCommand) sayDone(t *term.Terminal, want setup.Want, plan setup.Plan, fixed bool) {
	names := strings.Join(want.Hosts, " and ")
	if c.LeastPrivilege {
		t.Say("Git does not say that it pushes if a remote has its own push URL or a user name in its URL")
	}
	if plan.Empty() && !fixed {
		t.Say("Git is already set up for %s%s", names, whereSetUp(plan))
		return
	}
	t.Say("Git now asks git-credential-pat for %s", names)
	first, undo := "OWNER", ""
	if len(c.Hosts) > 0 {
		first, undo = shellWord(want.Hosts[0])+"/OWNER", " "+strings.Join(want.Hosts, " ")
	}
	t.Hint("to add a token:", "git pat add "+first)
	t.Hint("to undo this:", "git pat setup --undo"+undo)
}

// whereSetUp says where all settings come from, if setup did not write them.
func whereSetUp(plan setup.Plan) string {
	switch {
	case !plan.InEffect:
		return ""
	case plan.Origin == "":
		return ", in the environment"
	}
	return ", in " + plan.Origin
}

// hostFault says how to write a host.
func hostFault(err error) error {
	var host *setup.HostError
	switch {
	case !errors.As(err, &host):
		return &hintError{text: err.Error(), status: exitUsage}
	case host.Owner:
		return &hintError{
			text:     host.Error(),
			status:   exitUsage,
			hint:     "run git pat setup without an owner; to add a token afterwards:",
			commands: []string{"git pat add " + shellWord(host.Text)},
		}
	}
	command := "git pat setup"
	if host.Host != credential.GitHubHost && host.Host != credential.GistHost {
		command += " " + shellWord(host.Host)
	}
	return &hintError{text: host.Error(), status: exitUsage, hint: "name only the host:", commands: []string{command}}
}

// errNoHelper says that the other program is missing.
var errNoHelper = &hintError{
	text: setup.Program + " is not in a folder that PATH names",
	hint: "install it there, beside git-pat",
}

// unwritten says which files cannot be written.
func unwritten(files []setup.File) string {
	if len(files) > 1 {
		return "neither " + pathOf(files[0]) + " nor " + pathOf(files[1]) + " can be written"
	}
	return pathOf(files[0]) + " cannot be written"
}

// pathOf returns the path of a file, or what to say if it has none.
func pathOf(f setup.File) string {
	if f.Path == "" {
		return "your Git configuration"
	}
	return f.Path
}

// othersFault says how to change by hand what no command may change.
func othersFault(err error) error {
	var others *setup.OthersError
	if !errors.As(err, &others) {
		return err
	}
	return &hintError{
		text:     fmt.Sprintf("%s has values that git pat did not write and that may hold a secret; a command would show them, so nothing was changed", others.Change.Key),
		hint:     "change it by hand:",
		commands: []string{gitLine(others.Change.File.Config("--edit"))},
	}
}

func printLines(text string, show func(string) error) error {
	for line := range strings.Lines(text) {
		if err := show(strings.TrimSuffix(line, "\n")); err != nil {
			return err
		}
	}
	return nil
}

// dryOwn shows the commands of a shell that would write or remove the file of our
// own.
func dryOwn(c *setup.OwnChange, show func(string) error) error {
	if c.Text == "" {
		return show("rm " + shellWord(c.Path))
	}
	text := "cat >" + shellWord(c.Path) + " <<'EOF'\n" + c.Text + "EOF\n"
	if folder := filepath.Dir(c.Path); !isFolder(folder) {
		text = "mkdir -p -m 700 " + shellWord(folder) + "\n" + text
	}
	return printLines(text, show)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// wroteOwn says in the manner of a shell what was done to the file of our own.
func wroteOwn(c *setup.OwnChange) string {
	if c.Text == "" {
		return "rm " + shellWord(c.Path)
	}
	return "# wrote " + shellWord(c.Path)
}

// inTheWay says which setting is in the way, and which commands change that.
func (c *setupCommand) inTheWay(o obstacle.Obstacle, commands [][]string) *hintError {
	key := o.Setting.ShownKey()
	place := settingIn(o.Setting)
	shown, _ := git.HideArguments(o.Setting.Value)
	fault := &hintError{hint: "to change that:", commands: commandLines(commands)}
	switch o.Problem {
	case obstacle.NotAsked:
		fault.text = "Git does not ask git-credential-pat for " + o.Host + disabledBy(key, place)
	case obstacle.NotFirst:
		fault.text = fmt.Sprintf("Git asks another helper for %s first: %s (%s)", o.Host, quote(shown), place)
	case obstacle.NoPath:
		fault.text = fmt.Sprintf("Git does not name the repository of %s: %s is %s (%s)", o.Host, key, quote(o.Setting.Value), place)
	case obstacle.AlsoAsked:
		fault.text = fmt.Sprintf("Git also asks the helper %s for %s, and tells it each token that works (%s)", quote(shown), o.Host, place)
	case obstacle.NoPush:
		fault.text = fmt.Sprintf("Git does not say which requests to %s are pushes: %s comes first (%s)", o.Host, key, place)
	case obstacle.NamesUser:
		fault.text = fmt.Sprintf("Git sends a user name to %s, so it does not say which requests are fetches: %s (%s)", o.Host, key, place)
	}
	if o.Setting.Key == "" {
		fault.text = "Git does not read the settings for " + o.Host
	}
	switch {
	case len(commands) > 1:
		fault.hint, fault.commands = putAfter, []string{c.again("--yes")}
		return fault
	case len(commands) > 0:
		return fault
	}
	fault.hint, fault.commands = "to see how to change that:", []string{"git pat doctor"}
	if _, inFile := o.Setting.File(); !inFile && o.Setting.Key != "" {
		fault.hint, fault.commands = removeThere, nil
	} else if git.HoldsSecret(o.Setting.Key) {
		fault.hint, fault.commands = changeByHand, []string{"git config --file " + place + " --edit"}
	}
	return fault
}

// notReached says that Git's configuration is right and that Git does not reach the
// helper all the same.
func notReached(err error) error {
	var notAsked *obstacle.NotAskedError
	if !errors.As(err, &notAsked) {
		return err
	}
	fault := &hintError{text: notAsked.Error(), hint: "to see why:", commands: []string{"git pat doctor"}}
	if notAsked.Err != nil {
		fault.text += ": " + notAsked.Err.Error()
	}
	return fault
}
