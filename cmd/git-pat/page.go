package main

import (
	"os"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/environ"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/input"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// pageFlags say how to fill in the page of GitHub for a new token.
type pageFlags struct {
	Classic   bool `help:"create a classic token, where a fine-grained one cannot work"`
	Workflows bool `help:"fill in the page for a token that may also push files of .github/workflows"`
	NoBrowser bool `help:"print the address of the page and open no browser"`
}

// showPage shows a person at a terminal the page where the forge creates the token for
// a record, and opens it.
func showPage(t *term.Terminal, kept *tokens.Tokens, r credential.Record, flags pageFlags, offline bool) {
	switch on := input.ForgeOf(kept, r); {
	case !t.Interactive():
	case on == forge.GitHub || on == forge.Other:
		showGitHubPage(t, kept, r, flags, offline)
	default:
		target, err := r.Target.On(on)
		if err != nil {
			return // it is an error once the token is known
		}
		form := input.NewForm(r, target, kept.Now)
		page, filled := on.Page(form)
		if page == "" {
			return
		}
		what := "create a token of " + on.Title()
		if scopes := on.Scopes(form.ReadOnly); !filled && len(scopes) > 0 {
			what += " with the permission " + strings.Join(scopes, " and ")
		}
		t.Say("%s", what)
		intro := "the page:"
		if filled {
			intro = "the page, with the form filled in where possible:"
		}
		t.Page(intro, page)
		openPage(t, r.Host, page, flags, offline)
	}
}

// showGitHubPage is showPage for GitHub.
func showGitHubPage(t *term.Terminal, kept *tokens.Tokens, r credential.Record, flags pageFlags, offline bool) {
	if !input.HasGitHubPage(kept, r, flags.Classic || flags.Workflows) {
		return
	}
	form := input.NewForm(r, r.Target, kept.Now)
	form.Workflows = flags.Workflows
	owner := r.Target.Owner()
	var outside string
	switch {
	case flags.Classic || r.Kind == credential.Classic:
		form.Kind = credential.Classic
		t.Say("create a classic token; it reaches everything that you reach, where organizations allow it")
	case owner == "" || r.Host == credential.GistHost:
		form.Kind = credential.Classic
		t.Say("create a classic token: a fine-grained token belongs to one owner and cannot be for all of %s", r.Host)
	default:
		t.Say("create a fine-grained token with %s as the resource owner, for %s", owner, words.Repositories(r.Paths))
		outside = "if you are not a member of " + owner + ", or only an outside collaborator, you need a classic token: --classic"
	}
	address, _ := forge.GitHub.Page(form)
	t.Page("the page, with the form filled in where possible:", address)
	if outside != "" {
		t.Hint(outside)
	}
	openPage(t, r.Host, address, flags, offline)
}

// openPage opens the page of a host in a browser. Only the person opens a page of a
// host that no forge runs itself.
func openPage(t *term.Terminal, host, address string, flags pageFlags, offline bool) {
	if flags.NoBrowser || offline || forge.Of(host) == forge.Other || !environ.HasBrowser(os.Getenv) {
		return
	}
	t.Say("opening the page in your browser; --no-browser prevents that")
	if err := environ.OpenBrowser(address); err != nil {
		t.Say("no browser could be opened; open the page yourself")
	}
}
