package main

// What git pat says about remotes and submodules, for all commands that speak of
// them.

import (
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// theRemote names an entry in a sentence.
func theRemote(e *remotes.Entry) string {
	what, where := "remote", "here"
	if e.Submodule != "" {
		what = "submodule"
	}
	if e.Folder != "" {
		where = "in " + quote(e.Folder)
	}
	return fmt.Sprintf("the %s %s %s", what, quote(remotes.ShownName(e.Name)), where)
}

// problem says why an entry is refused.
func problem(e *remotes.Entry) string {
	if !e.NotHTTPS() {
		return fmt.Sprintf("the URL of %s contains a %s: %s", theRemote(e), secretWord(e.Secret), quote(e.Secret.Shown))
	}
	return fmt.Sprintf("%s over %s, and tokens work over https only", does(e), e.Remote.Protocol)
}

// secretWord is the word for what stands in a URL.
func secretWord(s *remotes.Secret) string {
	if s.Kind.IsToken() {
		return "token"
	}
	return "password"
}

// does begins a sentence about what Git does at an entry.
func does(e *remotes.Entry) string {
	switch {
	case !e.Fetch:
		return theRemote(e) + " pushes"
	case !e.Push:
		return theRemote(e) + " fetches"
	}
	return theRemote(e) + " is"
}

// sayProblem says why an entry is refused, and which commands change it.
func sayProblem(t *term.Terminal, e *remotes.Entry) {
	t.Say("%s", problem(e))
	switch {
	case e.ByHand != nil:
		t.Hint(changeByHand, gitLine(e.ByHand))
	case len(e.Commands) == 0:
		t.Hint("it comes from the command line or the environment, so change it there")
	case e.Secret != nil && !e.Secret.Value.Empty():
		t.Hint(fmt.Sprintf("to store the %s and remove it from the URL:", secretWord(e.Secret)), fixCommand(e))
	default:
		t.Hint(changeIt, commandLines(e.Commands)...)
	}
}

const changeIt = "to change it:"

// changeByHand is said before a command with which a person changes a setting.
const changeByHand = "the setting that does it may hold a secret, so change it by hand:"

// fixCommand is the command of ours that changes an entry. If its name cannot be
// shown, the command changes all entries.
func fixCommand(e *remotes.Entry, options ...string) string {
	args := e.Git(append([]string{"pat", "remote", "--fix"}, options...)...)
	if remotes.ShownName(e.Name) != e.Name {
		return gitLine(args)
	}
	if strings.HasPrefix(e.Name, "-") {
		args = append(args, "--")
	}
	return gitLine(append(args, e.Name))
}

func commandLines(commands [][]string) []string {
	var lines []string
	for _, args := range commands {
		lines = append(lines, gitLine(args))
	}
	return lines
}

// changedNow says what has become of an entry, and which token answers there.
func changedNow(e, before *remotes.Entry, a answer) string {
	text := does(e) + " over https now"
	if before.Secret != nil && !before.NotHTTPS() {
		text = fmt.Sprintf("the URL of %s no longer contains a %s", theRemote(e), secretWord(before.Secret))
	}
	switch a.state {
	case answerOK:
		return text + ", and the token " + a.title + " answers"
	case answerReads:
		return text + ", and the token " + a.title + " answers, which is only for reading"
	}
	return text + ", but no token answers"
}

// sayRefused says how to change what is refused. Several entries that are refused
// only because they are not over https share one sentence: the table says the rest.
func (c *remoteCommand) sayRefused(t *term.Terminal, refused, all []*remotes.Entry) {
	var several, along []*remotes.Entry
	for _, e := range all {
		switch {
		case e.Follows != "":
			along = append(along, e)
		case e.Refused() && e.Secret == nil && len(e.Commands) > 0:
			several = append(several, e)
		}
	}
	for _, e := range refused {
		if !slices.Contains(several, e) {
			sayProblem(t, e)
		}
	}
	commands := lines(append(slices.Clone(several), along...))
	switch len(several) {
	case 0:
	case 1:
		t.Say("%s", problem(several[0]))
		t.Hint(changeIt, commands...)
	default:
		t.Say("tokens work over https only, so %d of these must change", len(several))
		t.Hint("to change them:", commands...)
	}
	if len(refused) > 1 {
		command := "git pat remote --fix"
		if c.Submodules {
			command += " --submodules"
		}
		if c.InsteadOf {
			command += " --insteadof"
		}
		t.Hint("to change all of them, after a question:", command)
	}
}

// lines are the commands that change entries, each once.
func lines(entries []*remotes.Entry) []string {
	var all []string
	for _, e := range entries {
		for _, line := range commandLines(e.Commands) {
			if !slices.Contains(all, line) {
				all = append(all, line)
			}
		}
	}
	return all
}

// row is the line of an entry in the table.
func row(e *remotes.Entry, a answer) []string {
	name := plain(remotes.ShownName(e.Name))
	if e.Submodule != "" {
		name = "submodule " + name
	}
	if e.Folder != "" {
		name = plain(e.Folder) + ": " + name
	}
	var uses []string
	if e.Fetch {
		uses = append(uses, "fetch")
	}
	if e.Push {
		uses = append(uses, "push")
	}
	if e.Submodule != "" {
		uses = []string{"clone"}
	}
	return rowAt(name, strings.Join(uses, ", "), e.Protocol, e.Remote, a)
}

// rowLFS is the line for the large files of a remote.
func rowLFS(l remotes.LFS, a answer) []string {
	remote, _ := git.ParseRemote(l.Files)
	remote.Path = strings.TrimSuffix(remote.Path, "/info/lfs")
	e := remotes.Entry{Repository: l.Entry.Repository, Name: l.Entry.Name}
	return rowAt(row(&e, a)[0], "LFS", remote.Protocol, remote, a)
}

func rowAt(name, uses, protocol string, remote credential.Remote, a answer) []string {
	owner, repository := "", remote.Path
	if i := strings.LastIndexByte(repository, '/'); i >= 0 {
		owner, repository = repository[:i], repository[i+1:]
	}
	repository = strings.TrimSuffix(repository, ".git")
	return []string{
		name, uses, plain(protocol), orDash(remote.Host), orDash(plain(owner)), orDash(plain(repository)),
		orDash(a.token), a.state,
	}
}

// lfsAsks says for which token Git LFS asks, if it is not the one for the files.
func lfsAsks(l remotes.LFS) advice.Advice {
	place := l.Setting.ShownKey()
	if file, ok := l.Setting.File(); ok {
		place += " in " + plain(file)
	}
	target := func(url string) credential.Target {
		remote, _ := git.ParseRemote(url)
		return credential.Request{Host: remote.Host, Path: remote.Path}.Target()
	}
	files, asks := target(l.Files), target(l.Asks)
	help := advice.Advice{What: fmt.Sprintf("Git LFS asks for a token for %s, but the files are in %s (%s)", asks, files, place)}
	if command := l.Command(); command != nil {
		help.Do, help.Commands = "to make it ask for a token for "+files.Short()+":", []string{"git " + quoteAll(command)}
	}
	return help
}
