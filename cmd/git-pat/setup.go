package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
)

type setupCommand struct {
	Hosts  []string    `arg:"" optional:"" name:"host" help:"the hosts, instead of github.com and gist.github.com"`
	Undo   bool        `help:"take back what setup wrote"`
	DryRun bool        `help:"show what would be done, and do nothing"`
	Save   keeper.Save `placeholder:"WHICH" help:"which credentials that others gave Git are kept: tokens (as without this), any or never"`
	Store  string      `placeholder:"STORE" help:"where to keep a token that is typed at Git's prompt"`

	LeastPrivilege bool `help:"have Git say which requests are pushes, so that tokens for reading can be told from those for writing"`
}

func (setupCommand) Help() string {
	return `Git's own configuration, the one of git config --global, is made to ask
git-credential-pat for credentials of a host:

    credential.https://HOST.helper        an empty value, which shuts out the
                                          helpers named before, and then pat
    credential.https://HOST.useHttpPath   true, so that Git says which
                                          repository it wants to log in for
    credential.ssh://HOST.helper          pat, which refuses SSH and http and
    credential.http://HOST.helper         says how to go by https

Nothing else is touched. What is set up already stays, wherever Git has it
from. --undo takes back what setup wrote and leaves what others did.

Of ~/.gitconfig and ~/.config/git/config, both of which Git reads, the other one
is written where the first cannot be. Where neither can, the lines to put there
are printed.

Git asks in the same way whether it fetches or pushes, so that a token for
writing is handed out for both. With --least-privilege it has one setting more:

    url.https://git-push@HOST/.pushInsteadOf   https://HOST/

It goes to another URL when it pushes, and by its user name tells a push from a
fetch. A push is then answered with a token that was added with --access write,
a fetch with one of --access read where there is one. A remote that has a URL
of its own for pushing, or a user name in its URL, is left out of that, unless
that name is git-push.

    git pat add acme --access read
    git pat add acme --access write
    git pat setup --least-privilege

--least-privilege --undo takes back this setting only.`
}

func (c *setupCommand) Run(ctx context.Context, t *term.Terminal, settings *git.Cache) error {
	hosts, err := c.hosts()
	if err != nil {
		return err
	}
	plan, err := c.plan(ctx, t, settings, hosts)
	if err != nil {
		return err
	}
	done, err := apply(ctx, settings, plan, c.DryRun, t.Line)
	if err != nil {
		return err
	}
	names := strings.Join(hosts, " and ")
	switch {
	case done == 0 && c.Undo && c.LeastPrivilege:
		t.Say("nothing to take back: Git does not say of %s which requests are pushes", names)
	case done == 0 && c.Undo:
		t.Say("nothing to take back: Git was not set up for %s", names)
	case done == 0:
		t.Say("Git is set up for %s already%s", names, whereSetUp(plan))
	case c.DryRun:
		t.Say("nothing is changed; without --dry-run these would run")
	case c.Undo && c.LeastPrivilege:
		t.Say("Git does not say of %s any more which requests are pushes", names)
	case c.Undo:
		t.Say("Git does not ask for tokens of %s any more; the tokens are still there", names)
		t.Hint("to see them:", "git pat list")
	default:
		t.Say("Git now asks for tokens of %s", names)
		if c.LeastPrivilege {
			t.Say("and says which requests are pushes, for tokens of --access read and --access write")
		}
		if _, err := outside(ctx, "credential-"+setup.Helper, "--version"); err != nil {
			t.Say("but Git does not find git-credential-pat: put it into a folder that is in PATH")
		}
		first, undo := "OWNER", ""
		if len(c.Hosts) > 0 {
			first, undo = shellWord(hosts[0])+"/OWNER", " "+strings.Join(hosts, " ")
		}
		t.Hint("to add one:", "git pat add "+first)
		t.Hint("to take this back:", "git pat setup --undo"+undo)
	}
	return nil
}

// setupReader reads the person's own configuration of Git.
func setupReader(settings *git.Cache) *setup.Reader {
	return &setup.Reader{Config: settings, Files: setup.Files(os.LookupEnv, homefile.Readable)}
}

// plan returns the plan of setup, or of its undoing, and says if it is not for the
// file that Git writes.
func (c *setupCommand) plan(ctx context.Context, t *term.Terminal, settings *git.Cache, hosts []string) (setup.Plan, error) {
	options, err := c.helperOptions(t)
	if err != nil {
		return setup.Plan{}, err
	}
	want := setup.Want{Hosts: hosts, Options: options, Undo: c.Undo, LeastPrivilege: c.LeastPrivilege}
	plan, err := setupReader(settings).Plan(ctx, want, c.DryRun)
	var pipe *setup.PipeError
	var unwritable *setup.UnwritableError
	switch {
	case errors.As(err, &pipe):
		return plan, &homefile.Error{Path: pipe.File.Path, Fault: homefile.IsDevice}
	case errors.As(err, &unwritable):
		return plan, c.byHand(ctx, t, want, unwritable.Files)
	case err != nil:
		return plan, err
	}
	if plan.Instead != nil {
		t.Say("%s cannot be written; this goes into %s, which Git reads as well", pathOf(*plan.Unwritable), pathOf(*plan.Instead))
	}
	return plan, nil
}

