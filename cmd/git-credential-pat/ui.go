package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/protocol"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
)

// A ui prints messages for the person at the terminal, in Git's style:
//
//	git pat: what is wrong
//	hint: what to do:
//	hint:   a command to paste
//
// A message has at most four lines, and sentences have no capital and no full
// stop. Unprintable characters are escaped. A token in a sentence is masked, but
// commands are never changed.
type ui struct{ out io.Writer }

func (u ui) line(text string) { u.print("git pat: ", credential.MaskTokens(text)) }

func (u ui) hint(text string, commands ...string) {
	u.print("hint: ", credential.MaskTokens(text))
	for _, command := range commands {
		u.print("hint:   ", command)
	}
}

// print prints one line. All messages go through it. It cuts long lines, because
// a path in a request may have 64 KiB.
func (u ui) print(prefix, text string) {
	const most = 500 // bytes
	if len(text) > most {
		text = text[:most] + "..."
	}
	fmt.Fprintln(u.out, prefix+credential.Visible(text))
}

// usage prints the synopsis on one line.
func (u ui) usage() {
	synopsis, _, _ := strings.Cut(usage, "\n\n")
	u.print("", strings.Join(strings.Fields(synopsis), " "))
}

func (u ui) advise(a advice.Advice) {
	if a.What != "" {
		u.line(a.What)
	}
	if a.Do != "" {
		u.hint(a.Do, a.Commands...)
	}
}

// A recordError says which token could not be read.
type recordError struct {
	record credential.Record
	err    error
}

func (e *recordError) Error() string {
	return fmt.Sprintf("cannot read the token %s: %v", e.record.Title(), e.err)
}

func (e *recordError) Unwrap() error { return e.err }

func (u ui) error(err error) {
	text := strings.ReplaceAll(err.Error(), "\n", " ")
	if syntax := new(protocol.SyntaxError); errors.As(err, &syntax) {
		text = "invalid request: " + text
	}
	u.line(text)
	u.advise(advice.Advice{Do: advice.Of(err)})
	var mark *keeper.MarkError
	var record *recordError
	switch {
	case errors.As(err, &mark):
		u.advise(advice.Renew(mark.Record))
	case errors.Is(err, keeper.ErrSecret) && errors.As(err, &record):
		u.hint("to add it again:", advice.AddCommand(record.record))
	}
}

func (u ui) waiting(name string) {
	u.line("waiting for the store " + credential.Quote(name) + "; you may have to unlock it")
}

// expiresSoon warns about a token that Git has just received.
func (u ui) expiresSoon(r credential.Record, now time.Time) {
	u.line(fmt.Sprintf("the token %s expires %s, on %s", r.Title(), credential.InDays(r.Expires, now), r.Expires.Local().Format(time.DateOnly)))
	u.advise(advice.Renew(r))
}

// useHTTPS gives the https URL of a repository. If the path is unknown, it gives
// the start of the URL: Git leaves the path out unless useHttpPath is set.
func (u ui) useHTTPS(problem, host, path string) {
	path = strings.Trim(path, "/")
	do := "use the https URL:"
	if path == "" {
		do = "use a URL that starts with:"
	}
	u.line(problem)
	u.hint(do, credential.Remote{Host: host, Path: path}.HTTPS())
}

// approved says that a token was stored, or why it was not.
func (u ui) approved(request credential.Request, a keeper.Approval) {
	switch {
	case a.Kept != nil && a.Kept.IsToken():
		kind := a.Kept.Kind.String()
		if !a.Kept.Kind.IsGitHub() {
			kind = a.Kept.On().Title()
		}
		u.line(fmt.Sprintf("stored this %s token for %s in the store %s", kind, a.Kept.Target, credential.Quote(a.Kept.Store)))
		if owner := a.Kept.On().Owner(a.Kept.Host, strings.Join(a.Kept.Paths, "")); a.Kept.Host != credential.GistHost {
			edit, wider := "git pat edit "+shell.Own().Word(a.Kept.Short()), credential.Target{Host: a.Kept.Host, Paths: []string{owner}}
			if a.Several {
				edit += " --select " + shell.Own().Word(a.Kept.Name)
			}
			u.hint("to use it for all repositories of "+owner+":", edit+" --target "+shell.Own().Word(wider.Short()))
		}
	case a.Repeated:
	case a.NeedsPath:
		u.line("this token is not stored: Git did not name the repository on " + request.Host)
		u.hint("to configure Git to name it:", advice.SetupCommand("", request.Host))
	case a.Occupied != nil:
		u.line("this token is not stored: there already is the token " + a.Occupied.Title())
		if !store.ReadOnly(a.Occupied.Store) {
			u.advise(advice.Renew(*a.Occupied)) // it checks the new token before it removes the old one
		}
	}
}

// rejected says which token was set aside, or why none was.
func (u ui) rejected(request credential.Request, r keeper.Rejection) {
	if r.OwnHeader != "" {
		u.line(fmt.Sprintf("%s rejected the header that Git sends because of %s, not the token %s", request.Host, r.OwnHeader, r.Sent.Title()))
		u.hint("to list such settings without their values:", "git config --show-origin --name-only --get-regexp extraheader")
		return
	}
	for _, record := range r.SetAside {
		if record.IsToken() {
			u.line(fmt.Sprintf("%s rejected the token %s; it is set aside", request.Host, record.Title()))
			u.advise(advice.Renew(record))
			return
		}
	}
	if r.NoSecret && len(r.SetAside) == 0 {
		u.line("no token for " + request.Target().String() + " is removed, because the erase request does not name one")
		u.hint("to list the tokens, and to remove one:", "git pat list", "git pat remove TARGET")
	}
}
