package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/cli/browser"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// pageFlags say how GitHub's page for a new token is to be filled in.
type pageFlags struct {
	Classic   bool   `help:"make a classic token, where a fine-grained one cannot work"`
	ReadOnly  bool   `help:"fill in the page for a token that may fetch, but not push"`
	Workflows bool   `help:"fill in the page for a token that may also push files of .github/workflows"`
	ExpiresIn string `placeholder:"DAYS" help:"fill in the page for a token that works so long, as in 90d"`
	NoBrowser bool   `help:"print the page's address and open no browser"`
}

// days reads --expires-in.
func (p pageFlags) days() (int, error) {
	if p.ExpiresIn == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.TrimSuffix(p.ExpiresIn, "d"))
	if err != nil || n < 1 || n > github.MaxDays {
		return 0, &hintError{
			text:   fmt.Sprintf("--expires-in cannot be %s", quote(p.ExpiresIn)),
			status: exitUsage,
			hint:   fmt.Sprintf("write days as in 90d, from 1d to %dd", github.MaxDays),
		}
	}
	return n, nil
}

// showPage tells a person at a terminal where to make the token that a record
// is to have, and opens the page. Elsewhere than at GitHub nobody knows where.
func (a *app) showPage(r credential.Record, flags pageFlags, offline bool) error {
	days, err := flags.days()
	if err != nil {
		return err
	}
	if !a.ui.somebodyIsThere() || !mayBeGitHub(r) {
		return nil
	}
	form := github.Form{Target: r.Target, Kind: credential.FineGrained, Name: tokenName(r), Days: days, ReadOnly: flags.ReadOnly || r.Access == credential.ReadAccess, Workflows: flags.Workflows}
	owner := r.Target.Owner()
	var outside string
	switch {
	case flags.Classic || r.Kind == credential.Classic:
		form.Kind = credential.Classic
		a.ui.say("make a classic token; it reaches all that you reach, where organizations allow it")
	case owner == "" || r.Host == credential.GistHost:
		form.Kind = credential.Classic
		a.ui.say("make a classic token: a fine-grained one belongs to one owner, and is not for all of %s", r.Host)
	default:
		a.ui.say("make a fine-grained token of %s, and %s", owner, toTick(r.Paths))
		outside = "if you are no member of " + owner + ", or an outside collaborator, it takes a classic one: --classic"
	}
	address := form.URL()
	a.ui.page("the page, filled in as far as can be:", address)
	if outside != "" {
		a.ui.hint(outside)
	}
	// What an address of GitHub's is on another host, nobody knows before the
	// person has looked.
	if flags.NoBrowser || offline || !credential.IsGitHubHost(r.Host) || !hasBrowser() {
		return nil
	}
	if err := openBrowser(address); err != nil {
		a.ui.say("no browser could be opened, so open the page yourself")
	}
	return nil
}

// openBrowser opens a page in a browser. That is started with the environment
// that we have ourselves, so that no token is in it meanwhile.
func openBrowser(address string) error {
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		switch clean := store.Environ([]string{variable}); {
		case len(clean) == 0:
			os.Unsetenv(name)
		case clean[0] != variable:
			os.Setenv(name, strings.TrimPrefix(clean[0], name+"="))
		default:
			continue
		}
		defer os.Setenv(name, value)
	}
	browser.Stdout, browser.Stderr = io.Discard, io.Discard
	return browser.OpenURL(address)
}

// toTick says which repositories are to be chosen on the page, as no address
// can.
func toTick(paths []string) string {
	var names []string
	for _, path := range paths {
		if _, name, ok := strings.Cut(path, "/"); ok {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "choose all repositories, or tick those that you want"
	}
	return "tick only the repositories " + strings.Join(names, ", ")
}

// mayBeGitHub reports whether a token for a target may be one of GitHub's. Any
// host may be a GitHub Enterprise Server; a path of three segments or more is
// none of GitHub's.
func mayBeGitHub(r credential.Record) bool {
	_, err := r.Target.For(credential.FineGrained)
	return err == nil && r.Kind != credential.Other
}

// tokenName is what a token is called at GitHub.
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

// hasBrowser reports whether a browser would open where the person is.
func hasBrowser() bool {
	if os.Getenv("SSH_CONNECTION") != "" || os.Getenv("SSH_TTY") != "" {
		return false
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return true
	}
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "" || os.Getenv("BROWSER") != ""
}
