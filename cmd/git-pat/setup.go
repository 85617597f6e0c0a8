package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
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

// A change is one setting of Git that is to have other values in a file.
type change struct {
	file      configFile
	key       string
	old, want []string
}

func (c *setupCommand) Run(a *app) error {
	hosts, err := c.hosts()
	if err != nil {
		return err
	}
	changes, where, err := c.plan(a, hosts)
	if err != nil {
		return err
	}
	done, err := a.apply(changes, c.DryRun, a.ui.line)
	if err != nil {
		return err
	}
	names := strings.Join(hosts, " and ")
	switch {
	case done == 0 && c.Undo && c.LeastPrivilege:
		a.ui.say("nothing to take back: Git does not say of %s which requests are pushes", names)
	case done == 0 && c.Undo:
		a.ui.say("nothing to take back: Git was not set up for %s", names)
	case done == 0:
		a.ui.say("Git is set up for %s already%s", names, where)
	case c.DryRun:
		a.ui.say("nothing is changed; without --dry-run these would run")
	case c.Undo && c.LeastPrivilege:
		a.ui.say("Git does not say of %s any more which requests are pushes", names)
	case c.Undo:
		a.ui.say("Git does not ask for tokens of %s any more; the tokens are still there", names)
		a.ui.hint("to see them:", "git pat list")
	default:
		a.ui.say("Git now asks for tokens of %s", names)
		if c.LeastPrivilege {
			a.ui.say("and says which requests are pushes, for tokens of --access read and --access write")
		}
		if _, err := outside(a.ctx, "credential-"+helperName, "--version"); err != nil {
			a.ui.say("but Git does not find git-credential-pat: put it into a folder that is in PATH")
		}
		first, undo := "OWNER", ""
		if len(c.Hosts) > 0 {
			first, undo = shellWord(hosts[0])+"/OWNER", " "+strings.Join(hosts, " ")
		}
		a.ui.hint("to add one:", "git pat add "+first)
		a.ui.hint("to take this back:", "git pat setup --undo"+undo)
	}
	return nil
}

// plan returns the changes that setup, or its undoing, makes, or where that
// stands already. Setup writes the file that Git writes, if that can be
// written.
func (c *setupCommand) plan(a *app, hosts []string) (changes []change, where string, err error) {
	first, other := globalFiles()
	changes, where, err = c.missing(a, hosts)
	if err != nil || c.Undo || len(changes) == 0 {
		return changes, where, err
	}
	if ok, err := a.writable(first, c.DryRun); ok || err != nil {
		return changes, "", err
	}
	if other.path == "" {
		return nil, "", c.byHand(a, hosts, first.String()+" cannot be written")
	}
	if ok, err := a.writable(other, c.DryRun); err != nil {
		return nil, "", err
	} else if !ok {
		return nil, "", c.byHand(a, hosts, fmt.Sprintf("neither %s nor %s can be written", first, other))
	}
	a.ui.say("%s cannot be written; this goes into %s, which Git reads as well", first, other)
	changes, err = c.changes(a, hosts, other)
	return changes, "", err
}

// missing returns the changes to the file that Git writes, or where all stands
// already. Undoing looks into both files that Git reads as the person's own.
func (c *setupCommand) missing(a *app, hosts []string) (changes []change, where string, err error) {
	first, other := globalFiles()
	for _, file := range []configFile{first, other} {
		// Git would wait for a pipe, and we for Git.
		if info, err := os.Stat(file.path); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
			return nil, "", &importer.FileError{Path: file.path, Fault: importer.IsDevice}
		}
	}
	if changes, err = c.changes(a, hosts, first); err != nil {
		return nil, "", err
	}
	switch {
	case c.Undo && other.path != "":
		more, err := c.changes(a, hosts, other)
		return append(changes, more...), "", err
	case c.Undo || len(changes) == 0:
		return changes, "", nil
	}
	if origin, err := c.inEffect(a, hosts); err != nil || origin != "" {
		return nil, ", in " + origin, err
	}
	return changes, "", nil
}

// isIncomplete reports whether git pat setup would change anything for a host.
func (a *app) isIncomplete(host string) bool {
	changes, _, err := (&setupCommand{}).missing(a, []string{host})
	return err == nil && len(changes) > 0
}

// inEffect returns where the settings stand that Git applies already, or
// nothing if any of them does not. Those of a repository do not count.
func (c *setupCommand) inEffect(a *app, hosts []string) (origin string, err error) {
	line, err := c.helperLine(a)
	if err != nil {
		return "", err
	}
	entries, err := a.ownSettings()
	if err != nil {
		return "", err
	}
	for _, host := range hosts {
		for _, setting := range c.settings(host, line) {
			var values []string
			for _, entry := range entries {
				if strings.EqualFold(entry.Key, setting.key) {
					values = append(values, entry.Value)
					if file, ok := entry.File(); ok {
						origin = file
					} else {
						origin = "the environment"
					}
				}
			}
			if c.Save == "" && c.Store == "" {
				setting.keep(values)
			}
			if !slices.Equal(setting.with(values), values) {
				return "", nil
			}
		}
	}
	return origin, nil
}

