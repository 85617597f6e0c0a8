package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/environ"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer/accounts"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/input"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/verify"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

type importCommand struct {
	Source       string   `arg:"" help:"git-credentials, netrc, gh, glab, tea, or git:HELPER for another credential helper"`
	From         []string `arg:"" optional:"" name:"file-or-url" help:"files to read instead of the usual ones; with git:HELPER, the URLs to ask for"`
	All          bool     `help:"import passwords, and tokens of unknown forges, too"`
	Store        string   `placeholder:"STORE" help:"where to store the tokens: keyring, file or git:HELPER; by default in the keyring, or in a file if there is none"`
	DryRun       bool     `help:"show what would be imported, but change nothing"`
	RemoveSource bool     `help:"remove the imported entries from the source, after a question"`
	Yes          bool     `short:"y" help:"ask no questions"`
	Offline      bool     `help:"do not connect to GitHub"`
}

func (c *importCommand) Run(ctx context.Context, t *term.Terminal, r *resolve.Resolver, s *verify.Servers) error {
	kept := r.Tokens
	from, err := c.source(kept)
	if err != nil {
		return words.ImportError(err, c.Source)
	}
	if c.Store != "" {
		if err := takesTokens(kept, c.Store); err != nil {
			return err
		}
	}
	if c.RemoveSource && !c.Yes && !c.DryRun && !t.Interactive() {
		return words.NoTerminal(words.RemoveUnasked)
	}
	items, err := from.Items(ctx)
	if err != nil {
		return words.ImportError(err, c.Source)
	}
	if len(items) == 0 {
		t.Say("there is nothing to import")
		return nil
	}
	plan := c.plan(kept, s, from)
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
		t.Say("nothing was changed")
		return nil
	}
	c.afterImport(ctx, t, r, added)
	if _, ok := from.(*importer.Files); ok && !c.RemoveSource && slices.ContainsFunc(items, (*importer.Item).Kept) {
		args := append([]string{c.Source}, c.From...)
		if c.All {
			args = append(args, "--all")
		}
		t.Hint("the imported entries are still in the source; to remove them:", "git pat import "+words.CommandLine(args)+" --remove-source")
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
	case words.Elsewhere(c.Source) != "" && len(c.From) > 0:
		return nil, &words.Error{Text: "no FILE can be named for " + c.Source, Status: words.ExitUsage, Hint: words.Elsewhere(c.Source)}
	case c.Source == "gh":
		return accounts.GH(environ.Without(store.Environ(os.Environ()), environ.GHTokens()...), kept.Options), nil
	case c.Source == "glab":
		return accounts.GLab(store.Environ(os.Environ()), kept.Options), nil
	case c.Source == "tea":
		return accounts.Tea(store.Environ(os.Environ()), kept.Options), nil
	case strings.HasPrefix(c.Source, "git:"):
		urls, err := input.ParseURLs(c.From)
		if err == nil && len(urls) == 0 {
			err = words.NoURLs(c.Source)
		}
		return &importer.Helper{Name: c.Source, URLs: urls, Options: kept.Options}, err
	}
	return nil, &words.Error{
		Text:   fmt.Sprintf("%s is not a source: use git-credentials, netrc, gh, glab, tea or git:HELPER", credential.Quote(c.Source)),
		Status: words.ExitUsage,
	}
}

func (c *importCommand) plan(kept *tokens.Tokens, s *verify.Servers, from importer.Source) *importer.Plan {
	// If the person names a host, its token is wanted.
	_, named := from.(*importer.Helper)
	plan := &importer.Plan{All: c.All || named, Needs: importer.Needs{
		Tree:   kept.Tree,
		Now:    kept.Now,
		Secret: kept.Secret,
		Create: func(ctx context.Context, r credential.Record, secret credential.Secret) error {
			return kept.Keep(ctx, nil, r, secret)
		},
	}}
	if !c.Offline {
		plan.Repositories = func(ctx context.Context, host string, secret credential.Secret) ([]string, error) {
			client, err := s.Client(ctx, host)
			if err != nil {
				return nil, err
			}
			return client.Repositories(ctx, host, "", secret)
		}
	}
	return plan
}

// show prints what happened to the items, and says why some were skipped.
func (c *importCommand) show(t *term.Terminal, items []*importer.Item) error {
	if err := t.Table(words.ImportTable(items, c.DryRun)); err != nil {
		return err
	}
	for _, why := range words.Skipped(items) {
		advise(t, why)
	}
	return nil
}

// afterImport says what a person should know about the tokens that were added.
func (c *importCommand) afterImport(ctx context.Context, t *term.Terminal, r *resolve.Resolver, added []credential.Record) {
	if len(added) == 0 {
		t.Say("no token was added")
		return
	}
	where := added[0].Store
	t.Say("added %s to the store %s", words.Count(len(added), "token", "tokens"), credential.Quote(where))
	if c.Store == "" && where == "file" {
		t.Say("there is no keyring here, so the tokens are in plain files that only you can read, in %s", r.Tokens.Tree.Dir())
	}
	if slices.ContainsFunc(added, credential.Record.IsToken) {
		t.Hint("to check whether the tokens work:", "git pat verify --all")
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
		t.Say("nothing was removed, because nothing was imported")
		return nil
	}
	if !c.Yes {
		if err := confirm(t, words.RemovalQuestion(from), "nothing was removed", words.RemoveUnasked); err != nil {
			return err
		}
	}
	lost, err := plan.StillKept(ctx, items)
	if err != nil {
		return err
	}
	stays := len(lost) > 0
	for _, e := range lost {
		t.Say("%s stays, because its token is not stored any more", words.PlaceFound(e))
	}
	done, err := from.Remove(ctx, items)
	for _, r := range done {
		t.Say("%s", words.Removed(from, r))
		stays = stays || r.Err != nil
	}
	if err == nil && stays {
		return errSaid
	}
	return words.ImportError(err, c.Source)
}
