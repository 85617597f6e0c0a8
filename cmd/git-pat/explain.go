package main

import (
	"context"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/answer"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/inspect"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/verify"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/view"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
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

func (c *explainCommand) Run(ctx context.Context, t *term.Terminal, a *answer.Finder, reader *remotes.Reader, s *verify.Servers) error {
	if c.Error {
		return c.explainError(ctx, t, a, reader)
	}
	r := a.Resolver
	url, err := named(ctx, t, r, c.URL, "git pat explain", c.Push)
	if err != nil {
		return err
	}
	if c.URL != "" {
		if used, rule := r.Rewritten(ctx, url, c.Push); rule != nil {
			t.Say("Git uses %s here instead of that URL (%s); this explains the URL that you named", credential.Quote(git.WithoutUser(used)), words.SettingIn(*rule))
		}
	}
	found, err := r.Resolve(ctx, url)
	if err != nil {
		return err
	}
	if c.JSON {
		err = t.JSON(view.NewExplanation(found, r.Tokens.Now))
	} else {
		err = c.show(ctx, t, a, url, found)
	}
	if err == nil && c.URL == "" && !c.JSON {
		err = c.showLFS(ctx, t, a, reader, url)
	}
	winner, ok := found.Winner()
	switch {
	case err != nil:
		return err
	case !ok:
		return errSaid
	case !c.Probe:
		return nil
	case found.Login.Password == nil:
		return verify.ErrNoToken
	}
	return c.probe(ctx, t, s, found.Decision.Request, winner.Record, *found.Login.Password)
}

// show prints the request and the tokens, and says which token answers.
func (c *explainCommand) show(ctx context.Context, t *term.Terminal, a *answer.Finder, url string, found resolve.Result) error {
	for _, line := range [][2]string{
		{"protocol", found.Request.Protocol}, {"host", found.Request.Host}, {"path", found.Request.Path}, {"username", found.Request.Username},
	} {
		if line[1] != "" {
			if err := t.Line(line[0] + "=" + words.Plain(line[1])); err != nil {
				return err
			}
		}
	}
	now, request := a.Tokens.Now, found.Decision.Request
	if len(found.Decision.Considered) > 0 {
		if err := t.Line(""); err != nil {
			return err
		}
		if err := t.Table(view.DecisionTable(found.Decision, now)); err != nil {
			return err
		}
	}
	verb := "answers"
	switch {
	case found.Refused != nil:
	case !found.Asked:
		advise(t, a.DoesNotAsk(ctx, request.Host))
		verb = "would answer"
	case len(found.Before) > 0:
		shown, _ := git.HideArguments(found.Before[0].Value)
		t.Say("Git asks the helper %s before git-credential-pat and uses its answer", credential.Quote(shown))
		t.Hint("to see how to fix it:", "git pat doctor")
	}
	winner, ok := found.Winner()
	if !ok {
		advise(t, a.WhyNone(ctx, url, found))
		return nil
	}
	t.Say("the token %s %s, from the store %s", winner.Title(), verb, credential.Quote(winner.Store))
	if winner.Expires.IsZero() {
		t.Say("it is not known to expire")
	} else {
		t.Say("it expires %s", words.When(winner.Expires, now))
	}
	if !c.Push || winner.Access != credential.ReadAccess {
		return nil
	}
	t.Say("the token is for reading, but Git does not say that this is a push")
	if a.SaysPush(ctx, request.Host) {
		t.Hint("the URL has a user name, or is only for pushing; with this URL Git says so:",
			git.PushBase(request.Host)+request.Path)
	} else {
		t.Hint("to make Git say so:", advice.SetupCommand("--least-privilege", request.Host))
	}
	return nil
}

// showLFS says what Git LFS asks for, if it is not what Git asks for.
func (c *explainCommand) showLFS(ctx context.Context, t *term.Terminal, a *answer.Finder, reader *remotes.Reader, url string) error {
	files, err := filesOf(ctx, reader, func(e *remotes.Entry) bool { return e.URL.URL == url && (e.Push && c.Push || e.Fetch && !c.Push) })
	if err != nil {
		return err
	}
	return adviseAll(ctx, t, a, nil, files)
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

// probe asks the server with a token and puts its answer into words.
func (c *explainCommand) probe(ctx context.Context, t *term.Terminal, s *verify.Servers, request credential.Request, r credential.Record, secret credential.Secret) error {
	repository, err := request.Repository()
	if err != nil {
		return err
	}
	if !strings.Contains(repository, "/") {
		return &words.Error{Text: "the URL names no repository to ask for", Status: words.ExitUsage}
	}
	r.Host = request.Host // of a gist it is not the record's
	client, err := s.Client(ctx, request.Host)
	if err != nil {
		return err
	}
	services := []inspect.Service{inspect.Fetch}
	verbs := map[inspect.Service]string{inspect.Fetch: "fetch from", inspect.Push: "push to"}
	if c.Push {
		services = append(services, inspect.Push)
	}
	for _, service := range services {
		done := t.Waiting("asking " + r.Host)
		answer, cause := client.Try(ctx, r, repository, service, secret)
		done()
		if answer == inspect.Yes {
			t.Say("it may %s %s", verbs[service], repository)
			if cause != nil && service == services[len(services)-1] {
				advise(t, view.Moved(r.Host, cause.Err))
			}
			continue
		}
		what, do := view.Cause(*cause, r)
		if answer == inspect.No {
			t.Say("it may not %s %s: %s", verbs[service], repository, what)
		} else {
			t.Say("whether it may %s %s is not known: %s", verbs[service], repository, what)
		}
		t.Steps(do)
		return errSaid
	}
	return nil
}