// byHand prints what setup would write, where it cannot.
func (c *setupCommand) byHand(a *app, hosts []string, why string) error {
	folder, err := os.MkdirTemp("", "git-pat-")
	if err != nil {
		return &fault{text: why}
	}
	defer os.RemoveAll(folder)
	file := configFile{path: filepath.Join(folder, "config")}
	changes, err := c.changes(a, hosts, file)
	if err != nil {
		return err
	}
	if _, err := a.apply(changes, false, func(string) error { return nil }); err != nil {
		return err
	}
	lines, err := os.ReadFile(file.path)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(lines)) {
		// Git begins a setting with a tab, which is no character that prints.
		if err := a.ui.line(strings.Replace(strings.TrimSuffix(line, "\n"), "\t", "    ", 1)); err != nil {
			return err
		}
	}
	n, _ := strconv.Atoi(os.Getenv("GIT_CONFIG_COUNT"))
	return &fault{
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

// changes are those that setup, or its undoing, makes to a file.
func (c *setupCommand) changes(a *app, hosts []string, file configFile) ([]change, error) {
	line, err := c.helperLine(a)
	if err != nil {
		return nil, err
	}
	var changes []change
	for _, host := range hosts {
		for _, setting := range c.settings(host, line) {
			old, err := a.configured(file, setting.key)
			if err != nil {
				return nil, err
			}
			if c.Save == "" && c.Store == "" {
				setting.keep(old)
			}
			want := setting.with(old)
			if c.Undo {
				ours, err := a.wrote(file, host, setting)
				if err != nil {
					return nil, err
				}
				if want = old; ours {
					want = setting.without(old)
				}
			}
			if change := (change{file, setting.key, old, want}); len(change.commands()) > 0 {
				changes = append(changes, change)
			}
		}
	}
	return changes, nil
}

// apply shows the commands that make the changes, runs each unless it is to be
// dry, and returns how many there are.
func (a *app) apply(changes []change, dry bool, show func(command string) error) (int, error) {
	for _, change := range changes {
		if change.writesOthers() {
			return 0, &fault{
				text:     fmt.Sprintf("to change %s, what others wrote there would be written again, and other programs could read it meanwhile, so nothing is changed", change.key),
				hint:     "change it by hand:",
				commands: []string{"git " + quoteAll(change.file.config("--edit"))},
			}
		}
	}
	done := 0
	for _, change := range changes {
		for _, args := range change.commands() {
			done++
			if err := show("git " + quoteAll(args)); err != nil {
				return done, err
			}
			if dry {
				continue
			}
			if err := a.changeGit(args); err != nil {
				return done, err
			}
		}
	}
	return done, nil
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
			return nil, &fault{text: err.Error(), status: exitUsage}
		}
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts, nil
}

// helperLine is the value of credential.helper, which Git hands to a shell.
func (c *setupCommand) helperLine(a *app) (string, error) {
	line := helperName
	if c.Save != "" {
		line += " --save=" + string(c.Save)
	}
	if c.Store != "" {
		tree, err := a.tree()
		if err != nil {
			return "", err
		}
		if err := a.takesTokens(tree, c.Store); err != nil {
			return "", err
		}
		line += " --store=" + shellWord(c.Store)
	}
	return line, nil
}

// helperName is what Git makes git credential-pat of.
const helperName = "pat"

func isOurs(value string) bool {
	return value == helperName || strings.HasPrefix(value, helperName+" ")
}

// A setting is one key of Git's configuration with the values that setup adds.
// They are a block of their own, beside what others wrote: a value that the
// person had before is added again, so that undoing leaves theirs.
type setting struct {
	key      string
	block    []string
	marker   int  // the index in block of the value that tells it
	distinct bool // nobody else would set this key to that value
}

// settings are those of a host.
func settings(host, line string) []setting {
	list := []setting{
		{key: "credential.https://" + host + ".helper", block: []string{"", line}, marker: 1},
		{key: "credential.https://" + host + ".useHttpPath", block: []string{"true"}},
		{key: "credential.ssh://" + host + ".helper", block: []string{line}},
		{key: "credential.http://" + host + ".helper", block: []string{line}},
	}
	if name := credential.WithoutPort(host); name != host {
		// An SSH URL has a port of its own, or none.
		list = append(list, setting{key: "credential.ssh://" + name + ".helper", block: []string{line}})
	}
	return list
}

// pushSetting is the one that has Git say which requests are pushes.
func pushSetting(host string) setting {
	key, value := git.PushSetting(host)
	return setting{key: key, block: []string{value}, distinct: true}
}

// settings are those of a host that are to be written or taken back.
func (c *setupCommand) settings(host, line string) []setting {
	switch {
	case c.Undo && c.LeastPrivilege:
		return []setting{pushSetting(host)}
	case c.Undo || c.LeastPrivilege:
		return append(settings(host, line), pushSetting(host))
	}
	return settings(host, line)
}

// namesUs reports whether the block names the helper, or is otherwise nobody
// else's.
func (s setting) namesUs() bool { return s.distinct || isOurs(s.block[s.marker]) }

