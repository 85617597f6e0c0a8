package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/verify"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

type explainCommand struct {
	URL   string `arg:"" optional:"" name:"url-or-target" help:"the URL of a repository, or a target; else the repository you are in"`
	Push  bool   `help:"explain a push, not a fetch"`
	Probe bool   `help:"ask the server with the token that answers"`
	JSON  bool   `name:"json" help:"print JSON, for programs"`
	Error bool   `help:"explain what Git printed, given on standard input"`
}

func (explainCommand) Help() string {
	return `Prints the request as Git would send it, and for each token that may be for
it, why it does or does not answer. git-credential-pat decides by the same
code. No token is shown. If Git does not ask git-credential-pat for the host,
a line says so, and the request is the one that Git sends after git pat setup.
The exit status is 0 if a token answers, else 1.

With --probe the token is sent to the server, in the request with which Git
begins. Nothing is changed there. If the server rejects it, the reason is
explained, with what helps.

With --error no server is asked: git pat reads what Git printed and explains it.

A URL or target means exactly that; no setting of Git turns it into another
one. If Git would use another URL, a line says so. The name of a remote counts
only if it cannot be a target: "origin" is the owner github.com/origin.

    git pat explain
    git pat explain acme/widgets --push
    git push 2>&1 | git pat explain --error

With --json there is an object with the object request (the strings protocol,
host, and, if Git sends them, path and username), asked (false if Git does not
ask git-credential-pat for this host), the array tokens, in which each object
has the keys of git pat list --json and a verdict, and the string outcome:
answer, no token, unusable, ambiguous, unspecified (the request names no
repository, and several tokens may be for it), trouble (a store failed) or
refused (tokens are never used for such a URL, or the URL holds one). If a
token answers, the number answers is its index in tokens, from 0; otherwise
the string why says why not.`
}

// An explanation is what --json shows.
type explanation struct {
	Request requestSent `json:"request"`
	Asked   bool        `json:"asked"`
	Outcome string      `json:"outcome"`
	Answers *int        `json:"answers,omitempty"`
	Why     string      `json:"why,omitempty"`
	Tokens  []explained `json:"tokens"`
}

type requestSent struct {
	Protocol string `json:"protocol"`
	Host     string `json:"host"`
	Path     string `json:"path,omitempty"`
	Username string `json:"username,omitempty"`
}

type explained struct {
	entry
	Verdict credential.Verdict `json:"verdict"`
}

func (c *explainCommand) Run(ctx context.Context, t *term.Terminal, r *resolve.Resolver, reader *remotes.Reader) error {
	if c.Error {
		return c.explainError(ctx, t, r, reader)
	}
	url, err := named(ctx, t, r, c.URL, "git pat explain", c.Push)
	if err != nil {
		return err
	}
	if c.URL != "" {
		if used, rule := r.Rewritten(ctx, url, c.Push); rule != nil {
			t.Say("Git uses %s here instead of that URL (%s); this explains the URL that you named", quote(git.WithoutUser(used)), settingIn(*rule))
		}
	}
	found, err := r.Resolve(ctx, url)
	if err != nil {
		return err
	}
	if c.JSON {
		err = t.JSON(inJSON(found, r.Tokens.Now))
	} else {
		err = c.show(ctx, t, r, url, found)
	}
	if err == nil && c.URL == "" && !c.JSON {
		err = c.showLFS(ctx, t, r, reader, url)
	}
	winner, ok := found.Winner()
	switch {
	case err != nil:
		return err
	case !ok:
		return errSaid
	case !c.Probe:
		return nil
	case found.Login.Password == nil || !winner.Kind.IsGitHub():
		return verify.ErrNotGitHub
	}
	return c.probe(ctx, t, r.Git, found.Decision.Request, winner.Record, *found.Login.Password)
}

// inJSON returns what --json shows of a result.
func inJSON(found resolve.Result, now time.Time) explanation {
	e := explanation{Request: requestSent(found.Request), Asked: found.Asked, Outcome: outcome(found), Tokens: []explained{}}
	for _, c := range found.Decision.Considered {
		e.Tokens = append(e.Tokens, explained{newEntry(c.Candidate, now), c.Verdict})
	}
	if _, ok := found.Winner(); ok {
		e.Answers = &found.Decision.Winner
	} else {
		e.Why = reason(found)
	}
	return e
}

