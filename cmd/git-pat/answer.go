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

// toLFS returns the answer for the large files of a remote, and what helps. Git LFS
// may ask for the token of the remote instead; then that token must be for both.
func (a answers) toLFS(ctx context.Context, l remotes.LFS) (answer, []advice.Advice, error) {
	asked, err := a.Resolve(ctx, l.Asks)
	if err != nil {
		return answer{}, nil, err
	}
	found := a.inShort(ctx, l.Asks, asked)
	if !l.AsksForRemote() {
		return found, []advice.Advice{found.advice}, nil
	}
	needed, err := a.Resolve(ctx, l.Files)
	if err != nil || asked.SameWinner(needed) {
		return found, []advice.Advice{found.advice}, err
	}
	found.state = "it asks for " + asked.Decision.Request.Target().Short()
	helps := []advice.Advice{lfsAsks(l)}
	if _, ok := needed.Winner(); !ok {
		helps = append(helps, whyNone(ctx, a.Resolver, l.Files, needed))
	}
	return found, helps, nil
}

// advise says what helps if an entry is not refused and no token answers, and if
// Git LFS gets no token, or one of another repository. What several entries need is
// said once.
func (a answers) advise(ctx context.Context, t *term.Terminal, entries []*remotes.Entry, files []remotes.LFS) error {
	var all []advice.Advice
	for _, entry := range entries {
		if entry.Refused() {
			continue
		}
		found, err := a.to(ctx, entry)
		if err != nil {
			return err
		}
		all = append(all, found.advice)
	}
	for _, l := range files {
		_, helps, err := a.toLFS(ctx, l)
		if err != nil {
			return err
		}
		all = append(all, helps...)
	}
	said := map[string]bool{}
	for _, help := range all {
		key := strings.Join(append(help.Commands, help.Do), "\n")
		if len(help.Commands) == 0 {
			key = help.What
		}
		if key != "" && !said[key] {
			advise(t, help)
		}
		said[key] = true
	}
	return nil
}
