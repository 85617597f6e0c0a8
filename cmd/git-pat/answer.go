package main

import (
	"context"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// answers finds which tokens answer for the remotes of a repository, and asks once
// for each URL.
type answers struct {
	*resolve.Resolver
	known map[string]answer // by URL
}

// An answer says which token answers for a URL, or why none does.
type answer struct {
	token  string // for the table
	title  string // for a sentence
	state  string
	reads  bool          // the token is for reading
	advice advice.Advice // what helps, if anything does
}

// States of an answer that are tested for.
const (
	answerOK    = "ok"
	answerReads = "only for reading"
	answerNone  = "no token"
	answerLocal = "local"
	answerOther = "not for tokens"
)

// to returns the answer for an entry. If the entry is refused, the answer names the
// token that would answer otherwise.
func (a answers) to(ctx context.Context, entry *remotes.Entry) (answer, error) {
	switch {
	case entry.Remote.Host == "" && (entry.Protocol == "local" || entry.Protocol == "file"):
		return answer{state: answerLocal}, nil
	case entry.Remote.Host == "":
		return answer{state: answerOther}, nil
	}
	found, ok := a.known[entry.HTTPS]
	if !ok {
		result, err := a.Resolve(ctx, entry.HTTPS)
		if err != nil {
			return answer{}, err
		}
		found = a.inShort(ctx, entry.HTTPS, result)
		a.known[entry.HTTPS] = found
	}
	switch {
	case entry.Follows != "":
		found.state = "as its remote, " + plain(remotes.ShownName(entry.Follows))
	case entry.NotHTTPS():
		found.state = "refused: over " + entry.Protocol
	case entry.Secret != nil:
		found.state = "refused: a " + secretWord(entry.Secret) + " in the URL"
	case found.state == answerOK && found.reads && entry.Push:
		found.state = answerReads
	}
	return found, nil
}

// inShort shortens a result for a table.
func (a answers) inShort(ctx context.Context, url string, found resolve.Result) answer {
	state, token := found.State()
	short := answer{state: [...]string{
		resolve.Answers:      answerOK,
		resolve.NotAsked:     "Git does not ask for it",
		resolve.NoRepository: "no repository",
		resolve.StoreFailed:  "its store cannot be read",
		resolve.NoToken:      answerNone,
		resolve.Expired:      "the token expired",
		resolve.SetAside:     "the token is set aside",
		resolve.Missing:      "its secret is missing",
		resolve.Unreadable:   "its record cannot be read",
		resolve.Several:      "several tokens fit",
	}[state]}
	if token != nil {
		short.token = plain(token.Name) + " for " + token.Target.Short()
		short.title = token.Title()
		short.reads = token.Access == credential.ReadAccess
	}
	switch host := found.Decision.Request.Host; {
	case state == resolve.Answers, state == resolve.NoToken && !a.IsOurs(host):
	case state == resolve.NotAsked:
		short.advice = doesNotAsk(ctx, a.Resolver, host)
	default:
		short.advice = whyNone(ctx, a.Resolver, url, found)
	}
	return short
}

// advise says what helps if an entry is not refused and no token answers. What
// several entries need is said once.
func (a answers) advise(ctx context.Context, t *term.Terminal, entries []*remotes.Entry) error {
	said := map[string]bool{}
	for _, entry := range entries {
		if entry.Refused() {
			continue
		}
		found, err := a.to(ctx, entry)
		if err != nil {
			return err
		}
		key := strings.Join(append(found.advice.Commands, found.advice.Do), "\n")
		if len(found.advice.Commands) == 0 {
			key = found.advice.What
		}
		if key != "" && !said[key] {
			advise(t, found.advice)
		}
		said[key] = true
	}
	return nil
}