// outcome names the outcome of a result, as --json has it.
func outcome(found resolve.Result) string {
	switch {
	case found.Refused != nil:
		return "refused"
	case found.StoreErr != nil:
		return "trouble"
	}
	return map[credential.Outcome]string{
		credential.NoToken:     "no token",
		credential.Answer:      "answer",
		credential.Unusable:    "unusable",
		credential.Ambiguous:   "ambiguous",
		credential.Unspecified: "unspecified",
	}[found.Decision.Outcome]
}

// reason says why no token answers.
func reason(found resolve.Result) string {
	switch {
	case found.Refused != nil:
		return found.Refused.Error()
	case found.StoreErr != nil:
		return found.StoreErr.Error()
	}
	return advice.For(found.Decision).What
}

// whyNone says why no token answers for a URL, and what helps.
func whyNone(ctx context.Context, r *resolve.Resolver, url string, found resolve.Result) advice.Advice {
	a := advice.Advice{What: reason(found)}
	var protocol *resolve.ProtocolError
	switch {
	case errors.As(found.Refused, &protocol):
		a.Do, a.Commands = "use the https URL:", []string{protocol.Remote.HTTPS()}
		return a
	case errors.Is(found.Refused, resolve.ErrCredentialInURL):
		a.Do, a.Commands = "to remove it from the URLs of remotes:", []string{"git pat remote --fix"}
		return a
	case found.Refused != nil:
		return a
	case found.StoreErr != nil:
		a.Do = advice.Of(found.StoreErr)
		return a
	}
	a = advice.For(found.Decision)
	remote, _ := credential.ParseRemote(url)
	byConfig := len(found.Decision.With(credential.OtherLogin)) > 0 && remote.User == "" && found.Request.Username != ""
	noPath := found.Decision.Outcome == credential.Unspecified && remote.Path != "" && !isIncomplete(ctx, r, found.Decision.Request.Host)
	if byConfig || noPath {
		a.Do, a.Commands = "Git's configuration is the reason; to see the setting:", []string{"git pat doctor"}
	}
	return a
}

// show prints the request and the tokens, and says which token answers.
func (c *explainCommand) show(ctx context.Context, t *term.Terminal, r *resolve.Resolver, url string, found resolve.Result) error {
	for _, line := range [][2]string{
		{"protocol", found.Request.Protocol}, {"host", found.Request.Host}, {"path", found.Request.Path}, {"username", found.Request.Username},
	} {
		if line[1] != "" {
			if err := t.Line(line[0] + "=" + plain(line[1])); err != nil {
				return err
			}
		}
	}
	now, request := r.Tokens.Now, found.Decision.Request
	if len(found.Decision.Considered) > 0 {
		if err := t.Line(""); err != nil {
			return err
		}
		if err := showDecision(t, found.Decision, now); err != nil {
			return err
		}
	}
	answers := "answers"
	switch {
	case found.Refused != nil:
	case !found.Asked:
		advise(t, doesNotAsk(ctx, r, request.Host))
		answers = "would answer"
	case len(found.Before) > 0:
		shown, _ := git.HideArguments(found.Before[0].Value)
		t.Say("Git asks the helper %s before git-credential-pat and uses its answer", quote(shown))
		t.Hint("to see how to fix it:", "git pat doctor")
	}
	winner, ok := found.Winner()
	if !ok {
		advise(t, whyNone(ctx, r, url, found))
		return nil
	}
	t.Say("the token %s %s, from the store %s", winner.Title(), answers, quote(winner.Store))
	if winner.Expires.IsZero() {
		t.Say("it is not known to expire")
	} else {
		t.Say("it expires %s", inWords(winner.Expires, now))
	}
	if !c.Push || winner.Access != credential.ReadAccess {
		return nil
	}
	t.Say("the token is for reading, but Git does not say that this is a push")
	if r.SaysPush(ctx, request.Host) {
		t.Hint("the URL has a user name, or is only for pushing; with this URL Git says so:",
			git.PushBase(request.Host)+request.Path)
	} else {
		t.Hint("to make Git say so:", advice.SetupCommand("--least-privilege", request.Host))
	}
	return nil
}

