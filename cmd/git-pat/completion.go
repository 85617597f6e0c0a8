package main

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/spf13/cobra"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

type completionCommand struct {
	Shell string `arg:"" help:"bash, zsh or fish"`
}

func (completionCommand) Help() string {
	return `The script makes the shell complete commands, options, scopes, names and the
remotes of the repository one stands in, for git pat as for git-pat. At most a
thousand words are offered. Nothing but the records is read for that, and no
token. make install puts it where the shells look for it; without that, this
goes into ~/.bashrc, ~/.zshrc after compinit, or ~/.config/fish/config.fish:

    eval "$(git pat completion bash)"
    eval "$(git pat completion zsh)"
    git pat completion fish | source

In bash and zsh, git pat is completed by Git's own completion.`
}

func (c *completionCommand) Run(a *app) error {
	var script bytes.Buffer
	var err error
	switch root := completer(a); c.Shell {
	case "bash":
		if err = root.GenBashCompletionV2(&script, true); err == nil {
			script.WriteString(gitPatInBash)
		}
	case "zsh":
		if err = root.GenZshCompletion(&script); err == nil {
			// Git's own completion calls it for git pat, with pat as the first word.
			script = *bytes.NewBuffer(bytes.Replace(script.Bytes(), []byte("${words[1]}"), []byte("git-pat"), 1))
		}
	case "fish":
		if err = root.GenFishCompletion(&script, true); err == nil {
			script.WriteString(gitPatInFish)
		}
	default:
		return &fault{text: fmt.Sprintf("there is no completion for the shell %s", quote(c.Shell)), status: exitUsage, hint: "there is one for bash, zsh and fish"}
	}
	if err != nil {
		return err
	}
	return a.ui.text(script.String())
}

// gitPatInBash is what Git's own completion calls for git pat, in words that
// it has made of the line: git, its options, and pat at __git_cmd_idx.
const gitPatInBash = `
_git_pat()
{
    local at=${__git_cmd_idx:-1}
    local COMP_WORDS=(git-pat "${words[@]:at+1:cword-at}")
    local COMP_CWORD=$((cword - at))
    local COMP_LINE="${COMP_WORDS[*]}"
    local COMP_POINT=${#COMP_LINE}
    compopt +o nospace 2>/dev/null
    __start_git-pat
}
`

// gitPatInFish has the completion of git ask that of git-pat. Later versions
// of fish do so by themselves; version 3.6 means to and does not.
const gitPatInFish = `
function __git_pat_in_git
    set -l words (commandline -opc)
    set -l at (contains -i -- pat $words)
    and complete -C (string join ' ' -- git-pat (string escape -- $words[(math $at + 1)..-1]) (commandline -ct))
end
complete -c git -f -n '__fish_git_using_command pat' -a '(__git_pat_in_git)'
`

// asksForCompletion reports whether the arguments are those with which the
// scripts ask how a line may go on.
func asksForCompletion(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// complete answers the scripts. Nobody reads an error while they type.
func complete(a *app, args []string) error {
	var words bytes.Buffer
	root := completer(a)
	root.SetArgs(args)
	root.SetOut(&words)
	root.SetErr(io.Discard)
	if err := root.ExecuteContext(a.ctx); err != nil {
		return err
	}
	for line := range strings.Lines(words.String()) {
		word, meaning, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if ok { // shells show it beside the word
			meaning = "\t" + credential.Visible(meaning)
		}
		if err := a.ui.text(credential.Visible(word) + meaning + "\n"); err != nil {
			return err
		}
	}
	return nil
}

// completer has the commands as cobra knows them, whose completion it is: that
// has been through every shell's quoting, and there is none for kong that is
// kept.
func completer(a *app) *cobra.Command {
	root := &cobra.Command{Use: "git-pat"}
	for _, node := range a.model.Children {
		if node.Hidden {
			continue
		}
		command := commandFor(a, node)
		root.AddCommand(command)
		if node.Name == "help" {
			root.SetHelpCommand(command) // else cobra adds its own
		}
	}
	return root
}

func commandFor(a *app, node *kong.Node) *cobra.Command {
	command := &cobra.Command{
		Use:   node.Name,
		Short: node.Help,
		Run:   func(*cobra.Command, []string) {}, // without it, it is not offered
	}
	passesOn := slices.ContainsFunc(node.Positional, func(arg *kong.Positional) bool { return arg.Passthrough })
	command.Flags().SetInterspersed(!passesOn)
	command.ValidArgsFunction = func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if passesOn {
			return nil, cobra.ShellCompDirectiveDefault
		}
		i := len(args)
		if last := len(node.Positional) - 1; last >= 0 && node.Positional[last].IsCumulative() {
			i = min(i, last)
		}
		if i >= len(node.Positional) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return a.suggest(node.Name, node.Positional[i].Name, args, typed), cobra.ShellCompDirectiveNoFileComp
	}
	for _, flag := range ownFlags(node) {
		short := ""
		if flag.Short != 0 {
			short = string(flag.Short)
		}
		if flag.IsBool() {
			command.Flags().BoolP(flag.Name, short, false, flag.Help)
			continue
		}
		command.Flags().StringP(flag.Name, short, "", flag.Help)
		command.RegisterFlagCompletionFunc(flag.Name, func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			return a.suggest(node.Name, flag.Name, args, typed), cobra.ShellCompDirectiveNoFileComp
		})
	}
	for _, child := range node.Children {
		if !child.Hidden {
			command.AddCommand(commandFor(a, child))
		}
	}
	return command
}

