package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/environ"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// pageFlags say how to fill in the page of GitHub for a new token.
type pageFlags struct {
	Classic   bool   `help:"create a classic token, where a fine-grained one cannot work"`
	ReadOnly  bool   `help:"fill in the page for a token that may fetch, but not push"`
	Workflows bool   `help:"fill in the page for a token that may also push files of .github/workflows"`
	ExpiresIn string `placeholder:"DAYS" help:"fill in the page for a token that expires after so many days, as in 90d"`
	NoBrowser bool   `help:"print the address of the page and open no browser"`
}

// days reads --expires-in.
func (p pageFlags) days() (int, error) {
	if p.ExpiresIn == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.TrimSuffix(p.ExpiresIn, "d"))
	if err != nil || n < 1 || n > github.MaxDays {
		return 0, &hintError{
			text:   fmt.Sprintf("%s is not a number of days for --expires-in", quote(p.ExpiresIn)),
			status: exitUsage,
			hint:   fmt.Sprintf("write days as 90d, from 1d to %dd", github.MaxDays),
		}
	}
	return n, nil
}

// showPage shows a person at a terminal the page where GitHub creates the token for a
// record, and opens it. For other servers no page is known.
func showPage(t *term.Terminal, r credential.Record, flags pageFlags, offline bool) error {
	days, err := flags.days()
	if err != nil {
		return err
	}
	if !t.Interactive() || !mayBeGitHub(r) {
		return nil
	}
	form := github.Form{Target: r.Target, Kind: credential.FineGrained, Name: tokenName(r), Days: days, ReadOnly: flags.ReadOnly || r.Access == credential.ReadAccess, Workflows: flags.Workflows}
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
		t.Say("create a fine-grained token with %s as the resource owner, for %s", owner, toTick(r.Paths))
		outside = "if you are not a member of " + owner + ", or only an outside collaborator, you need a classic token: --classic"
	}
	address := form.URL()
	t.Page("the page, with the form filled in where possible:", address)
	if outside != "" {
		t.Hint(outside)
	}
	// Another host may be no GitHub at all, so only the person opens its page.
	if flags.NoBrowser || offline || !credential.IsGitHubHost(r.Host) || !environ.HasBrowser(os.Getenv) {
		return nil
	}
	if err := environ.OpenBrowser(address); err != nil {
		t.Say("no browser could be opened; open the page yourself")
	}
	return nil
}

// toTick says which repositories to select on the page. No address can select them.
func toTick(paths []string) string {
	var names []string
	for _, path := range paths {
		if _, name, ok := strings.Cut(path, "/"); ok {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "all or selected repositories"
	}
	return "only the repositories " + strings.Join(names, ", ")
}

// mayBeGitHub reports whether a token for a target may be a token of GitHub. Any host
// may be a GitHub Enterprise Server, but no path of GitHub has three segments.
func mayBeGitHub(r credential.Record) bool {
	_, err := r.Target.For(credential.FineGrained)
	return err == nil && r.Kind != credential.Other
}

// tokenName returns the name for a token at GitHub.
func tokenName(r credential.Record) string {
	machine, err := os.Hostname()
	if err != nil {
		machine = "git"
	}
	if r.Name != "" {
		return r.Name + " on " + machine
	}
	return "git on " + machine
}
