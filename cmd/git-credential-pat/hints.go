package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// A sayer says things to the person at the terminal, in Git's manner: what is
// the matter behind "git pat: ", then behind "hint: " what to do, with the
// command on a line of its own. No capitals at the start, no full stop at the
// end, at most four lines.
type sayer struct{ out io.Writer }

func (s sayer) line(text string) { s.print("git pat: ", text) }

// hint says what to do, and the commands for it.
func (s sayer) hint(text string, commands ...string) {
	s.print("hint: ", text)
	for _, command := range commands {
		s.print("hint:   ", command)
	}
}

// print prints a line, cut where a request's path of 64 KiB would fill the
// terminal.
func (s sayer) print(prefix, text string) {
	const most = 500 // bytes
	if text = credential.Redact(text); len(text) > most {
		text = text[:most] + "..."
	}
	fmt.Fprintln(s.out, prefix+text)
}

// fault says why something did not work, in one line.
func (s sayer) fault(err error) {
	var trouble *store.Trouble
	var file *store.FileError
	var mark *store.MarkError
	var record *recordError
	text := err.Error()
	switch {
	case errors.As(err, &trouble) && trouble.Advice != "":
		text += "; " + trouble.Advice
	case errors.As(err, &file) && file.Advice != "":
		text += "; " + file.Advice
	case errors.As(err, &mark):
		text += "; " + remove(mark.Record)
	case errors.Is(err, store.ErrSecret) && errors.As(err, &record):
		text += "; " + add(record.record)
	case errors.Is(err, credential.ErrPath):
		text = "refused a request for " + text
	}
	s.line(strings.ReplaceAll(text, "\n", " "))
}

func (s sayer) waiting(name string) {
	s.line("waiting for the store " + credential.Quote(name) + "; it may have to be unlocked")
}

// target is what a request is for, as people write it.
func target(r credential.Request) string {
	repository, _ := r.Repository()
	return credential.Scope{Host: r.Host, Paths: paths(repository)}.String()
}

func paths(path string) []string {
	if path == "" {
		return nil
	}
	return []string{path}
}

// name is how a token is called in a sentence.
func name(r credential.Record) string {
	return credential.Quote(r.Name) + " for " + r.Scope.String()
}

// short is a scope as the commands take it, without github.com where it goes
// without saying.
func short(s credential.Scope) string {
	return strings.TrimPrefix(s.String(), credential.GitHubHost+"/")
}

// add is the command that puts another secret in the place of a record's.
func add(r credential.Record) string {
	command := fmt.Sprintf("git pat add %s --name %s", short(r.Scope), shellWord(r.Name))
	if store.ReadOnly(r.Store) {
		command += " --store " + r.Store
	}
	return command
}

// renew says how to replace a token that has ended or that a server has refused.
func (s sayer) renew(r credential.Record) {
	if variable, ok := strings.CutPrefix(r.Store, "env:"); ok {
		s.hint("it answers again when the variable " + variable + " has another value")
		return
	}
	s.hint("to put a new one in its place:", rotate(r))
}

// endsSoon says that a token that was just handed to Git ends before long.
func (s sayer) endsSoon(r credential.Record, now time.Time) {
	when := "within a day"
	if days := int(r.Expires.Sub(now) / (24 * time.Hour)); days == 1 {
		when = "in a day"
	} else if days > 1 {
		when = fmt.Sprintf("in %d days", days)
	}
	s.line(fmt.Sprintf("the token %s expires %s, on %s", name(r), when, r.Expires.Local().Format(time.DateOnly)))
	s.renew(r)
}

// rotate is the command that makes a new token, checks it, and has it take the
// place of a record's.
func rotate(r credential.Record) string {
	return fmt.Sprintf("git pat rotate %s --name %s", short(r.Scope), shellWord(r.Name))
}

func remove(r credential.Record) string {
	return fmt.Sprintf("git pat remove %s --name %s", short(r.Scope), shellWord(r.Name))
}