// What is read and offered while somebody types: more would take too long to
// read, for the program and for the person.
const (
	maxWords    = 1000
	maxRecorded = 10_000
)

// suggest returns what may stand for an argument or as the value of an option,
// each with what it is after a tab. Their names say what they take: a SCOPE is
// one wherever it stands.
func (a *app) suggest(command, what string, args []string, typed string) []string {
	var words []string
	known := map[string]bool{}
	// add reports whether there is room for more.
	add := func(word, meaning string) bool {
		if word != "" && !known[word] && len(words) < maxWords && plain(word) == word && strings.HasPrefix(word, typed) {
			known[word] = true
			words = append(words, word+"\t"+meaning)
		}
		return len(words) < maxWords
	}
	tree, err := a.tree()
	if err != nil {
		tree = record.NewTree(os.DevNull) // which has none
	}
	if what == "for" {
		what = "url-or-scope"
	}
	for kind := range strings.SplitSeq(what, "-or-") {
		switch kind {
		case "scope":
			for c := range recorded(scopesBeginning(tree, typed)) {
				word := c.Scope.Short()
				if !strings.HasPrefix(word, typed) {
					word = c.Scope.String()
				}
				if !add(word, "has a token") {
					break
				}
			}
			if command == "add" {
				a.scopesHere(add)
			}
		case "url":
			for name, remote := range a.fetched() {
				add(remote.HTTPS(), "the remote "+plain(name))
			}
		case "remote":
			for name, remote := range a.fetched() {
				add(name, remote.HTTPS())
			}
		case "name":
			for c := range recorded(forScopes(tree, args)) {
				if !add(c.Name, "for "+c.Scope.String()) {
					break
				}
			}
		case "username":
			for c := range recorded(tree.All()) {
				if !add(c.Username, "has a token") {
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
			for c := range recorded(tree.All()) {
				if !add(c.Store, "has a token") {
					break
				}
			}
		case "access":
			add(string(credential.ReadAccess), "for fetching")
			add(string(credential.WriteAccess), "for pushing too")
		case "save":
			add(string(keeper.SaveTokens), "personal tokens of GitHub")
			add(string(keeper.SaveAny), "everything")
			add(string(keeper.SaveNever), "nothing")
		case "shell":
			for _, shell := range []string{"bash", "zsh", "fish"} {
				add(shell, "the script for it")
			}
		case "command":
			for _, node := range a.model.Children {
				if !node.Hidden {
					add(node.Name, node.Help)
				}
			}
		}
	}
	return words
}

// scopesHere are those for which there may be no token yet: of the remotes of
// the repository one stands in.
func (a *app) scopesHere(add func(word, meaning string) bool) {
	for name, remote := range a.fetched() {
		repository, err := credential.Request{Path: remote.Path}.Repository()
		if err != nil || repository == "" {
			continue
		}
		scope := credential.Scope{Host: remote.Host, Paths: []string{repository}}
		add(credential.Scope{Host: scope.Host, Paths: []string{scope.Owner()}}.Short(), "the owner of "+plain(name))
		add(scope.Short(), "the remote "+plain(name))
	}
}

// records are those of a tree that may be of use, one after another.
type records = iter.Seq2[credential.Candidate, error]

// scopesBeginning returns the records whose scope may begin with what is typed.
// It looks into no folders but those that may have them.
func scopesBeginning(tree *record.Tree, typed string) records {
	return func(yield func(credential.Candidate, error) bool) {
		for _, host := range tree.Hosts() {
			begins := credential.Scope{Host: host}.String() + "/"
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

// forScopes returns the records for the scopes that were typed, or all.
func forScopes(tree *record.Tree, scopes []string) records {
	if len(scopes) == 0 {
		return tree.All()
	}
	return func(yield func(credential.Candidate, error) bool) {
		scope, err := parseScopes(scopes)
		if err != nil {
			return
		}
		near, err := tree.Near(scope.Host, firstPath(scope))
		if err != nil {
			return
		}
		for _, c := range near {
			wanted, err := scope.For(c.Kind)
			if err == nil && c.Scope.Equal(wanted) && !yield(c, nil) {
				return
			}
		}
	}
}

// recorded returns the first of some records, without those that cannot be read.
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

// fetched returns the remotes of the repository one stands in, by their names.
func (a *app) fetched() iter.Seq2[string, credential.Remote] {
	return func(yield func(string, credential.Remote) bool) {
		all, _, err := a.remotes()
		if err != nil {
			return // no repository
		}
		for _, u := range all {
			remote, err := credential.ParseRemote(u.URL)
			if err == nil && !u.Push && remotes.ShownName(u.Remote) == u.Remote && !yield(u.Remote, remote) {
				return
			}
		}
	}
}
