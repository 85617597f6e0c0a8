package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/protocol"
	"github.com/git-credential-pat/git-credential-pat/store"
)

type importCommand struct {
	Source       string   `arg:"" help:"git-credentials, netrc, gh, or git:HELPER for another credential helper"`
	From         []string `arg:"" optional:"" name:"file-or-url" help:"the files to read in place of the usual ones; with git:HELPER the URLs to ask it for"`
	All          bool     `help:"import what is for other servers than GitHub too"`
	Store        string   `placeholder:"STORE" help:"where to keep them: keyring, file or git:HELPER; else the keyring where there is one, or a file"`
	DryRun       bool     `help:"show what would be done, and do nothing"`
	RemoveSource bool     `help:"take what is kept out of the source, after a question"`
	Yes          bool     `short:"y" help:"ask nothing"`
	Offline      bool     `help:"connect to nothing"`
}

func (importCommand) Help() string {
	return `SOURCE is where the tokens are:

    git-credentials   ~/.git-credentials and ~/.config/git/credentials, where
                      Git's helper store keeps them, or a FILE
    netrc             $NETRC or ~/.netrc, or a FILE
    gh                the accounts of GitHub's command line, also in the keyring
    git:HELPER        another helper, asked for each URL as Git asks it

A token is imported for the repository or owner in the path of its entry, and
without a path for the host. A fine-grained token is imported for its owner;
where no path names the owner, GitHub is asked for the repositories that the
token sees. A token that is there several times is kept once. One beside which
two would fit equally, so that neither answered, is left where it is and named,
and so is a password, for GitHub takes none.

The source stays as it is. With --remove-source what is kept goes from it, once
it was read back from its new store.

    git pat import git-credentials --dry-run
    git pat import git:osxkeychain https://github.com/acme https://github.com
    git pat import netrc --remove-source`
}

// A source has what other programs log in with.
type source interface {
	// items reads them all.
	items(a *app) ([]*item, error)

	// question asks whether to remove what is kept.
	question() string

	// remove takes those out of the source that are kept. It says what it did
	// itself.
	remove(a *app, items []*item) error
}

// An item is one log-in of a source, and what becomes of it.
type item struct {
	place  string // where it stands, for people
	host   string
	path   string
	login  string
	secret credential.Secret

	expires time.Time

	// Of an entry in a file: the line on which it begins, the bytes that it is
	// made of, and what they are.
	file  string
	line  int
	spans [][2]int
	text  credential.Secret

	request protocol.Message // that a helper answered

	kind   credential.Kind
	scope  credential.Scope // that it is imported for
	result string
	why    string   // it is left
	hint   string   // what to do then
	do     []string // the commands for it
}

// What became of an item.
const (
	itemAdded  = "added"
	itemKnown  = "kept already"
	itemMerged = "merged" // into another item's token
	itemLeft   = "left"
)

// kept reports whether the token of an item is kept now.
func (e *item) kept() bool { return e.result != itemLeft }

// leave says why an entry stays where it is.
func (e *item) leave(why string) { e.result, e.why = itemLeft, why }

// malformed is leave for an entry of which nothing is shown, since nobody
// knows which part of it is the secret.
func (e *item) malformed(why string) {
	e.host, e.path, e.login, e.secret = "", "", "", credential.Secret{}
	e.leave(why)
}

func (c *importCommand) Run(a *app) error {
	from, err := c.source()
	if err != nil {
		return err
	}
	tree, err := a.tree()
	if err != nil {
		return err
	}
	if c.Store != "" {
		if err := a.takesTokens(tree, c.Store); err != nil {
			return err
		}
	}
	if c.RemoveSource && !c.Yes && !c.DryRun && !a.ui.somebodyIsThere() {
		return &fault{text: "there is no terminal to ask at", hint: "to remove what is kept without being asked, add --yes"}
	}
	items, err := from.items(a)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		a.ui.say("there is nothing to import")
		return nil
	}
	// A host that is named is meant.
	_, named := from.(*otherHelper)
	plan := &plan{app: a, tree: tree, all: c.All || named, offline: c.Offline}
	if err := plan.make(items); err != nil {
		return err
	}
	if c.DryRun {
		if err := c.show(a, items); err != nil {
			return err
		}
		a.ui.say("nothing is changed")
		return nil
	}
	failed := c.keep(plan)
	if err := c.show(a, items); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	c.afterImport(plan)
	if c.Source == "netrc" && !c.RemoveSource && slices.ContainsFunc(items, (*item).kept) {
		a.ui.hint("Git looks there before it asks for tokens; to take what is kept out of there:", "git pat import netrc --remove-source")
	}
	if c.RemoveSource {
		return c.removeSource(plan, from, items)
	}
	return nil
}

