// Package answer says which token answers for each remote of a repository, or why none
// does and what helps.
package answer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A Finder finds which tokens answer for the remotes of a repository. It looks for the
// token of each URL once.
type Finder struct {
	*resolve.Resolver
	Setup *setup.Reader
	known map[string]Answer // by URL
}

// NewFinder returns a Finder that knows no answers yet.
func NewFinder(r *resolve.Resolver, s *setup.Reader) *Finder {
	return &Finder{r, s, map[string]Answer{}}
}

// Forget removes the known answers. Call it after something was changed.
func (a *Finder) Forget() { clear(a.known) }

// An Answer says which token answers for a URL, or why none does.
type Answer struct {
	Token  string // for the table
	Title  string // for a sentence
	State  string
	reads  bool          // the token is for reading
	advice advice.Advice // what helps, if anything does
}

// The states that code compares with.
const (
	stateOK    = "ok"
	stateReads = "only for reading"
	stateNone  = "no token"
	stateLocal = "local"
	stateOther = "not for tokens"
)

// To returns the answer for an entry. If the entry is refused, the answer names the
// token that would answer otherwise.
func (a *Finder) To(ctx context.Context, entry *remotes.Entry) (Answer, error) {
	switch {
	case entry.Remote.Host == "" && (entry.Protocol == "local" || entry.Protocol == "file"):
		return Answer{State: stateLocal}, nil
	case entry.Remote.Host == "":
		return Answer{State: stateOther}, nil
	}
	found, ok := a.known[entry.HTTPS]
	if !ok {
		result, err := a.Resolve(ctx, entry.HTTPS)
		if err != nil {
			return Answer{}, err
		}
		found = a.inShort(ctx, entry.HTTPS, result)
		a.known[entry.HTTPS] = found
	}
	switch {
	case entry.Follows != "":
		found.State = "as its remote, " + words.Plain(remotes.ShownName(entry.Follows))
	case entry.NotHTTPS():
		found.State = "refused: over " + entry.Protocol
	case entry.Secret != nil:
		found.State = "refused: a " + words.SecretWord(entry.Secret) + " in the URL"
	case found.State == stateOK && found.reads && entry.Push:
		found.State = stateReads
	}
	return found, nil
}

// inShort shortens a result for a table.
func (a *Finder) inShort(ctx context.Context, url string, found resolve.Result) Answer {
	state, token := found.State()
	short := Answer{State: [...]string{
		resolve.Answers:      stateOK,
		resolve.NotAsked:     "Git does not ask for it",
		resolve.NoRepository: "no repository",
		resolve.StoreFailed:  "its store cannot be read",
		resolve.NoToken:      stateNone,
		resolve.Expired:      "the token expired",
		resolve.SetAside:     "the token is set aside",
		resolve.Missing:      "its secret is missing",
		resolve.Unreadable:   "its record cannot be read",
		resolve.Several:      "several tokens fit",
	}[state]}
	if token != nil {
		short.Token = words.Plain(token.Name) + " for " + token.Target.Short()
		short.Title = token.Title()
		short.reads = token.Access == credential.ReadAccess
	}
	switch host := found.Decision.Request.Host; {
	case state == resolve.Answers, state == resolve.NoToken && !a.IsOurs(host):
	case state == resolve.NotAsked:
		short.advice = a.DoesNotAsk(ctx, host)
	default:
		short.advice = a.WhyNone(ctx, url, found)
	}
	return short
}

// toLFS returns the answer for the large files of a remote, and what helps. Git LFS
// may ask for the token of the remote instead. Then that token must work for both.
func (a *Finder) toLFS(ctx context.Context, l remotes.LFS) (Answer, []advice.Advice, error) {
	asked, err := a.Resolve(ctx, l.Asks)
	if err != nil {
		return Answer{}, nil, err
	}
	found := a.inShort(ctx, l.Asks, asked)
	if !l.AsksForRemote() {
		return found, []advice.Advice{found.advice}, nil
	}
	needed, err := a.Resolve(ctx, l.Files)
	if err != nil || asked.SameWinner(needed) {
		return found, []advice.Advice{found.advice}, err
	}
	found.State = "it asks for " + asked.Decision.Request.Target().Short()
	helps := []advice.Advice{words.LFSAsks(l)}
	if _, ok := needed.Winner(); !ok {
		helps = append(helps, a.WhyNone(ctx, l.Files, needed))
	}
	return found, helps, nil
}

// Helps returns what helps if an entry is not refused but no token answers, or if Git
// LFS gets no token or one of another repository. It returns each advice once.
func (a *Finder) Helps(ctx context.Context, entries []*remotes.Entry, files []remotes.LFS) ([]advice.Advice, error) {
	var all []advice.Advice
	for _, entry := range entries {
		if entry.Refused() {
			continue
		}
		found, err := a.To(ctx, entry)
		if err != nil {
			return nil, err
		}
		all = append(all, found.advice)
	}
	for _, l := range files {
		_, helps, err := a.toLFS(ctx, l)
		if err != nil {
			return nil, err
		}
		all = append(all, helps...)
	}
	var once []advice.Advice
	said := map[string]bool{"": true}
	for _, help := range all {
		key := strings.Join(append(help.Commands, help.Do), "\n")
		if len(help.Commands) == 0 {
			key = help.What
		}
		if !said[key] {
			once = append(once, help)
		}
		said[key] = true
	}
	return once, nil
}

// Reason says why no token answers.
func Reason(found resolve.Result) string {
	switch {
	case found.Refused != nil:
		return found.Refused.Error()
	case found.StoreErr != nil:
		return found.StoreErr.Error()
	}
	return advice.For(found.Decision).What
}

