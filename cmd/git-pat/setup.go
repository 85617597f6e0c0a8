package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup/obstacle"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
)

type setupCommand struct {
	Hosts  []string    `arg:"" optional:"" name:"host" help:"the hosts; without any, github.com and gist.github.com"`
	Undo   bool        `help:"remove what setup wrote, for all hosts or for those that are named"`
	DryRun bool        `help:"print what would be changed, and change nothing"`
	Print  bool        `help:"print the lines for a Git configuration that you keep elsewhere, and change nothing"`
	Env    bool        `help:"print them as environment variables, for sh, and change nothing"`
	Yes    bool        `short:"y" help:"ask no question before changing a setting that is in the way"`
	Save   keeper.Save `placeholder:"WHICH" help:"which credentials from other sources to store: tokens (the default), any or never"`
	Store  string      `placeholder:"STORE" help:"where to store a token that is typed at Git's prompt"`

	LeastPrivilege bool `help:"make Git say which requests are pushes, for separate tokens for reading and writing"`
}

func (c *setupCommand) Run(ctx context.Context, t *term.Terminal, kept *tokens.Tokens, r *setup.Reader) error {
	if c.Print && c.Env || (c.Print || c.Env) && (c.Undo || c.DryRun) {
		return &words.Error{Text: "--print and --env change nothing and go with none of --undo, --dry-run and each other", Status: words.ExitUsage}
	}
	want, err := c.want(kept)
	if err != nil {
		return err
	}
	if c.Print || c.Env {
		return c.print(ctx, t, r, want)
	}
	plan, changed, err := c.setUp(ctx, t, r, want, t.Line)
	switch {
	case err != nil:
		return err
	case c.DryRun || c.Undo:
		c.sayChanged(ctx, t, r, want, plan)
	default:
		c.sayDone(t, want, plan, changed)
	}
	return nil
}

// setUp makes a plan and carries it out. It shows what it does, and reports whether
// it changed anything that was in the way.
func (c *setupCommand) setUp(ctx context.Context, t *term.Terminal, r *setup.Reader, want setup.Want, show func(string) error) (plan setup.Plan, changed bool, err error) {
	if plan, err = c.plan(ctx, t, r, want); err != nil {
		return plan, false, err
	}
	if err := c.apply(ctx, t, r, want, plan, show); err != nil || c.DryRun || c.Undo {
		return plan, false, err
	}
	changed, err = c.check(ctx, t, r, want, show)
	return plan, changed, err
}

// want is what the options say.
func (c *setupCommand) want(kept *tokens.Tokens) (setup.Want, error) {
	hosts, err := setup.ParseHosts(c.Hosts)
	if err != nil {
		return setup.Want{}, words.SetupHost(err)
	}
	w := setup.Want{Hosts: setup.WithAzure(hosts, olderHosts(kept)...), Undo: c.Undo, LeastPrivilege: c.LeastPrivilege}
	if c.Undo {
		return w, nil
	}
	if len(hosts) == 0 {
		w.Hosts = []string{credential.GitHubHost, credential.GistHost}
	}
	if w.Options, err = c.helperOptions(kept); err != nil {
		return w, err
	}
	w.Helper, err = helperPath()
	return w, err
}

// olderHosts returns the older hosts of Azure DevOps for which there are tokens.
func olderHosts(kept *tokens.Tokens) []string {
	var older []string
	for c, err := range kept.Tree.Host(forge.AzureHost) {
		if err == nil {
			older = append(older, forge.Hosts(c.Host, c.Owner())[1:]...)
		}
	}
	slices.Sort(older)
	return older
}

// helperPath returns the path of git-credential-pat: as PATH has it, since a link
// there often outlives the program that it leads to, or else beside this program.
func helperPath() (string, error) {
	path, err := store.LookPath(setup.Program)
	if err != nil {
		path, err = setup.Beside()
	}
	if err != nil {
		return "", words.ErrNoHelper
	}
	return path, nil
}

// helperOptions are the options of the helper, or nothing if none is given.
func (c *setupCommand) helperOptions(kept *tokens.Tokens) (string, error) {
	var options []string
	if c.Save != "" {
		options = append(options, "--save="+string(c.Save))
	}
	if c.Store != "" {
		if err := takesTokens(kept, c.Store); err != nil {
			return "", err
		}
		options = append(options, "--store="+credential.ShellWord(c.Store))
	}
	return strings.Join(options, " "), nil
}

// newSetup reads the person's own configuration of Git.
func newSetup(settings *git.Cache, kept *tokens.Tokens) *setup.Reader {
	return &setup.Reader{
		Config: settings,
		Files:  setup.Files(os.LookupEnv, homefile.Readable),
		Own:    filepath.Join(kept.Tree.Dir(), setup.OwnFile),
	}
}

// print prints the settings, and changes nothing.
func (c *setupCommand) print(ctx context.Context, t *term.Terminal, r *setup.Reader, want setup.Want) error {
	if c.Print {
		text, err := r.Lines(ctx, want)
		if err != nil {
			return err
		}
		return printLines(text, t.Line)
	}
	first, _ := strconv.Atoi(os.Getenv("GIT_CONFIG_COUNT"))
	variables, err := r.Variables(ctx, want, max(first, 0))
	if err != nil {
		return err
	}
	for _, v := range variables {
		if err := t.Line("export " + v[0] + "=" + credential.ShellWord(v[1])); err != nil {
			return err
		}
	}
	return nil
}

