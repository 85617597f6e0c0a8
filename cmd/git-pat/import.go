package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
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

func (c *importCommand) Run(ctx context.Context, t *term.Terminal, r *resolve.Resolver) error {
	kept := r.Tokens
	from, err := c.source(kept)
	if err != nil {
		return c.inWords(err)
	}
	if c.Store != "" {
		if err := takesTokens(kept, c.Store); err != nil {
			return err
		}
	}
	if c.RemoveSource && !c.Yes && !c.DryRun && !t.Interactive() {
		return &hintError{text: "there is no terminal to ask at", hint: "to remove what is kept without being asked, add --yes"}
	}
	items, err := from.Items(ctx)
	if err != nil {
		return c.inWords(err)
	}
	if len(items) == 0 {
		t.Say("there is nothing to import")
		return nil
	}
	plan := c.plan(kept, r.Git, from)
	if err := plan.Make(ctx, items); err != nil {
		return err
	}
	var added []credential.Record
	var failed error
	if !c.DryRun && !plan.Empty() {
		name := c.Store
		if name == "" {
			name = store.Default(ctx, kept.Options)
		}
		kept.Unlock(ctx, name)
		added, failed = plan.Keep(ctx, name)
	}
	if err := c.show(t, items); err != nil {
		return err
	}
	switch {
	case failed != nil:
		return failed
	case c.DryRun:
		t.Say("nothing is changed")
		return nil
	}
	c.afterImport(ctx, t, r, added)
	if c.Source == "netrc" && !c.RemoveSource && slices.ContainsFunc(items, (*importer.Item).Kept) {
		t.Hint("Git looks there before it asks for tokens; to take what is kept out of there:", "git pat import netrc --remove-source")
	}
	if c.RemoveSource {
		return c.removeSource(ctx, t, plan, from, items)
	}
	return nil
}

func (c *importCommand) source(kept *tokens.Tokens) (importer.Source, error) {
	switch {
	case c.Source == "git-credentials":
		return importer.GitCredentials(c.From)
	case c.Source == "netrc":
		return importer.Netrc(c.From)
	case c.Source == "gh" && len(c.From) > 0:
		return nil, &hintError{text: "gh has one place for its accounts, and no FILE", status: exitUsage, hint: "if it is another one than usual, set GH_CONFIG_DIR"}
	case c.Source == "gh":
		return &importer.GH{Environ: withoutVariables(store.Environ(os.Environ()), ghTokens()...), Options: kept.Options}, nil
	case strings.HasPrefix(c.Source, "git:"):
		urls, err := c.urls()
		return &importer.Helper{Name: c.Source, URLs: urls, Options: kept.Options}, err
	}
	return nil, &hintError{
		text:   fmt.Sprintf("%s is no source: there are git-credentials, netrc, gh and git:HELPER", quote(c.Source)),
		status: exitUsage, hint: "how it is used:", commands: []string{"git pat help import"},
	}
}

// urls reads the URLs and targets to ask another helper about.
func (c *importCommand) urls() ([]credential.Remote, error) {
	var urls []credential.Remote
	for _, text := range c.From {
		if !strings.Contains(text, "://") {
			target, err := tokens.ParseTargets([]string{text})
			if err != nil {
				return nil, err
			}
			urls = append(urls, credential.Remote{Host: target.Host, Path: strings.Join(target.Paths, "/")})
			continue
		}
		remote, err := credential.ParseRemote(text)
		switch {
		case err != nil:
			return nil, &hintError{text: err.Error(), status: exitUsage}
		case remote.Password:
			return nil, &hintError{text: "there is a password in the URL, which others can see while this runs", status: exitUsage, hint: "leave it out"}
		case remote.Protocol != "https":
			return nil, &hintError{text: fmt.Sprintf("tokens work over https only, and not over %s", remote.Protocol), status: exitUsage, hint: "name the URL", commands: []string{remote.HTTPS()}}
		}
		urls = append(urls, remote)
	}
	if len(urls) == 0 {
		return nil, &hintError{
			text:   "no helper says what it has, so name the URLs to ask it for",
			status: exitUsage, hint: "as in", commands: []string{"git pat import " + shellWord(c.Source) + " https://github.com"},
		}
	}
	return urls, nil
}