// pathOf returns the path of a file, or what to say where there is none.
func pathOf(f setup.File) string {
	if f.Path == "" {
		return "your own configuration"
	}
	return f.Path
}

// whereSetUp says where all stands already, if not in the file that Git writes.
func whereSetUp(plan setup.Plan) string {
	switch {
	case !plan.InEffect:
		return ""
	case plan.Origin == "":
		return ", in the environment"
	}
	return ", in " + plan.Origin
}

// byHand prints what setup would write, where it cannot.
func (c *setupCommand) byHand(ctx context.Context, t *term.Terminal, want setup.Want, files []setup.File) error {
	why := pathOf(files[0]) + " cannot be written"
	if len(files) > 1 {
		why = fmt.Sprintf("neither %s nor %s can be written", pathOf(files[0]), pathOf(files[1]))
	}
	folder, err := os.MkdirTemp("", "git-pat-")
	if err != nil {
		return &hintError{text: why}
	}
	defer os.RemoveAll(folder)
	lines, err := want.Lines(ctx, folder)
	if err != nil {
		return err
	}
	for line := range strings.Lines(lines) {
		// Git begins a setting with a tab, which is no character that prints.
		if err := t.Line(strings.Replace(strings.TrimSuffix(line, "\n"), "\t", "    ", 1)); err != nil {
			return err
		}
	}
	n, _ := strconv.Atoi(os.Getenv("GIT_CONFIG_COUNT"))
	return &hintError{
		text: why + ", so that nothing is set up",
		hint: "put these lines where your configuration is made, or have Git read them in this shell:",
		commands: []string{
			"f=$(mktemp) && " + c.again() + " >$f",
			fmt.Sprintf("export GIT_CONFIG_COUNT=%d GIT_CONFIG_KEY_%d=include.path GIT_CONFIG_VALUE_%d=$f", n+1, n, n),
		},
	}
}

// again is the command, for a hint.
func (c *setupCommand) again() string {
	words := append([]string{"git", "pat", "setup"}, c.Hosts...)
	if c.Save != "" {
		words = append(words, "--save", string(c.Save))
	}
	if c.Store != "" {
		words = append(words, "--store", c.Store)
	}
	if c.LeastPrivilege {
		words = append(words, "--least-privilege")
	}
	return quoteAll(words)
}

// apply shows the commands of a plan, runs each unless it is to be dry, and returns
// how many there are.
func apply(ctx context.Context, settings *git.Cache, plan setup.Plan, dry bool, show func(command string) error) (int, error) {
	commands, err := setup.Commands(plan.Changes)
	var others *setup.OthersError
	if errors.As(err, &others) {
		return 0, &hintError{
			text:     fmt.Sprintf("to change %s, what others wrote there would be written again, and other programs could read it meanwhile; nothing was changed", others.Change.Key),
			hint:     "change it by hand:",
			commands: []string{"git " + quoteAll(others.Change.File.Config("--edit"))},
		}
	}
	if err != nil {
		return 0, err
	}
	before := func(args []string) error { return show("git " + quoteAll(args)) }
	if !dry {
		return len(commands), setupReader(settings).Run(ctx, commands, before)
	}
	for _, args := range commands {
		if err := before(args); err != nil {
			return 0, err
		}
	}
	return len(commands), nil
}

func (c *setupCommand) hosts() ([]string, error) {
	if len(c.Hosts) == 0 {
		return []string{credential.GitHubHost, credential.GistHost}, nil
	}
	var hosts []string
	for _, text := range c.Hosts {
		text = strings.TrimSuffix(strings.TrimPrefix(text, "https://"), "/")
		host, err := credential.ParseHost(text)
		if err != nil {
			return nil, &hintError{text: err.Error(), status: exitUsage}
		}
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts, nil
}

// helperOptions are the options that Git's configuration is to have for the helper,
// or nothing if none is given.
func (c *setupCommand) helperOptions(t *term.Terminal) (string, error) {
	var options []string
	if c.Save != "" {
		options = append(options, "--save="+string(c.Save))
	}
	if c.Store != "" {
		kept, err := openTokens(t)
		if err != nil {
			return "", err
		}
		if err := takesTokens(kept, c.Store); err != nil {
			return "", err
		}
		options = append(options, "--store="+shellWord(c.Store))
	}
	return strings.Join(options, " "), nil
}