// plan returns the plan, and says if it is not for the file that Git writes.
func (c *setupCommand) plan(ctx context.Context, t *term.Terminal, r *setup.Reader, want setup.Want) (setup.Plan, error) {
	plan, err := r.Plan(ctx, want, c.DryRun)
	var pipe *setup.PipeError
	var unwritable *setup.UnwritableError
	switch {
	case errors.As(err, &pipe):
		return plan, &homefile.Error{Path: pipe.File.Path, Fault: homefile.IsDevice}
	case errors.As(err, &unwritable):
		return plan, c.byHand(ctx, t, r, want, words.Unwritten(unwritable.Files))
	case err != nil:
		return plan, err
	}
	if plan.Instead != nil {
		t.Say("%s cannot be written; the settings go into %s, which Git reads too", words.PathOf(*plan.Unwritable), words.PathOf(*plan.Instead))
	}
	return plan, nil
}

// apply makes the changes of a plan and shows them, or only shows them.
func (c *setupCommand) apply(ctx context.Context, t *term.Terminal, r *setup.Reader, want setup.Want, plan setup.Plan, show func(string) error) error {
	err := r.Apply(ctx, plan, c.DryRun, setup.Show{
		Own: func(own *setup.OwnChange) error {
			if c.DryRun {
				return printLines(words.OwnFile(own, !isFolder(filepath.Dir(own.Path))), show)
			}
			return show(words.WroteOwnFile(own))
		},
		Command: func(args []string) error { return show(words.GitLine(args)) },
	})
	if setup.IsUnwritable(err) && !c.Undo {
		return c.byHand(ctx, t, r, want, plan.Own.Path+" cannot be written")
	}
	return words.OthersSettings(err)
}

// byHand prints the settings if they cannot be written.
func (c *setupCommand) byHand(ctx context.Context, t *term.Terminal, r *setup.Reader, want setup.Want, why string) error {
	byHand := *c
	byHand.Print = true
	if err := byHand.print(ctx, t, r, want); err != nil {
		return err
	}
	f := &words.Error{
		Text:     why + ", so nothing is set up",
		Hint:     "put these lines where your Git configuration is made, or use them in this shell:",
		Commands: []string{`eval "$(` + c.again("--env") + `)"`},
	}
	if shell.Own() != shell.POSIX {
		f.Hint, f.Commands = "put these lines where your Git configuration is made", nil
	}
	return f
}

// again is the command with another option, for a hint.
func (c *setupCommand) again(option string) string {
	args := append([]string{"git", "pat", "setup", option}, c.Hosts...)
	if c.Save != "" {
		args = append(args, "--save", string(c.Save))
	}
	if c.Store != "" {
		args = append(args, "--store", c.Store)
	}
	if c.LeastPrivilege {
		args = append(args, "--least-privilege")
	}
	return words.CommandLine(args)
}

// check makes sure that Git asks git-credential-pat. It changes what is in the way,
// after a question, and reports whether it did.
func (c *setupCommand) check(ctx context.Context, t *term.Terminal, r *setup.Reader, want setup.Want, show func(string) error) (changed bool, err error) {
	clearing := obstacle.Clearing{
		Setup: r,
		All:   c.Yes,
		Agree: func(o obstacle.Obstacle, commands [][]string) error { return c.mayChange(t, o, commands) },
		Show:  func(args []string) error { return show(words.GitLine(args)) },
	}
	left, changed, err := clearing.Clear(ctx, want)
	for _, o := range left {
		exit(t, words.InTheWay(o.Obstacle, o.Commands, c.again("--yes")))
	}
	var blocked *obstacle.BlockedError
	if errors.As(err, &blocked) {
		return changed, words.InTheWay(blocked.Obstacle, nil, "")
	}
	return changed, words.NotReached(err)
}

// mayChange asks whether commands may be run that change what is in the way.
func (c *setupCommand) mayChange(t *term.Terminal, o obstacle.Obstacle, commands [][]string) error {
	if c.Yes {
		return nil
	}
	fault := words.InTheWay(o, commands, c.again("--yes"))
	if !t.Interactive() {
		return fault
	}
	t.Say("%s", fault.Text)
	t.Hint("this is to be run:", words.GitLines(commands)...)
	yes, err := t.Confirm("Run this?")
	if err == nil && !yes {
		return fault
	}
	return err
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
		t.Say("Git is already set up%s%s", of, words.WhereSetUp(plan))
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
		t.Hint("older versions of git pat remote --insteadof wrote such lines; to remove them:", words.GitLines(rules)...)
	}
}

// sayDone says what setup has done.
func (c *setupCommand) sayDone(t *term.Terminal, want setup.Want, plan setup.Plan, fixed bool) {
	names := strings.Join(want.Hosts, " and ")
	if c.LeastPrivilege {
		t.Say("Git does not say that it pushes if a remote has its own push URL or a user name in its URL")
	}
	if plan.Empty() && !fixed {
		t.Say("Git is already set up for %s%s", names, words.WhereSetUp(plan))
		return
	}
	t.Say("Git now asks git-credential-pat for %s", names)
	first, undo := "OWNER", ""
	if len(c.Hosts) > 0 {
		first, undo = credential.ShellWord(want.Hosts[0])+"/OWNER", " "+strings.Join(want.Hosts, " ")
	}
	t.Hint("to add a token:", "git pat add "+first)
	t.Hint("to undo this:", "git pat setup --undo"+undo)
}

func printLines(text string, show func(string) error) error {
	for line := range strings.Lines(text) {
		if err := show(strings.TrimSuffix(line, "\n")); err != nil {
			return err
		}
	}
	return nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
