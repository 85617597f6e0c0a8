package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// Advice is what is the matter, in words, and what to do about it.
type Advice struct {
	What     string   // as in "no token for github.com/acme"
	Do       string   // as in "to add one:", or nothing
	Commands []string // those that Do speaks of
}

// Advise says why a request had no answer, and what helps.
func Advise(d credential.Decision) Advice {
	request := d.Request
	at := Target(request)
	switch d.Outcome {
	case credential.Unusable:
		return unusable(d)
	case credential.Ambiguous:
		return ambiguous(d)
	case credential.Unspecified:
		return Advice{
			"several tokens are for " + request.Host + ", and Git does not say for which repository it asks",
			"to have Git say so:", []string{SetupCommand("", request.Host)},
		}
	}
	if readers := d.With(credential.OnlyReads); len(readers) > 0 {
		return Advice{
			fmt.Sprintf("no token for pushing to %s, but one for reading, %s", at, credential.Quote(readers[0].Name)),
			"to add one that may push:", []string{addFor(request) + " --access write"},
		}
	}
	if others := d.With(credential.OtherLogin); request.Username != "" && len(others) > 0 {
		return Advice{
			fmt.Sprintf("no token of %s for %s, but one of %s", credential.Quote(request.Username), at, credential.Quote(others[0].Username)),
			"leave the user name out of the URL, or add a token for it:",
			[]string{addFor(request) + " --username " + credential.ShellWord(request.Username)},
		}
	}
	return Advice{"no token for " + at, "to add one:", []string{addFor(request)}}
}

// Target is what a request is for, as people write it.
func Target(r credential.Request) string {
	repository, _ := r.Repository()
	return scopeOf(r.Host, repository).String()
}

func scopeOf(host, path string) credential.Scope {
	scope := credential.Scope{Host: host}
	if path != "" {
		scope.Paths = []string{path}
	}
	return scope
}

// addFor is the command that adds a token for a request: for the owner, as
// that is what a fine-grained token is for.
func addFor(r credential.Request) string {
	repository, _ := r.Repository()
	owner, _, _ := strings.Cut(repository, "/")
	if r.Host == credential.GistHost {
		owner = "" // gists go with a token for all of the host
	}
	return "git pat add " + scopeOf(r.Host, owner).Short()
}

// SetupCommand is the command that sets Git up for a host, with options.
func SetupCommand(options, host string) string {
	words := []string{"git pat setup"}
	if options != "" {
		words = append(words, options)
	}
	if host != credential.GitHubHost && host != credential.GistHost {
		words = append(words, host)
	}
	return strings.Join(words, " ")
}

// AddCommand is the command that puts another secret in the place of a
// record's.
func AddCommand(r credential.Record) string {
	command := "git pat add " + r.Arguments()
	if ReadOnly(r.Store) {
		command += " --store " + r.Store
	}
	return command
}

// Renew says how to replace a token that has ended or that a server has
// refused. There is nothing the matter in it.
func Renew(r credential.Record) Advice {
	if variable, ok := strings.CutPrefix(r.Store, "env:"); ok {
		return Advice{Do: "it answers again when the variable " + variable + " has another value"}
	}
	return Advice{Do: "to put a new one in its place:", Commands: []string{"git pat rotate " + r.Arguments()}}
}

func ambiguous(d credential.Decision) Advice {
	rivals := d.With(credential.Rival)
	names := make([]string, 0, len(rivals))
	for _, rival := range rivals {
		names = append(names, credential.Quote(rival.Name))
	}
	last := len(rivals) - 1
	remove := "git pat remove " + rivals[last].Arguments()
	a := Advice{What: fmt.Sprintf("%d tokens fit %s equally: %s and %s", len(rivals), Target(d.Request), strings.Join(names[:last], ", "), names[last])}
	switch {
	case d.DependsOnAccess():
		a.Do, a.Commands = "to have Git say which requests are pushes:", []string{SetupCommand("--least-privilege", d.Request.Host)}
	case slices.ContainsFunc(rivals, func(look credential.Look) bool { return look.Username != "" }):
		a.Do, a.Commands = "name one's login in the URL, or keep only one of them:", []string{"https://LOGIN@" + Target(d.Request), remove}
	default:
		a.Do, a.Commands = "keep only one of them:", []string{remove}
	}
	return a
}

// unusable says what is the matter with the first of the tokens that fit best.
func unusable(d credential.Decision) Advice {
	look := d.With(credential.Expired, credential.SetAside, credential.Missing, credential.Unreadable)[0]
	var a Advice
	switch look.Verdict {
	case credential.Expired:
		a = Renew(look.Record)
		a.What = fmt.Sprintf("the token %s expired %s", look.Title(), ago(look.Expires, d.Decided))
		if ReadOnly(look.Store) {
			a.Do, a.Commands = "to note when the new one ends:", []string{AddCommand(look.Record)}
		}
	case credential.SetAside:
		a = Renew(look.Record)
		a.What = fmt.Sprintf("the token %s was %s %s and is set aside", look.Title(), reason(look.Aside.Reason), ago(look.Aside.Time, d.Decided))
	case credential.Missing:
		a.What = fmt.Sprintf("the token %s is no longer in its store, %s", look.Title(), credential.Quote(look.Store))
		if variable, ok := strings.CutPrefix(look.Store, "env:"); ok {
			a.Do = "set the variable " + variable
		} else {
			a.Do, a.Commands = "to add it again:", []string{AddCommand(look.Record)}
		}
	case credential.Unreadable:
		a.What = fmt.Sprintf("the token %s cannot be read: %v", look.Title(), look.Damaged)
		var file *FileError
		if errors.As(look.Damaged, &file) {
			a.Do = file.Advice
		}
	}
	return a
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
