package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
)

// A sayer says things to the person at the terminal, in Git's manner: what is
// the matter behind "git pat: ", then behind "hint: " what to do, with the
// command on a line of its own. No capitals at the start, no full stop at the
// end, at most four lines.
//
// No character that does not print leaves here, but becomes its escape. In a
// sentence, what has the whole form of a token is masked; a command stays as it
// is.
type sayer struct{ out io.Writer }

func (s sayer) line(text string) { s.print("git pat: ", credential.MaskTokens(text)) }

// hint says what to do, and the commands for it.
func (s sayer) hint(text string, commands ...string) {
	s.print("hint: ", credential.MaskTokens(text))
	for _, command := range commands {
		s.print("hint:   ", command)
	}
}

// usage says how the program is called.
func (s sayer) usage() {
	line, _, _ := strings.Cut(usage, "\n\n")
	s.print("", strings.Join(strings.Fields(line), " "))
}

// print prints a line, cut where a request's path of 64 KiB would fill the
// terminal. Nothing else here writes to it.
func (s sayer) print(prefix, text string) {
	const most = 500 // bytes
	if len(text) > most {
		text = text[:most] + "..."
	}
	fmt.Fprintln(s.out, prefix+credential.Visible(text))
}

// advice says what is the matter and what to do about it.
func (s sayer) advice(a advice.Advice) {
	if a.What != "" {
		s.line(a.What)
	}
	if a.Do != "" {
		s.hint(a.Do, a.Commands...)
	}
}

// fault says why something did not work: in one line, but for a token that was
// refused, which may be good all the same and must not be lost.
func (s sayer) fault(err error) {
	var trouble *store.Error
	var file *disk.FileError
	var mark *keeper.MarkError
	var record *recordError
	text := err.Error()
	switch {
	case errors.As(err, &mark):
		if errors.As(err, &file) && file.Advice != "" {
			text += "; " + file.Advice
		}
	case errors.As(err, &trouble) && trouble.Advice != "":
		text += "; " + trouble.Advice
	case errors.As(err, &file) && file.Advice != "":
		text += "; " + file.Advice
	case errors.Is(err, keeper.ErrSecret) && errors.As(err, &record):
		text += "; " + advice.AddCommand(record.record)
	case errors.Is(err, credential.ErrPath):
		text = "refused a request for " + text
	}
	s.line(strings.ReplaceAll(text, "\n", " "))
	if mark != nil {
		s.advice(advice.Renew(mark.Record))
	}
}

func (s sayer) waiting(name string) {
	s.line("waiting for the store " + credential.Quote(name) + "; it may have to be unlocked")
}

// endsSoon says that a token that was just handed to Git ends before long.
func (s sayer) endsSoon(r credential.Record, now time.Time) {
	when := "within a day"
	if days := int(r.Expires.Sub(now) / (24 * time.Hour)); days == 1 {
		when = "in a day"
	} else if days > 1 {
		when = fmt.Sprintf("in %d days", days)
	}
	s.line(fmt.Sprintf("the token %s expires %s, on %s", r.Title(), when, r.Expires.Local().Format(time.DateOnly)))
	s.advice(advice.Renew(r))
}

// repositoryURL is the https URL for what an SSH or http URL is for.
func repositoryURL(host, path string) string {
	return credential.Remote{Host: host, Path: strings.Trim(path, "/")}.HTTPS()
}

func (s sayer) ssh(host, path string) {
	s.line("tokens work over https only, not over ssh")
	s.useHTTPS(host, path)
}

func (s sayer) http(host, path string) {
	s.line("no token is sent over http, where anybody on the way can read it")
	s.useHTTPS(host, path)
}

// useHTTPS gives the https URL of a repository, or how it begins where Git does
// not say which: it leaves the path out unless useHttpPath is set for http too.
func (s sayer) useHTTPS(host, path string) {
	if strings.Trim(path, "/") == "" {
		s.hint("use the URL that begins with:", repositoryURL(host, path))
		return
	}
	s.hint("use the https URL:", repositoryURL(host, path))
}

// approved says that a token was kept, or why not.
func (s sayer) approved(report keeper.Report, a keeper.Approval) {
	switch {
	case a.Kept != nil && a.Kept.Kind.IsGitHub():
		s.line(fmt.Sprintf("kept this %s token for %s in the store %s", a.Kept.Kind, a.Kept.Target, credential.Quote(a.Kept.Store)))
		if owner := a.Kept.Owner(); a.Kept.Host != credential.GistHost {
			wider := credential.Target{Host: a.Kept.Host, Paths: []string{owner}}
			s.hint("to use it for all of "+owner+", add it again:", "git pat add "+wider.Short())
		}
	case a.Seen:
	case a.NeedsPath:
		s.line("this token is not kept: Git did not name the repository of " + report.Request.Host)
		s.hint("to configure Git:", advice.SetupCommand("", report.Request.Host))
	case a.Occupied != nil:
		s.line("this token is not kept: there is another one, " + a.Occupied.Title())
		if !store.ReadOnly(a.Occupied.Store) {
			s.advice(advice.Renew(*a.Occupied)) // which checks the new one before it drops the old one
		}
	}
}

// rejected says that a token was set aside, or was not for want of a secret.
func (s sayer) rejected(report keeper.Report, r keeper.Rejection) {
	if r.OwnHeader != "" {
		s.line(fmt.Sprintf("%s refused a log-in that was not the token %s: Git sends a header of its own, %s", report.Request.Host, r.Sent.Title(), r.OwnHeader))
		s.hint("to see which settings there are, without their values:", "git config --show-origin --name-only --get-regexp extraheader")
		return
	}
	for _, record := range r.SetAside {
		if !record.Kind.IsGitHub() {
			continue
		}
		s.line(fmt.Sprintf("%s refused the token %s; it is set aside", report.Request.Host, record.Title()))
		s.advice(advice.Renew(record))
		return
	}
	if r.Spared && len(r.SetAside) == 0 {
		s.line("the tokens for " + report.Request.Target().String() + " stay, since the request to forget one does not say which")
		s.hint("to see which there are, and to remove one:", "git pat list", "git pat remove TARGET")
	}
}
