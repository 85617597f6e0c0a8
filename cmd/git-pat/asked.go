package main

// What Git asks its helpers: Git is told to ask a helper that only says what it
// was asked.

import (
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/protocol"
)

// asked begins what the helper says on standard error.
const asked = "git-pat-was-asked"

// listener is a helper, as in credential.helper, that prints its request and
// has Git ask nobody else.
const listener = "!echo " + asked + " >&2; cat >&2; echo >&2; echo quit=1; :"

// asGitSends returns the request with which Git asks its helpers for the
// credential for a URL: with the path if useHttpPath is set, and with the user
// name that is configured if the URL has none. No helper of the person's runs,
// and nothing is asked at the terminal.
func (a *app) asGitSends(url string) (request protocol.Message, err error) {
	if strings.ContainsAny(url, "\r\n\x00") {
		return request, &fault{text: quote(url) + " is no URL", status: exitUsage}
	}
	url = withoutPassword(url)
	_, errOut, err := git.Call{
		In:   "url=" + url + "\n\n",
		Args: []string{"-c", "credential.helper=", "-c", "credential.helper=" + listener, "credential", "fill"},
	}.RunBoth(a.ctx)
	if _, said, ok := strings.Cut(errOut, asked+"\n"); ok {
		return protocol.Read(strings.NewReader(said))
	}
	return request, err
}

// withoutPassword returns a URL without the password in it, for which Git
// would ask nobody.
func withoutPassword(url string) string {
	before, info, after, ok := cutUserinfo(url)
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