// WhyNone says why no token answers for a URL, and what helps.
func (a *Finder) WhyNone(ctx context.Context, url string, found resolve.Result) advice.Advice {
	help := advice.Advice{What: Reason(found)}
	var protocol *resolve.ProtocolError
	switch {
	case errors.As(found.Refused, &protocol):
		help.Do, help.Commands = "use the https URL:", []string{protocol.Remote.HTTPS()}
		return help
	case errors.Is(found.Refused, resolve.ErrCredentialInURL):
		help.Do, help.Commands = "to remove it from the URLs of remotes:", []string{"git pat remote --fix"}
		return help
	case found.Refused != nil:
		return help
	case found.StoreErr != nil:
		help.Do = advice.Of(found.StoreErr)
		return help
	}
	help = advice.For(found.Decision)
	remote, _ := credential.ParseRemote(url)
	byConfig := len(found.Decision.With(credential.OtherLogin)) > 0 && remote.User == "" && found.Request.Username != ""
	noPath := found.Decision.Outcome == credential.Unspecified && remote.Path != "" && !a.Setup.IsIncomplete(ctx, found.Decision.Request.Host)
	if byConfig || noPath {
		help.Do, help.Commands = "Git's configuration is the reason; to see the setting:", []string{"git pat doctor"}
	}
	return help
}

// DoesNotAsk says what helps if Git does not ask for tokens of a host.
func (a *Finder) DoesNotAsk(ctx context.Context, host string) advice.Advice {
	what := "Git does not ask git-credential-pat for " + credential.Quote(host)
	if a.Setup.IsIncomplete(ctx, host) {
		return advice.Advice{What: what + " yet", Do: "to configure it:", Commands: []string{advice.SetupCommand("", host)}}
	}
	return advice.Advice{What: what, Do: "to see why:", Commands: []string{"git pat doctor"}}
}

// Table is the table of git pat remote.
func (a *Finder) Table(ctx context.Context, entries []*remotes.Entry, files []remotes.LFS) (term.Table, error) {
	table := term.Table{Colour: colour, Columns: []term.Column{
		{Name: "REMOTE"}, {Name: "FOR", Rank: 4}, {Name: "PROTOCOL", Rank: 6}, {Name: "HOST", Rank: 5},
		{Name: "OWNER", Rank: 3}, {Name: "REPOSITORY", Rank: 1}, {Name: "TOKEN", Rank: 2}, {Name: "VERDICT"},
	}}
	for _, e := range entries {
		found, err := a.To(ctx, e)
		if err != nil {
			return table, err
		}
		row := row(e, found)
		// Merge rows that differ only in what they are for.
		same := func(other []string) bool { return other[0] == row[0] && slices.Equal(other[2:], row[2:]) }
		i := slices.IndexFunc(table.Rows, same)
		switch {
		case i < 0:
			table.Rows = append(table.Rows, row)
		case table.Rows[i][1] != row[1]:
			table.Rows[i][1] = "fetch, push"
		}
	}
	for _, l := range files {
		found, _, err := a.toLFS(ctx, l)
		if err != nil {
			return table, err
		}
		table.Rows = append(table.Rows, rowLFS(l, found))
	}
	return table, nil
}

func colour(state string) string {
	switch {
	case state == stateOK:
		return term.Green
	case strings.HasPrefix(state, "refused"):
		return term.Red
	case state == stateLocal, state == stateOther, state == stateNone:
		return ""
	}
	return term.Yellow
}

// row is the line of an entry in the table.
func row(e *remotes.Entry, a Answer) []string {
	name := words.Plain(remotes.ShownName(e.Name))
	if e.Submodule != "" {
		name = "submodule " + name
	}
	if e.Folder != "" {
		name = words.Plain(e.Folder) + ": " + name
	}
	var uses []string
	if e.Fetch {
		uses = append(uses, "fetch")
	}
	if e.Push {
		uses = append(uses, "push")
	}
	if e.Submodule != "" {
		uses = []string{"clone"}
	}
	return rowAt(name, strings.Join(uses, ", "), e.Protocol, e.Remote, a)
}

// rowLFS is the line for the large files of a remote.
func rowLFS(l remotes.LFS, a Answer) []string {
	remote, _ := git.ParseRemote(l.Files)
	remote.Path = strings.TrimSuffix(remote.Path, "/info/lfs")
	e := remotes.Entry{Repository: l.Entry.Repository, Name: l.Entry.Name}
	return rowAt(row(&e, a)[0], "LFS", remote.Protocol, remote, a)
}

func rowAt(name, uses, protocol string, remote credential.Remote, a Answer) []string {
	owner, repository := "", remote.Path
	if i := strings.LastIndexByte(repository, '/'); i >= 0 {
		owner, repository = repository[:i], repository[i+1:]
	}
	repository = strings.TrimSuffix(repository, ".git")
	return []string{
		name, uses, words.Plain(protocol), words.OrDash(remote.Host), words.OrDash(words.Plain(owner)), words.OrDash(words.Plain(repository)),
		words.OrDash(a.Token), a.State,
	}
}

// ChangedNow says how an entry was changed, and which token answers there.
func ChangedNow(e, before *remotes.Entry, a Answer) string {
	text := words.Does(e) + " over https now"
	if before.Secret != nil && !before.NotHTTPS() {
		text = fmt.Sprintf("the URL of %s no longer contains a %s", words.TheRemote(e), words.SecretWord(before.Secret))
	}
	switch a.State {
	case stateOK:
		return text + ", and the token " + a.Title + " answers"
	case stateReads:
		return text + ", and the token " + a.Title + " answers, which is only for reading"
	}
	return text + ", but no token answers"
}
