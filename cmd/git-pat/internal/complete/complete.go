// Package complete finds the words that complete a command line while somebody
// types it: commands, options, targets, names and remotes.
//
// It reads records and Git's configuration, and no token. It finds at most a
// thousand words.
package complete

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/input"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/manual"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// A Completer finds the words that complete a command line.
type Completer struct {
	Model   *kong.Application
	Tokens  *tokens.Tokens
	Remotes iter.Seq2[string, credential.Remote] // by name; see Fetched
}

// A Word may replace the last word of a command line.
type Word struct{ Text, Meaning string }

// Words returns the words that may replace the last one. It reports false if that
// word belongs to a program that git pat is to run.
func (c *Completer) Words(line []string) (words []Word, ours bool) {
	if len(line) == 0 {
		return nil, true
	}
	last := len(line) - 1
	typed := line[last]
	if last == 0 {
		if strings.HasPrefix(typed, "-") {
			return optionsBeginning(typed, nil, nil), true
		}
		return c.suggest("", "command", nil, typed), true
	}
	i := slices.IndexFunc(c.Model.Children, func(node *kong.Node) bool { return node.Name == line[0] && !node.Hidden })
	if i < 0 {
		return nil, true
	}
	node := c.Model.Children[i]
	passesOn := slices.ContainsFunc(node.Positional, func(arg *kong.Positional) bool { return arg.Passthrough })
	var (
		args     []string
		given    []*kong.Flag
		waiting  *kong.Flag // for its value
		noOption bool       // after --
	)
	for _, word := range line[1:last] {
		switch {
		case waiting != nil:
			waiting = nil
		case noOption || word == "-" || !strings.HasPrefix(word, "-"):
			args = append(args, word)
			noOption = noOption || passesOn
		case word == "--":
			noOption = true
		default:
			flag, _, hasValue := flagIn(node, word)
			if flag == nil {
				continue
			}
			given = append(given, flag)
			if !hasValue && !flag.IsBool() {
				waiting = flag
			}
		}
	}
	if waiting != nil {
		return c.suggest(node.Name, waiting.Name, args, typed), true
	}
	if !noOption && strings.HasPrefix(typed, "-") {
		flag, value, hasValue := flagIn(node, typed)
		switch {
		case !hasValue:
			return optionsBeginning(typed, manual.Flags(node), given), true
		case flag == nil || flag.IsBool():
			return nil, true
		}
		return c.suggest(node.Name, flag.Name, args, value), true
	}
	if passesOn {
		return nil, false
	}
	at := len(args)
	if end := len(node.Positional) - 1; end >= 0 && node.Positional[end].IsCumulative() {
		at = min(at, end)
	}
	if at >= len(node.Positional) {
		return nil, true
	}
	return c.suggest(node.Name, node.Positional[at].Name, args, typed), true
}

// flagIn returns the flag of a command that a word names, and the value after
// an equals sign, as in --name=value. The flag is nil if there is none.
func flagIn(node *kong.Node, word string) (flag *kong.Flag, value string, hasValue bool) {
	name, value, hasValue := strings.Cut(word, "=")
	for _, flag := range manual.Flags(node) {
		if name == "--"+flag.Name || flag.Short != 0 && name == "-"+string(flag.Short) {
			return flag, value, hasValue
		}
	}
	return nil, value, hasValue
}

// optionsBeginning returns the options that begin with what is typed. An option
// that was given already is returned only if it may be repeated.
func optionsBeginning(typed string, flags, given []*kong.Flag) []Word {
	var words []Word
	add := func(word, meaning string) {
		if strings.HasPrefix(word, typed) {
			words = append(words, Word{word, meaning})
		}
	}
	for _, flag := range flags {
		if slices.Contains(given, flag) && !flag.IsCumulative() {
			continue
		}
		add("--"+flag.Name, flag.Help)
		if flag.Short != 0 {
			add("-"+string(flag.Short), flag.Help)
		}
	}
	add("--help", "show help")
	add("-h", "show help")
	return words
}

// Limits while somebody types: reading more takes too long, for the program and for
// the person.
const (
	maxWords    = 1000
	maxRecorded = 10_000
)

