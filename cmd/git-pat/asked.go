package main

// What Git asks its helpers, and which ones.

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// asGitSends returns the request with which Git asks its helpers for the
// credential for a URL.
func (a *app) asGitSends(url string) (git.Request, error) {
	c, err := a.settings("")
	if err != nil {
		return git.Request{}, err
	}
	request, err := c.Asks(withoutPassword(url))
	if errors.Is(err, git.ErrURL) {
		err = &hintError{text: fmt.Sprintf("%s is no URL to log in to", quote(withoutPassword(url))), status: exitUsage}
	}
	return request, err
}

// withoutPassword returns a URL without the password in it, for which Git
// would ask nobody.
func withoutPassword(url string) string {
	before, info, after, ok := git.CutUserinfo(url)
	if !ok {
		return url
	}
	user, _, _ := strings.Cut(info, ":")
	return before + user + "@" + after
}

// asksUs reports whether git-credential-pat is among the helpers that Git asks
// for a URL.
func (a *app) asksUs(url string) (bool, error) {
	c, err := a.settings("")
	return slices.ContainsFunc(c.Helpers(url), func(h git.Setting) bool { return runsUs(h.Value) }), err
}
