package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
)

type explainCommand struct {
	URL   string `arg:"" optional:"" name:"url-or-target" help:"the URL of a repository, or a target; else the repository you are in"`
	Push  bool   `help:"explain a push, not a fetch"`
	Probe bool   `help:"ask the server with the token that answers"`
	JSON  bool   `name:"json" help:"print JSON, for programs"`
	Error bool   `help:"explain what Git printed, given on standard input"`
}

func (explainCommand) Help() string {
	return `It prints the request as Git would send it, with all that Git's configuration
makes of the URL, and of each token that may be for it why it does or does not
answer. The decision is that of git-credential-pat, made by the same code. No
token is shown. Where Git does not ask git-credential-pat, it says so, and the
request is that after git pat setup. The exit status is 0 if a token answers,
else 1.

With --probe the server is asked with the token, by the request with which Git
begins; nothing is changed there. A refusal is put into words, with what helps.

With --error nothing is asked: what Git printed is read and put into words.

A URL or target means exactly that: no setting of Git's turns it into another
one, and if Git would use another URL in its place, a line says so. The name of
a remote counts only if it cannot be a target. "origin" can be one: it is the
owner github.com/origin.

    git pat explain
    git pat explain acme/widgets --push
    git push 2>&1 | git pat explain --error

With --json there is an object with the object request (the strings protocol,
host, and, where Git sends them, path and username), asked (false if Git does
not ask git-credential-pat for this host), the array tokens, in which
each object has the keys of git pat list --json and a verdict, and the string
outcome: answer, no token, unusable, ambiguous, unspecified (the request names
no repository, and several tokens may be for it), trouble (with a store) or
refused (no token is for such a URL, or the URL has one in it). Where a token
answers, the number answers is its index in tokens, from 0; where none does, the
string why says so.`
}