// suggest returns the words for an argument or for the value of an option. Its name
// says which: a TARGET is the same for all commands.
func (c *Completer) suggest(command, what string, args []string, typed string) []Word {
	var words []Word
	known := map[string]bool{}
	// add reports whether there is room for more.
	add := func(word, meaning string) bool {
		if word != "" && !known[word] && len(words) < maxWords && credential.Quote(word) == `"`+word+`"` && strings.HasPrefix(word, typed) {
			known[word] = true
			words = append(words, Word{word, meaning})
		}
		return len(words) < maxWords
	}
	tree := c.Tokens.Tree
	if what == "for" {
		what = "url-or-target"
	}
	for kind := range strings.SplitSeq(what, "-or-") {
		switch kind {
		case "target":
			for r := range recorded(targetsBeginning(tree, typed)) {
				word := r.Target.Short()
				if !strings.HasPrefix(word, typed) {
					word = r.Target.String()
				}
				if !add(word, "has a token") {
					break
				}
			}
			if command == "add" {
				c.targetsHere(add)
			}
		case "url":
			for name, remote := range c.Remotes {
				add(remote.HTTPS(), "the remote "+name)
			}
		case "remote":
			for name, remote := range c.Remotes {
				add(name, remote.HTTPS())
			}
		case "name", "select":
			for r := range recorded(c.forTargets(args)) {
				if !add(r.Name, "for "+r.Target.String()) {
					break
				}
			}
		case "username":
			for r := range recorded(tree.All()) {
				if !add(r.Username, "has a token") {
					break
				}
			}
		case "host":
			add(credential.GitHubHost, "as without a host")
			add(credential.GistHost, "as without a host")
			for _, host := range tree.Hosts() {
				add(host, "has a token")
			}
		case "store":
			add("keyring", "the system's")
			add("file", "a plain file")
			for r := range recorded(tree.All()) {
				if !add(r.Store, "has a token") {
					break
				}
			}
		case "access":
			add(string(credential.ReadAccess), "for fetching")
			add(string(credential.WriteAccess), "for pushing too")
		case "save":
			add(string(keeper.SaveTokens), "personal tokens")
			add(string(keeper.SaveAny), "everything")
			add(string(keeper.SaveNever), "nothing")
		case "shell":
			for _, shell := range []string{"bash", "zsh", "fish"} {
				add(shell, "the script for it")
			}
		case "command":
			for _, node := range c.Model.Children {
				if !node.Hidden {
					add(node.Name, node.Help)
				}
			}
		}
	}
	return words
}

// targetsHere adds the targets of the remotes of the current repository. There
// may be no token for them yet.
func (c *Completer) targetsHere(add func(word, meaning string) bool) {
	for name, remote := range c.Remotes {
		request := credential.Request{Host: remote.Host, Path: remote.Path}
		target := request.Target()
		if len(target.Paths) == 0 {
			continue
		}
		add(credential.Target{Host: target.Host, Paths: []string{target.Owner()}}.Short(), "the owner of "+name)
		add(target.Short(), "the remote "+name)
	}
}

// records yields some records of a tree, one after another.
type records = iter.Seq2[credential.Candidate, error]

// targetsBeginning returns the records whose target may begin with what is typed.
// It looks into no folders but those that may have them.
func targetsBeginning(tree *record.Tree, typed string) records {
	return func(yield func(credential.Candidate, error) bool) {
		for _, host := range tree.Hosts() {
			begins := credential.Target{Host: host}.String() + "/"
			rest, within := strings.CutPrefix(typed, begins)
			var some records
			switch {
			case within:
				some = tree.Beginning(host, rest)
			case strings.HasPrefix(begins, typed):
				some = tree.Host(host)
			case host == credential.GitHubHost:
				some = tree.Beginning(host, typed)
			default:
				continue
			}
			for c, err := range some {
				if !yield(c, err) {
					return
				}
			}
		}
	}
}

// forTargets returns the records for the targets that were typed, or all.
func (c *Completer) forTargets(targets []string) records {
	if len(targets) == 0 {
		return c.Tokens.Tree.All()
	}
	return func(yield func(credential.Candidate, error) bool) {
		target, err := input.ParseTargets(targets)
		if err != nil {
			return
		}
		same, err := c.Tokens.For(target)
		if err != nil {
			return
		}
		for _, r := range same {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// recorded yields the first of some records, without those that cannot be read.
func recorded(some records) iter.Seq[credential.Candidate] {
	return func(yield func(credential.Candidate) bool) {
		n := 0
		for c, err := range some {
			if n++; err != nil || n > maxRecorded || c.Damaged == nil && !yield(c) {
				return
			}
		}
	}
}

// Fetched returns the remotes of the repository in the current folder, by name.
func Fetched(ctx context.Context, r *resolve.Resolver) iter.Seq2[string, credential.Remote] {
	return func(yield func(string, credential.Remote) bool) {
		all, _, err := r.Remotes(ctx)
		if err != nil {
			return // there is no repository
		}
		for _, u := range all {
			remote, err := git.ParseRemote(u.URL)
			if err == nil && !u.Push && remotes.ShownName(u.Remote) == u.Remote && !yield(u.Remote, r.OverHTTPS(ctx, remote, u.URL)) {
				return
			}
		}
	}
}
