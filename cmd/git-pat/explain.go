package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/github"
)

type explainCommand struct {
	URL   string `arg:"" optional:"" name:"url" help:"the URL of a repository"`
	Probe bool   `help:"ask the server with the token that answers"`
	Push  bool   `help:"with --probe, ask whether it may push too"`
	Error bool   `help:"explain what Git printed, given on standard input"`
}

func (explainCommand) Help() string {
	return `The request is answered as git-credential-pat would answer Git, and of each
token that may be for it is said why it does or does not. The exit status is 0
if one answers, else 1. No token is shown.

With --probe the server is asked with the token, by the request with which Git
begins; nothing is changed there. A refusal is put into words, with what helps.

With --error nothing is asked: what Git printed is read and put into words.

    git push 2>&1 | git pat explain --error`
}

func (c *explainCommand) Run(a *app) error {
	if c.Error {
		return c.explainError(a)
	}
	if c.URL == "" {
		return &fault{text: "URL is missing", status: exitUsage, hint: "how it is used:", commands: []string{"git pat help explain"}}
	}
	remote, err := credential.ParseRemote(c.URL)
	if err != nil {
		scope, err := parseScopes([]string{c.URL})
		if err != nil {
			return err
		}
		remote = credential.Remote{Protocol: "https", Host: scope.Host, Path: strings.Join(scope.Paths, "")}
	}
	if remote.Protocol != "https" {
		return &fault{
			text:     fmt.Sprintf("tokens work over https only, not over %s", remote.Protocol),
			hint:     "use the https URL:",
			commands: []string{remote.HTTPS()},
		}
	}
	tree, err := a.tree()
	if err != nil {
		return err
	}
	request := credential.Request{Host: remote.Host, Path: remote.Path, Username: remote.User}
	decision, login, err := a.vault(tree).Fill(a.ctx, request)
	if len(decision.Looked) > 0 {
		if err := a.showDecision(decision); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	if login == nil {
		return &fault{text: "no token answers", hint: "to add one:", commands: []string{"git pat add " + shellWord(remote.Host+"/"+owner(request))}}
	}
	winner := decision.Looked[decision.Winner]
	a.ui.say("the token %s for %s answers", quote(winner.Name), winner.Scope)
	if !c.Probe {
		return nil
	}
	if login.Password == nil || !winner.Kind.IsGitHub() {
		return &fault{text: "it is no token of GitHub's, so that nobody can be asked about it"}
	}
	return c.probe(a, request, winner.Record, *login.Password)
}

func owner(r credential.Request) string {
	repository, _ := r.Repository()
	first, _, _ := strings.Cut(repository, "/")
	return first
}

// showDecision shows each record that was looked at, with why it does or does
// not answer.
func (a *app) showDecision(d credential.Decision) error {
	var rows [][]string
	for _, look := range d.Looked {
		expires := "-"
		if !look.Expires.IsZero() {
			expires = inWords(look.Expires, a.now)
		}
		rows = append(rows, []string{
			look.Scope.String(), plain(look.Name), orDash(look.Kind.String()), orDash(plain(look.Username)),
			expires, orDash(plain(look.Store)), string(look.Verdict),
		})
	}
	return a.ui.table([]string{"SCOPE", "NAME", "KIND", "LOGIN", "EXPIRES", "STORE", "VERDICT"}, rows, func(verdict string) string {
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
		return &fault{text: "the URL names no repository to ask for", status: exitUsage}
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
		cause, answer := a.try(client, r, repository, service, secret)
		switch answer {
		case yes:
			a.ui.say("it may %s %s", words[service], repository)
		case no:
			a.ui.say("it may not %s %s: %s", words[service], repository, cause.What)
			a.ui.steps(cause.Do)
			return errSaid
		default:
			a.ui.say("whether it may %s %s is not known: %s", words[service], repository, cause.What)
			a.ui.steps(cause.Do)
			return errSaid
		}
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
		return &fault{text: "there was nothing to explain", hint: "pipe in what Git printed:", commands: []string{"git push 2>&1 | git pat explain --error"}}
	}
	about, status := github.ReadGit(string(text))
	if remote, err := credential.ParseRemote(c.URL); c.URL != "" && err == nil {
		about.Host, about.Repository = remote.Host, ""
		if repository, err := (credential.Request{Host: remote.Host, Path: remote.Path}).Repository(); err == nil {
			about.Repository = repository
		}
	}
	cause := github.Explain(status, string(text), about)
	if cause.Reason == github.Unknown {
		a.ui.say("this is not a text that is known:")
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimRight(line, "\r\n"); line != "" {
				a.ui.say("  %s", quote(line))
			}
		}
		return errSaid
	}
	if _, err := fmt.Fprintln(a.ui.out, cause.What); err != nil {
		return err
	}
	for _, step := range cause.Do {
		if _, err := fmt.Fprintln(a.ui.out, "  "+step); err != nil {
			return err
		}
	}
	return nil
}

// errSaid ends a command of which all is said, with the exit status for what
// could not be done.
var errSaid = errors.New("said")