func (c *importCommand) source() (source, error) {
	from := c.From
	switch {
	case c.Source == "git-credentials":
		return newFiles(from, importer.CredentialFiles, parseCredentials)
	case c.Source == "netrc":
		return newFiles(from, importer.NetrcFiles, parseNetrc)
	case c.Source == "gh" && len(from) > 0:
		return nil, &fault{text: "gh has one place for its accounts, and no FILE", status: exitUsage, hint: "if it is another one than usual, set GH_CONFIG_DIR"}
	case c.Source == "gh":
		return newGH()
	case strings.HasPrefix(c.Source, "git:"):
		return newOtherHelper(c.Source, from)
	}
	return nil, &fault{
		text:   fmt.Sprintf("%s is no source: there are git-credentials, netrc, gh and git:HELPER", quote(c.Source)),
		status: exitUsage, hint: "how it is used:", commands: []string{"git pat help import"},
	}
}

// keep keeps what the plan has. At the first trouble it stops.
func (c *importCommand) keep(p *plan) error {
	if len(p.tokens) == 0 {
		return nil
	}
	a := p.app
	name := c.Store
	if name == "" {
		name = store.Default(a.ctx, a.patience())
	}
	a.wake(p.tree, name)
	planned := p.tokens
	p.tokens = nil
	for i, token := range planned {
		token.record.Store = name
		added, err := p.add(token)
		if err != nil {
			for _, rest := range planned[i:] {
				for _, e := range rest.items {
					e.leave("it could not be kept")
				}
			}
			return err
		}
		if added {
			p.tokens = append(p.tokens, token)
		}
	}
	return nil
}

// show prints what became of the items, and says why some are left.
func (c *importCommand) show(a *app, items []*item) error {
	cell := func(s string) string { return orDash(plain(s)) }
	var rows [][]string
	for _, e := range items {
		scope := "-"
		if e.kept() {
			scope = e.scope.String()
			if n := len(e.scope.Paths); n > 3 {
				scope = fmt.Sprintf("%s/%s/{%d repositories}", e.scope.Host, e.scope.Owner(), n)
			}
		}
		result := e.result
		if c.DryRun && (e.result == itemAdded || e.result == itemMerged) {
			result = "would be " + result
		}
		rows = append(rows, []string{cell(e.place), cell(e.host), cell(e.path), cell(e.login), orDash(e.kind.String()), scope, result})
	}
	err := a.ui.table([]string{"FOUND", "HOST", "PATH", "LOGIN", "KIND", "SCOPE", "RESULT"}, rows, func(result string) string {
		if result == itemLeft {
			return "33"
		}
		return "32"
	})
	if err != nil {
		return err
	}
	said := make([]bool, len(items))
	for i, e := range items {
		if e.kept() || said[i] {
			continue
		}
		places, is := plain(e.place), "is"
		for j, other := range items[i+1:] {
			if !other.kept() && other.why == e.why && slices.Equal(other.do, e.do) {
				places, is = places+", "+plain(other.place), "are"
				said[i+1+j] = true
			}
		}
		a.ui.say("%s %s left: %s", places, is, e.why)
		if e.hint != "" {
			a.ui.hint(e.hint, e.do...)
		}
	}
	return nil
}

// afterImport says what a person should know of what was added.
func (c *importCommand) afterImport(p *plan) {
	a := p.app
	if len(p.tokens) == 0 {
		a.ui.say("nothing is added")
		return
	}
	where := p.tokens[0].record.Store
	a.ui.say("%s added, in the store %s", count(len(p.tokens), "token is", "tokens are"), quote(where))
	if c.Store == "" && where == "file" {
		a.ui.say("there is no keyring here, so what is added is in plain files that only you can read, in %s", p.tree.Dir())
	}
	if slices.ContainsFunc(p.tokens, func(t *token) bool { return t.record.Kind.IsGitHub() }) {
		a.ui.hint("to ask GitHub which are good:", "git pat verify --all")
	}
	hosts := map[string]bool{}
	for _, token := range p.tokens {
		if !hosts[token.record.Host] {
			hosts[token.record.Host] = true
			a.warnOfSetup(token.record)
		}
	}
}

func count(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

func (c *importCommand) removeSource(p *plan, from source, items []*item) error {
	a := p.app
	if !slices.ContainsFunc(items, (*item).kept) {
		a.ui.say("nothing is removed, since nothing is kept")
		return nil
	}
	if !c.Yes {
		yes, err := a.ui.confirm(from.question())
		if err != nil {
			return err
		}
		if !yes {
			return &fault{text: "nothing is removed"}
		}
	}
	lost, err := p.stillKept(items)
	if err != nil {
		return err
	}
	for _, e := range lost {
		a.ui.say("%s stays there: its token is not found here any more", plain(e.place))
	}
	if err := from.remove(a, items); err != nil || len(lost) == 0 {
		return err
	}
	return errSaid
}