// find returns where the block begins in values, or -1. What does not name the
// helper has one value, the last.
func (s setting) find(values []string) int {
	for i := len(values) - 1; i >= 0; i-- {
		ours := values[i] == s.block[s.marker]
		switch {
		case s.distinct:
		case s.namesUs():
			ours = isOurs(values[i])
		default:
			ours = ours && i == len(values)-1
		}
		start := i - s.marker
		if ours && start >= 0 && slices.Equal(values[start:i], s.block[:s.marker]) {
			return start
		}
	}
	return -1
}

// keep makes the helper's options those that values has for it.
func (s setting) keep(values []string) {
	if start := s.find(values); start >= 0 {
		s.block[s.marker] = values[start+s.marker]
	}
}

// with returns the values with the block among them.
func (s setting) with(values []string) []string {
	start := s.find(values)
	if start < 0 {
		return append(slices.Clone(values), s.block...)
	}
	return slices.Concat(values[:start], s.block, values[start+len(s.block):])
}

// without returns the values but for the block.
func (s setting) without(values []string) []string {
	start := s.find(values)
	if start < 0 {
		return values
	}
	return slices.Concat(values[:start], values[start+len(s.block):])
}

// wrote reports whether setup wrote a setting of a host. A value that does not
// name the helper is ours if it comes after the line that does: setup appends
// that one first, and writes none where it is there already.
func (a *app) wrote(file configFile, host string, s setting) (bool, error) {
	if s.namesUs() {
		return true, nil
	}
	entries, err := a.fileSettings("", file.options()...)
	if err != nil {
		return false, err
	}
	afterHelper, ours := false, false
	for _, entry := range entries {
		switch section := "credential.https://" + host; {
		case entry.Key == section+".helper" && isOurs(entry.Value):
			afterHelper = true
		case entry.Key == section+".usehttppath":
			ours = afterHelper
		}
	}
	return ours, nil
}

// configured returns the values of a key in a file.
func (a *app) configured(file configFile, key string) ([]string, error) {
	entries, err := a.fileSettings("", file.options()...)
	if err != nil {
		return nil, err
	}
	var values []string
	for _, entry := range entries {
		if strings.EqualFold(entry.Key, key) {
			values = append(values, entry.Value)
		}
	}
	return values, nil
}

// commands are those that make the change, the fewest that say which values
// they mean.
func (c change) commands() [][]string {
	if slices.Equal(c.old, c.want) {
		return nil
	}
	config := c.file.config
	var commands [][]string
	add := func(values []string) {
		for _, value := range values {
			commands = append(commands, config("--add", c.key, value))
		}
	}
	if len(c.want) >= len(c.old) && slices.Equal(c.want[:len(c.old)], c.old) {
		add(c.want[len(c.old):])
		return commands
	}
	if i := oneDiffers(c.old, c.want); i >= 0 {
		return append(commands, config(c.key, c.want[i], git.Exactly(c.old[i])))
	}
	if removed, ok := removedOnly(c.old, c.want); ok {
		for _, value := range removed {
			commands = append(commands, config("--unset", c.key, git.Exactly(value)))
		}
		return commands
	}
	commands = append(commands, config("--unset-all", c.key))
	add(c.want)
	return commands
}

// writesOthers reports whether a command has a value in it that others wrote, and
// that may hold a password: a line with more than a name.
func (c change) writesOthers() bool {
	return slices.ContainsFunc(c.old, func(value string) bool {
		if isOurs(value) || isGH.MatchString(value) || !strings.ContainsAny(value, " \t\n") && !git.HoldsSecret(value) {
			return false
		}
		return slices.ContainsFunc(c.commands(), func(args []string) bool {
			return slices.Contains(args, value) || slices.Contains(args, git.Exactly(value))
		})
	})
}

// isGH finds what gh auth setup-git writes.
var isGH = regexp.MustCompile(`^!(\S*/)?gh auth git-credential$`)

// oneDiffers returns the index of the only value that is to be another one, or
// -1 if it is not that simple.
func oneDiffers(old, want []string) int {
	if len(old) != len(want) {
		return -1
	}
	at := -1
	for i := range old {
		switch {
		case old[i] == want[i]:
		case at >= 0 || slices.Index(old, old[i]) != i || slices.Contains(old[i+1:], old[i]):
			return -1
		default:
			at = i
		}
	}
	return at
}

// removedOnly returns the values that are in old and not in want, if that is
// all the difference and each is there once.
func removedOnly(old, want []string) (removed []string, ok bool) {
	rest := slices.DeleteFunc(slices.Clone(old), func(value string) bool {
		if slices.Contains(want, value) {
			return false
		}
		ok = !slices.Contains(removed, value)
		removed = append(removed, value)
		return true
	})
	return removed, ok && slices.Equal(rest, want) && len(rest)+len(removed) == len(old)
}

func quoteAll(args []string) string {
	words := make([]string, 0, len(args))
	for _, arg := range args {
		words = append(words, shellWord(arg))
	}
	return strings.Join(words, " ")
}