// An explanation is what --json shows.
type explanation struct {
	Request requestSent `json:"request"`
	Asked   bool        `json:"asked"`
	Outcome string      `json:"outcome"`
	Answers *int        `json:"answers,omitempty"`
	Why     string      `json:"why,omitempty"`
	Tokens  []explained `json:"tokens"`

	decision credential.Decision
	login    *keeper.Login // nil if no token answers
	advice   advice.Advice // then
	before   git.Config    // those that Git asks first
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

func (c *explainCommand) Run(a *app) error {
	if c.Error {
		return c.explainError(a)
	}
	url, err := a.meant(c.URL, "git pat explain", c.Push)
	if err != nil {
		return err
	}
	if c.URL != "" {
		a.noteRewriting(url, c.Push)
	}
	e, err := a.explain(url)
	if err != nil {
		return err
	}
	if c.JSON {
		err = a.ui.json(e)
	} else {
		err = e.show(a, c.Push)
	}
	switch {
	case err != nil:
		return err
	case e.Answers == nil:
		return errSaid
	case !c.Probe:
		return nil
	}
	winner := e.decision.Considered[*e.Answers]
	if e.login.Password == nil || !winner.Kind.IsGitHub() {
		return &hintError{text: "it is no token of GitHub's, so that nobody can be asked about it"}
	}
	return c.probe(a, e.decision.Request, winner.Record, *e.login.Password)
}

// noteRewriting says if Git uses another URL here in place of one that was typed.
func (a *app) noteRewriting(url string, push bool) {
	c, err := a.settings("")
	if err != nil {
		return
	}
	used, rule := c.Rewrite(url, push)
	if rule == nil || git.WithoutUser(used) == git.WithoutUser(url) {
		return
	}
	a.ui.say("Git uses %s here in place of that URL (%s); this is about the URL that you named", quote(git.WithoutUser(used)), placeOf(rule.Origin))
}

// explain decides on a URL as the helper does when Git asks it.
func (a *app) explain(url string) (explanation, error) {
	var e explanation
	tree, err := a.tree()
	if err != nil {
		return e, err
	}
	remote, notURL := credential.ParseRemote(url)
	if notURL == nil && !strings.Contains(url, "://") {
		url = "ssh://" + strings.TrimPrefix(remote.HTTPS(), "https://") // git credential does not read the other form
	}
	sent, err := a.asGitSends(url)
	if err != nil {
		return e, err
	}
	if host, err := credential.ParseHost(sent.Host); notURL == nil && remote.Protocol == "https" && (err != nil || host != remote.Host) {
		return e, &hintError{text: fmt.Sprintf("Git asks for the host %s in place of %s, so nothing is done", quote(sent.Host), remote.Host)}
	}
	e.Request = requestSent(sent)
	settings, err := a.settings("")
	if err != nil {
		return e, err
	}
	helpers := settings.Helpers(url)
	ours := slices.IndexFunc(helpers, func(h git.Setting) bool { return runsUs(h.Value) })
	e.Asked, e.before = ours >= 0, helpers[:max(ours, 0)]
	if notURL == nil && !e.Asked {
		e.Request.Path = remote.Path // as setup has Git send it
	}
	e.Tokens = []explained{} // not nil, which JSON calls null
	k := a.keeper(tree)
	request, err := credential.ParseRequest(e.Request.Protocol, e.Request.Host, e.Request.Path, e.Request.Username)
	if err == nil {
		err = k.Check(request)
	}
	if (credential.Request{Host: e.Request.Host, Username: e.Request.Username}).TokenForName() {
		e.Request.Username = "***"
	}
	switch {
	case err != nil:
		e.Outcome, e.advice = "refused", a.refusal(url, err)
	case notURL == nil && isCredential(remote):
		e.Outcome, e.advice = "refused", advice.Advice{
			What:     "Git logs in with the token or password in the URL, and asks no helper",
			Do:       "to take it out of the URLs of remotes:",
			Commands: []string{"git pat remote --fix"},
		}
	}
	if e.Outcome == "refused" {
		e.Why = e.advice.What
		return e, nil
	}
	e.decision, e.login, err = k.Decide(a.ctx, request)
	for _, look := range e.decision.Considered {
		e.Tokens = append(e.Tokens, explained{a.entry(look.Candidate), look.Verdict})
	}
	e.Outcome = outcomes[e.decision.Outcome]
	switch {
	case err != nil:
		e.Outcome, e.Why = "trouble", err.Error()
		e.advice = advice.Advice{What: e.Why, Do: advice.Of(err)}
	case e.login == nil:
		e.advice = advice.For(e.decision)
		e.Why = e.advice.What
		named := len(e.decision.With(credential.OtherLogin)) > 0 && remote.User == "" && e.Request.Username != ""
		if named || e.Outcome == "unspecified" && remote.Path != "" && !a.isIncomplete(request.Host) {
			e.advice.Do, e.advice.Commands = "Git's configuration makes it so; to see where:", []string{"git pat doctor"}
		}
	default:
		e.Answers = &e.decision.Winner
	}
	return e, nil
}

// outcomes are those of a decision as --json names them.
var outcomes = map[credential.Outcome]string{
	credential.NoToken:     "no token",
	credential.Answer:      "answer",
	credential.Unusable:    "unusable",
	credential.Ambiguous:   "ambiguous",
	credential.Unspecified: "unspecified",
}

// refusal says why a URL is none that a token is for.
func (a *app) refusal(url string, err error) advice.Advice {
	remote, notURL := credential.ParseRemote(url)
	if notURL != nil || remote.Protocol == "https" || !errors.Is(err, credential.ErrNotOurs) {
		return advice.Advice{What: err.Error()}
	}
	return advice.Advice{
		What:     "tokens work over https only, not over " + remote.Protocol,
		Do:       "use the https URL:",
		Commands: []string{remote.HTTPS()},
	}
}

// show prints the request, and the tokens with a verdict, and says what came
// of it.
func (e explanation) show(a *app, push bool) error {
	for _, line := range [][2]string{
		{"protocol", e.Request.Protocol}, {"host", e.Request.Host}, {"path", e.Request.Path}, {"username", e.Request.Username},
	} {
		if line[1] != "" {
			if err := a.ui.line(line[0] + "=" + plain(line[1])); err != nil {
				return err
			}
		}
	}
	if len(e.Tokens) > 0 {
		if err := a.ui.line(""); err != nil {
			return err
		}
		if err := a.showDecision(e.decision); err != nil {
			return err
		}
	}
	answers := "answers"
	switch {
	case e.Outcome == "refused":
	case !e.Asked:
		a.ui.advise(a.doesNotAsk(e.decision.Request.Host))
		answers = "would answer"
	case len(e.before) > 0:
		shown, _ := withoutArguments(e.before[0].Value)
		a.ui.say("the helper %s is asked before git-credential-pat, and what it answers is used", quote(shown))
		a.ui.hint("to see what to do about it:", "git pat doctor")
	}
	if e.Answers == nil {
		a.ui.advise(e.advice)
		return nil
	}
	winner := e.decision.Considered[*e.Answers]
	a.ui.say("the token %s %s, from the store %s", winner.Title(), answers, quote(winner.Store))
	if winner.Expires.IsZero() {
		a.ui.say("it is not known to expire")
	} else {
		a.ui.say("it expires %s", inWords(winner.Expires, a.now))
	}
	if push && winner.Access == credential.ReadAccess {
		a.ui.say("it is for reading, but Git does not say that this is a push")
		request := e.decision.Request
		if a.saysPush(request.Host) {
			a.ui.hint("the URL for pushing is one of its own, or has a user name; with this one Git says so:",
				"https://"+credential.PushLogin+"@"+request.Host+"/"+request.Path)
		} else {
			a.ui.hint("to have Git say so:", advice.SetupCommand("--least-privilege", request.Host))
		}
	}
	return nil
}

// showDecision shows each record that was looked at, with why it does or does
// not answer.
func (a *app) showDecision(d credential.Decision) error {
	var rows [][]string
	for _, look := range d.Considered {
		expires := "-"
		if !look.Expires.IsZero() {
			expires = inWords(look.Expires, a.now)
		}
		rows = append(rows, []string{
			look.Target.String(), plain(look.Name), orDash(look.Kind.String()), orDash(plain(look.Username)),
			expires, orDash(plain(look.Store)), string(look.Verdict),
		})
	}
	return a.ui.table([]string{"TARGET", "NAME", "KIND", "LOGIN", "EXPIRES", "STORE", "VERDICT"}, rows, func(verdict string) string {
		if verdict == string(credential.Chosen) {
			return "32"
		}
		return ""
	})
}

// probe asks the server with a token and puts its answer into words.
func (c *explainCommand) probe(a *app, request credential.Request, r credential.Record, secret credential.Secret) error {
	repository, err := request.Repository()
	if err != nil {
		return err
	}
	if !strings.Contains(repository, "/") {
		return &hintError{text: "the URL names no repository to ask for", status: exitUsage}
	}
	r.Host = request.Host // of a gist it is not the record's
	client, err := a.github(request.Host)
	if err != nil {
		return err
	}
	services := []github.Service{github.Fetch}
	words := map[github.Service]string{github.Fetch: "fetch from", github.Push: "push to"}
	if c.Push {
		services = append(services, github.Push)
	}
	for _, service := range services {
		answer, cause := client.Try(a.ctx, r, repository, service, secret)
		if answer == github.Yes {
			a.ui.say("it may %s %s", words[service], repository)
			continue
		}
		what, do := causeWords(*cause, r)
		if answer == github.No {
			a.ui.say("it may not %s %s: %s", words[service], repository, what)
		} else {
			a.ui.say("whether it may %s %s is not known: %s", words[service], repository, what)
		}
		a.ui.steps(do)
		return errSaid
	}
	return nil
}

// maxText is more than Git prints of a refusal.
const maxText = 64 << 10 // bytes

// explainError puts what Git printed into words.
func (c *explainCommand) explainError(a *app) error {
	if a.ui.typed() {
		a.ui.say("paste what Git printed, and end it with Ctrl-D on a line of its own")
	}
	text, err := io.ReadAll(io.LimitReader(a.ui.in, maxText))
	if err != nil {
		return err
	}
	if strings.TrimSpace(string(text)) == "" {
		return &hintError{text: "there was nothing to explain", hint: "pipe in what Git printed:", commands: []string{"git push 2>&1 | git pat explain --error"}}
	}
	about, status := github.ReadGit(string(text))
	if remote, err := credential.ParseRemote(c.URL); c.URL != "" && err == nil {
		about.Host, about.Repository = remote.Host, ""
		if repository, err := (credential.Request{Host: remote.Host, Path: remote.Path}).Repository(); err == nil {
			about.Repository = repository
		}
	}
	cause := github.Explain(status, string(text), about)
	what, do := causeWords(cause, credential.Record{})
	tree, err := a.tree()
	ours := credential.IsGitHubHost(about.Host) || err == nil && (&inspection{app: a, tree: tree}).isOurs(about.Host)
	if c.URL == "" && !ours {
		// The text names the host, and anybody may have made it: no page there
		// is one to log in at.
		do = slices.DeleteFunc(do, func(step string) bool { return strings.Contains(step, "https://") })
	}
	if cause.Reason == github.Unknown {
		a.ui.say("this is not a text that is known:")
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimRight(line, "\r\n"); line != "" {
				a.ui.say("  %s", quote(line))
			}
		}
		return errSaid
	}
	if err := a.ui.line(what); err != nil {
		return err
	}
	for _, step := range do {
		if err := a.ui.line("  " + step); err != nil {
			return err
		}
	}
	return nil
}

// errSaid ends a command of which all is said, with the exit status for what
// could not be done.
var errSaid = errors.New("said")
