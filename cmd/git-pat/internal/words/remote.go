package words

import (
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// TheRemote names an entry in a sentence.
func TheRemote(e *remotes.Entry) string {
	what, where := "remote", "here"
	if e.Submodule != "" {
		what = "submodule"
	}
	if e.Folder != "" {
		where = "in " + credential.Quote(e.Folder)
	}
	return fmt.Sprintf("the %s %s %s", what, credential.Quote(remotes.ShownName(e.Name)), where)
}

// Problem says why an entry is refused.
func Problem(e *remotes.Entry) string {
	if !e.NotHTTPS() {
		return fmt.Sprintf("the URL of %s contains a %s: %s", TheRemote(e), SecretWord(e.Secret), credential.Quote(e.Secret.Shown))
	}
	return fmt.Sprintf("%s over %s, and tokens work over https only", Does(e), e.Remote.Protocol)
}

// SecretWord is the word for what stands in a URL.
func SecretWord(s *remotes.Secret) string {
	if s.Kind.IsToken() {
		return "token"
	}
	return "password"
}

// Does begins a sentence about what Git does at an entry.
func Does(e *remotes.Entry) string {
	switch {
	case !e.Fetch:
		return TheRemote(e) + " pushes"
	case !e.Push:
		return TheRemote(e) + " fetches"
	}
	return TheRemote(e) + " is"
}

const ChangeIt = "to change it:"

// ChangeByHand is said before a command with which a person changes a setting.
const ChangeByHand = "the setting that does it may hold a secret, so change it by hand:"

// Refused says why an entry is refused, and which commands change it.
func Refused(e *remotes.Entry) advice.Advice {
	help := advice.Advice{What: Problem(e)}
	switch {
	case e.Wrong != nil:
		help.Do = e.Wrong.Error() + ", so correct the URL first"
	case e.ByHand != nil:
		help.Do, help.Commands = ChangeByHand, []string{GitLine(e.ByHand)}
	case len(e.Commands) == 0:
		help.Do = "it comes from the command line or the environment, so change it there"
	case e.Secret != nil && !e.Secret.Value.Empty():
		help.Do = fmt.Sprintf("to store the %s and remove it from the URL:", SecretWord(e.Secret))
		help.Commands = []string{FixCommand(e)}
	default:
		help.Do, help.Commands = ChangeIt, GitLines(e.Commands)
	}
	return help
}

// AllRefused says how to change the entries that are refused. Several that are only
// not over https share one sentence: the table says the rest.
func AllRefused(entries []*remotes.Entry) (helps []advice.Advice) {
	var several, along []*remotes.Entry
	for _, e := range entries {
		switch {
		case e.Follows != "":
			along = append(along, e)
		case e.Refused() && e.Secret == nil && len(e.Commands) > 0:
			several = append(several, e)
		case e.Refused():
			helps = append(helps, Refused(e))
		}
	}
	help := advice.Advice{Do: ChangeIt, Commands: DistinctLines(append(several, along...))}
	switch len(several) {
	case 0:
		return helps
	case 1:
		help.What = Problem(several[0])
	default:
		help.What = fmt.Sprintf("tokens work over https only, so %d of these must change", len(several))
		help.Do = "to change them:"
	}
	return append(helps, help)
}

// FixCommand is the command of ours that changes an entry. If its name cannot be
// shown, the command changes all entries.
func FixCommand(e *remotes.Entry, options ...string) string {
	args := e.Git(append([]string{"pat", "remote", "--fix"}, options...)...)
	if remotes.ShownName(e.Name) != e.Name {
		return GitLine(args)
	}
	if strings.HasPrefix(e.Name, "-") {
		args = append(args, "--")
	}
	return GitLine(append(args, e.Name))
}

// DistinctLines are the commands that change entries, each once.
func DistinctLines(entries []*remotes.Entry) []string {
	var all []string
	for _, e := range entries {
		for _, line := range GitLines(e.Commands) {
			if !slices.Contains(all, line) {
				all = append(all, line)
			}
		}
	}
	return all
}

// LFSAsks says for which token Git LFS asks, if it is not the one for the files.
func LFSAsks(l remotes.LFS) advice.Advice {
	place := l.Setting.ShownKey()
	if file, ok := l.Setting.File(); ok {
		place += " in " + Plain(file)
	}
	target := func(url string) credential.Target {
		remote, _ := git.ParseRemote(url)
		return credential.Request{Host: remote.Host, Path: remote.Path}.Target()
	}
	files, asks := target(l.Files), target(l.Asks)
	help := advice.Advice{What: fmt.Sprintf("Git LFS asks for a token for %s, but the files are in %s (%s)", asks, files, place)}
	if command := l.Command(); command != nil {
		help.Do, help.Commands = "to make it ask for a token for "+files.Short()+":", []string{"git " + CommandLine(command)}
	}
	return help
}
