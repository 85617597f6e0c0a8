package main

// Which token answers where a remote leads, as Git would ask for it.

import (
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// An inspection finds out which tokens answer at entries.
type inspection struct {
	*app
	tree    *record.Tree
	answers map[string]answer // by URL
	stays   []*remotes.Entry  // these are not changed, and a line says so
}

// An answer says which token answers for a URL, or why none does.
type answer struct {
	token   string // for the table
	title   string // for a sentence
	verdict string
	reads   bool          // it is for reading
	advice  advice.Advice // what helps, if anything does
}

// Verdicts that have a meaning for others than people.
const (
	verdictOK    = "ok"
	verdictReads = "only for reading"
	verdictNone  = "no token"
	verdictLocal = "local"
	verdictOther = "not for tokens"
)

// answer is the answer for an entry. If the entry is refused, the answer names
// the token that would answer otherwise.
func (i *inspection) answer(entry *remotes.Entry) (answer, error) {
	switch {
	case entry.Remote.Host == "" && (entry.Protocol == "local" || entry.Protocol == "file"):
		return answer{verdict: verdictLocal}, nil
	case entry.Remote.Host == "":
		return answer{verdict: verdictOther}, nil
	}
	found, ok := i.answers[entry.HTTPS]
	if !ok {
		e, err := i.explain(entry.HTTPS)
		if err != nil {
			return answer{}, err
		}
		found = i.inShort(e)
		i.answers[entry.HTTPS] = found
	}
	switch {
	case entry.Follows != "":
		found.verdict = "as its remote, " + plain(remotes.ShownName(entry.Follows))
	case entry.NotHTTPS():
		found.verdict = "refused: over " + entry.Protocol
	case entry.Secret != nil:
		found.verdict = "refused: a " + secretWord(entry.Secret) + " in the URL"
	case found.verdict == verdictOK && found.reads && entry.Push:
		found.verdict = verdictReads
	}
	return found, nil
}

// inShort makes of an explanation what fits into a table.
func (i *inspection) inShort(e explanation) answer {
	a := answer{advice: e.advice}
	show := func(look credential.Considered) {
		a.token = plain(look.Name) + " for " + look.Target.Short()
		a.title = look.Title()
	}
	d := e.decision
	if d.Winner >= 0 && d.Winner < len(d.Considered) {
		show(d.Considered[d.Winner])
	}
	switch e.Outcome {
	case "answer":
		a.verdict, a.reads = verdictOK, d.Considered[d.Winner].Access == credential.ReadAccess
		if !e.Asked {
			a.verdict = "Git does not ask for it"
			a.advice = i.doesNotAsk(d.Request.Host)
		}
	case "no token":
		a.verdict = verdictNone
		if !i.isOurs(d.Request.Host) {
			a.advice = advice.Advice{}
		}
	case "unusable":
		look := d.With(credential.Expired, credential.SetAside, credential.Missing, credential.Unreadable)[0]
		show(look)
		a.verdict = map[credential.Verdict]string{
			credential.Expired:    "the token is expired",
			credential.SetAside:   "the token is set aside",
			credential.Missing:    "its secret is missing",
			credential.Unreadable: "its record cannot be read",
		}[look.Verdict]
	case "ambiguous", "unspecified":
		a.verdict = "several tokens fit"
	case "trouble":
		a.verdict = "its store cannot be read"
	case "refused":
		a.verdict = "no repository"
	}
	return a
}

// doesNotAsk says what helps where Git does not ask for tokens of a host.
func (a *app) doesNotAsk(host string) advice.Advice {
	what := "Git does not ask git-credential-pat for " + quote(host)
	if !a.isIncomplete(host) {
		return advice.Advice{What: what, Do: "to see why:", Commands: []string{"git pat doctor"}}
	}
	return advice.Advice{What: what + " yet", Do: "to have it ask:", Commands: []string{advice.SetupCommand("", host)}}
}

// advise says, once for all that need the same, what helps where a remote is
// not refused and no token answers.
func (i *inspection) advise(entries []*remotes.Entry) error {
	said := map[string]bool{}
	for _, entry := range entries {
		if entry.Refused() {
			continue
		}
		found, err := i.answer(entry)
		if err != nil {
			return err
		}
		a := found.advice
		key := strings.Join(append(a.Commands, a.Do), "\n")
		if len(a.Commands) == 0 {
			key = a.What
		}
		if key != "" && !said[key] {
			i.ui.advise(a)
		}
		said[key] = true
	}
	return nil
}

// isOurs reports whether a host is GitHub's, or one that there is a token for.
func (i *inspection) isOurs(host string) bool {
	if credential.IsGitHubHost(host) {
		return true
	}
	for range i.tree.Host(host) {
		return true
	}
	return false
}