// shellWord makes a text one word of a shell's command line.
func shellWord(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@%+=:,/"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
		s = strings.Trim(credential.Quote(s), `"`)
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// noAnswer says why a request had no answer.
func (s sayer) noAnswer(d credential.Decision) {
	request := d.Request
	switch d.Outcome {
	case credential.NoToken:
		logins := d.With(credential.OtherLogin)
		if request.Username != "" && len(logins) > 0 {
			s.line(fmt.Sprintf("no token of %s for %s, but one of %s", credential.Quote(request.Username), target(request), credential.Quote(logins[0].Username)))
			s.hint("leave the user name out of the URL, or add a token for it:", addFor(request)+" --username "+shellWord(request.Username))
			return
		}
		s.line("no token for " + target(request))
		s.hint("to add one:", addFor(request))
	case credential.Unusable:
		s.unusable(d)
	case credential.Ambiguous:
		rivals := d.With(credential.Rival)
		names := make([]string, 0, len(rivals))
		for _, rival := range rivals {
			names = append(names, credential.Quote(rival.Name))
		}
		s.line(fmt.Sprintf("%d tokens fit %s equally: %s", len(rivals), target(request), list(names)))
		last := rivals[len(rivals)-1].Record
		if !slices.ContainsFunc(rivals, func(look credential.Look) bool { return look.Username != "" }) {
			s.hint("keep only one of them:", remove(last))
			return
		}
		s.hint("name one's login in the URL, or keep only one of them:", "https://LOGIN@"+target(request), remove(last))
	case credential.Unspecified:
		s.line("several tokens are for " + request.Host + ", and Git does not say for which repository it asks")
		s.hint("to have Git say so:", strings.TrimSpace("git pat setup "+strings.TrimPrefix(request.Host, credential.GitHubHost)))
	}
}

// addFor is the command that adds a token for a request: for the owner, as
// that is what a fine-grained token is for.
func addFor(r credential.Request) string {
	repository, _ := r.Repository()
	owner, _, _ := strings.Cut(repository, "/")
	if r.Host == credential.GistHost {
		owner = "" // gists go with a token for all of the host
	}
	return "git pat add " + short(credential.Scope{Host: r.Host, Paths: paths(owner)})
}

func list(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// unusable says what is the matter with the first of the tokens that fit best.
func (s sayer) unusable(d credential.Decision) {
	look := d.With(credential.Expired, credential.SetAside, credential.Missing, credential.Unreadable)[0]
	switch look.Verdict {
	case credential.Expired:
		s.line(fmt.Sprintf("the token %s expired %s", name(look.Record), ago(look.Expires, d.Decided)))
		if store.ReadOnly(look.Store) {
			s.hint("to note when the new one ends:", add(look.Record))
			return
		}
		s.renew(look.Record)
	case credential.SetAside:
		s.line(fmt.Sprintf("the token %s was %s %s and is set aside", name(look.Record), reason(look.Aside.Reason), ago(look.Aside.Time, d.Decided)))
		s.renew(look.Record)
	case credential.Missing:
		s.line(fmt.Sprintf("the token %s is no longer in its store, %s", name(look.Record), credential.Quote(look.Store)))
		if store.ReadOnly(look.Store) {
			s.hint("set the variable " + strings.TrimPrefix(look.Store, "env:"))
			return
		}
		s.hint("to add it again:", add(look.Record))
	case credential.Unreadable:
		var file *store.FileError
		s.line(fmt.Sprintf("the token %s cannot be read: %v", name(look.Record), look.Damaged))
		if errors.As(look.Damaged, &file) && file.Advice != "" {
			s.hint(file.Advice)
		}
	}
}

// reason makes the text of a file fit for a line.
func reason(text string) string {
	quoted := credential.Quote(text)
	return quoted[1 : len(quoted)-1]
}

// ago says how long ago something was, and when.
func ago(t, now time.Time) string {
	if t.IsZero() {
		return "some time ago"
	}
	date := t.Local().Format(time.DateOnly)
	switch days := int(now.Sub(t) / (24 * time.Hour)); {
	case days < 1:
		return "today"
	case days == 1:
		return "a day ago, on " + date
	default:
		return fmt.Sprintf("%d days ago, on %s", days, date)
	}
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
func (s sayer) approved(report store.Report, a store.Approval) {
	switch {
	case a.Kept != nil && a.Kept.Kind.IsGitHub():
		s.line(fmt.Sprintf("kept this %s token for %s in the store %s", a.Kept.Kind, a.Kept.Scope, credential.Quote(a.Kept.Store)))
		s.hint("to see or change what is kept: git pat list, git pat remove " + short(a.Kept.Scope))
	case a.Seen:
	case a.NeedsPath:
		s.line("this token is not kept, since Git does not say for which repository of " + report.Request.Host + " it is")
		s.hint("to have Git say so:", strings.TrimSpace("git pat setup "+strings.TrimPrefix(report.Request.Host, credential.GitHubHost)))
	case a.Occupied != nil:
		s.line("this token is not kept, since there is another one, " + name(*a.Occupied))
		s.hint("to put it in its place:", add(*a.Occupied))
	}
}

// rejected says that a token was set aside, or was not for want of a secret.
func (s sayer) rejected(report store.Report, r store.Rejection) {
	for _, record := range r.SetAside {
		if !record.Kind.IsGitHub() {
			continue
		}
		s.line(fmt.Sprintf("%s refused the token %s; it is set aside and not offered again", report.Request.Host, name(record)))
		s.renew(record)
		return
	}
	if r.Spared && len(r.SetAside) == 0 {
		s.line("the tokens for " + target(report.Request) + " stay, since the request to forget one does not say which")
		s.hint("to see which there are, and to remove one:", "git pat list", "git pat remove SCOPE")
	}
}