// sayMoved says where a repository is now.
func sayMoved(t *term.Terminal, host string, err error) {
	if moved := new(github.MovedError); errors.As(err, &moved) {
		t.Say("its name is now %s", moved.Repository)
		t.Hint("to use its new URL:", "git remote set-url REMOTE "+credential.Remote{Host: host, Path: moved.Repository}.HTTPS()+".git")
	}
}

// showLFS says what Git LFS asks for, if it is not what Git asks for.
func (c *explainCommand) showLFS(ctx context.Context, t *term.Terminal, r *resolve.Resolver, reader *remotes.Reader, url string) error {
	files, err := filesOf(ctx, reader, func(e *remotes.Entry) bool { return e.URL.URL == url && (e.Push && c.Push || e.Fetch && !c.Push) })
	if err != nil {
		return err
	}
	return answers{r, map[string]answer{}}.advise(ctx, t, nil, files)
}

// filesOf says where Git LFS has the large files of some remotes of the repository in
// the current folder.
func filesOf(ctx context.Context, reader *remotes.Reader, isMeant func(*remotes.Entry) bool) ([]remotes.LFS, error) {
	entries, err := reader.List(ctx, "")
	if err != nil {
		return nil, nil // there is no repository
	}
	return reader.LFS(ctx, slices.DeleteFunc(entries, func(e *remotes.Entry) bool { return !isMeant(e) }))
}

// doesNotAsk says what helps if Git does not ask for tokens of a host.
func doesNotAsk(ctx context.Context, r *resolve.Resolver, host string) advice.Advice {
	what := "Git does not ask git-credential-pat for " + quote(host)
	if isIncomplete(ctx, r, host) {
		return advice.Advice{What: what + " yet", Do: "to configure it:", Commands: []string{advice.SetupCommand("", host)}}
	}
	return advice.Advice{What: what, Do: "to see why:", Commands: []string{"git pat doctor"}}
}

// showDecision shows each token that may be for the request, and why it does or
// does not answer.
func showDecision(t *term.Terminal, d credential.Decision, now time.Time) error {
	var rows [][]string
	for _, c := range d.Considered {
		rows = append(rows, []string{
			c.Target.String(), plain(c.Name), orDash(c.Kind.String()), orDash(plain(c.Username)),
			inWords(c.Expires, now), orDash(plain(c.Store)), string(c.Verdict),
		})
	}
	columns := []term.Column{
		{Name: "TARGET"}, {Name: "NAME", Rank: 1}, {Name: "KIND", Rank: 4}, {Name: "LOGIN", Rank: 2},
		{Name: "EXPIRES", Rank: 3}, {Name: "STORE", Rank: 5}, {Name: "VERDICT"},
	}
	return t.Table(columns, rows, func(verdict string) string {
		if verdict == string(credential.Chosen) {
			return "32"
		}
		return ""
	})
}

// probe asks the server with a token and puts its answer into words.
func (c *explainCommand) probe(ctx context.Context, t *term.Terminal, settings *git.Cache, request credential.Request, r credential.Record, secret credential.Secret) error {
	repository, err := request.Repository()
	if err != nil {
		return err
	}
	if !strings.Contains(repository, "/") {
		return &hintError{text: "the URL names no repository to ask for", status: exitUsage}
	}
	r.Host = request.Host // of a gist it is not the record's
	client, err := githubClient(ctx, settings, request.Host)
	if err != nil {
		return err
	}
	services := []github.Service{github.Fetch}
	words := map[github.Service]string{github.Fetch: "fetch from", github.Push: "push to"}
	if c.Push {
		services = append(services, github.Push)
	}
	for _, service := range services {
		done := t.Waiting("asking " + r.Host)
		answer, cause := client.Try(ctx, r, repository, service, secret)
		done()
		if answer == github.Yes {
			t.Say("it may %s %s", words[service], repository)
			if cause != nil && service == services[len(services)-1] {
				sayMoved(t, r.Host, cause.Err)
			}
			continue
		}
		what, do := causeWords(*cause, r)
		if answer == github.No {
			t.Say("it may not %s %s: %s", words[service], repository, what)
		} else {
			t.Say("whether it may %s %s is not known: %s", words[service], repository, what)
		}
		t.Steps(do)
		return errSaid
	}
	return nil
}