func (c *importCommand) plan(kept *tokens.Tokens, settings *git.Cache, from importer.Source) *importer.Plan {
	// A host that is named is meant.
	_, named := from.(*importer.Helper)
	plan := &importer.Plan{All: c.All || named, Needs: importer.Needs{
		Tree:      kept.Tree,
		Now:       kept.Now,
		MaxSecret: maxToken,
		Unfit: func(r credential.Record, secret credential.Secret) error {
			if what, _ := unfit(r, secret); what != "" {
				return errors.New(what)
			}
			return nil
		},
		Secret: kept.Secret,
		Create: func(ctx context.Context, r credential.Record, secret credential.Secret) error {
			return kept.Keep(ctx, nil, r, secret)
		},
	}}
	if !c.Offline {
		plan.Repositories = func(ctx context.Context, host string, secret credential.Secret) ([]string, error) {
			client, err := githubClient(ctx, settings, host)
			if err != nil {
				return nil, err
			}
			return client.Repositories(ctx, host, "", secret)
		}
	}
	return plan
}

// show prints what became of the items, and says why some are left.
func (c *importCommand) show(t *term.Terminal, items []*importer.Item) error {
	cell := func(s string) string { return orDash(plain(s)) }
	var rows [][]string
	for _, e := range items {
		target := "-"
		if e.Kept() {
			target = e.Target.String()
			if n := len(e.Target.Paths); n > 3 {
				target = fmt.Sprintf("%s/%s/{%d repositories}", e.Target.Host, e.Target.Owner(), n)
			}
		}
		result := resultInWords(e.Result)
		if c.DryRun && (e.Result == importer.Added || e.Result == importer.Merged) {
			result = "would be " + result
		}
		rows = append(rows, []string{orDash(placeFound(e)), cell(e.Host), cell(e.Path), cell(e.Login), orDash(e.Kind.String()), target, result})
	}
	columns := []term.Column{
		{Name: "FOUND"}, {Name: "HOST", Rank: 4}, {Name: "PATH", Rank: 5}, {Name: "LOGIN", Rank: 2},
		{Name: "KIND", Rank: 3}, {Name: "TARGET", Rank: 1}, {Name: "RESULT"},
	}
	err := t.Table(columns, rows, func(result string) string {
		if result == resultInWords(importer.Left) {
			return "33"
		}
		return "32"
	})
	if err != nil {
		return err
	}
	said := make([]bool, len(items))
	for i, e := range items {
		if e.Kept() || said[i] {
			continue
		}
		places, is := placeFound(e), "is"
		why, hint, commands := whyLeft(e)
		for j, other := range items[i+1:] {
			if other.Kept() {
				continue
			}
			if sameWhy, _, sameCommands := whyLeft(other); sameWhy == why && slices.Equal(sameCommands, commands) {
				places, is = places+", "+placeFound(other), "are"
				said[i+1+j] = true
			}
		}
		t.Say("%s %s left: %s", places, is, why)
		if hint != "" {
			t.Hint(hint, commands...)
		}
	}
	return nil
}

// afterImport says what a person should know about the tokens that were added.
func (c *importCommand) afterImport(ctx context.Context, t *term.Terminal, r *resolve.Resolver, added []credential.Record) {
	if len(added) == 0 {
		t.Say("nothing is added")
		return
	}
	where := added[0].Store
	t.Say("%s added, in the store %s", count(len(added), "token is", "tokens are"), quote(where))
	if c.Store == "" && where == "file" {
		t.Say("there is no keyring here, so what is added is in plain files that only you can read, in %s", r.Tokens.Tree.Dir())
	}
	if slices.ContainsFunc(added, func(r credential.Record) bool { return r.Kind.IsGitHub() }) {
		t.Hint("to ask GitHub which are good:", "git pat verify --all")
	}
	hosts := map[string]bool{}
	for _, one := range added {
		if !hosts[one.Host] {
			hosts[one.Host] = true
			warnOfSetup(ctx, t, r, one)
		}
	}
}

func (c *importCommand) removeSource(ctx context.Context, t *term.Terminal, plan *importer.Plan, from importer.Source, items []*importer.Item) error {
	if !slices.ContainsFunc(items, (*importer.Item).Kept) {
		t.Say("nothing is removed, since nothing is kept")
		return nil
	}
	if !c.Yes {
		yes, err := t.Confirm(removalQuestion(from))
		if err != nil {
			return err
		}
		if !yes {
			return &hintError{text: "nothing is removed"}
		}
	}
	lost, err := plan.StillKept(ctx, items)
	if err != nil {
		return err
	}
	stays := len(lost) > 0
	for _, e := range lost {
		t.Say("%s stays there: its token is not found here any more", placeFound(e))
	}
	done, err := from.Remove(ctx, items)
	for _, r := range done {
		t.Say("%s", removalInWords(from, r))
		stays = stays || r.Changed
	}
	if err == nil && stays {
		return errSaid
	}
	return c.inWords(err)
}
