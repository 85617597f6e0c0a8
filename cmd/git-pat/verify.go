package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/verify"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

type verifyCommand struct {
	Target []string `arg:"" optional:"" help:"verify the tokens for this host, owner or repository"`
	All    bool     `help:"verify all tokens"`
	JSON   bool     `name:"json" help:"print JSON, for programs"`
}

func (verifyCommand) Help() string {
	return `Sends each token to GitHub once and asks whose it is, when it expires, and
whether it may fetch from and push to its repositories. Nothing is changed
there. Here the login and the expiry are recorded. A token that GitHub accepts
is no longer set aside; a token that it rejects is set aside, but never removed.

For a token of an owner, at most five of the private repositories that it sees
are tried. GitHub does not say that a token waits for approval; such a token
looks as if no repository were selected.

With --json there is an array of objects with the strings target, name, kind,
result and, if known, login, reason and what; the time expires; the array
scopes; the number remaining, the calls left; and the array repositories of
objects with name, fetch and push, each yes, no or unknown. The result is good,
refused, unknown, or unfit for a token that GitHub accepts, but that belongs to
another owner or lacks a scope. The exit status is 1 unless all tokens are good
and may fetch what they are for.`
}

// A verification is what verifying a token came to.
type verification struct {
	Target       string             `json:"target"`
	Name         string             `json:"name"`
	Kind         credential.Kind    `json:"kind"`
	Result       github.Result      `json:"result"`
	Login        string             `json:"login,omitempty"`
	Expires      time.Time          `json:"expires,omitzero"`
	Scopes       []string           `json:"scopes,omitempty"`
	Remaining    *int               `json:"remaining,omitempty"`
	Reason       github.Reason      `json:"reason,omitempty"`
	What         string             `json:"what,omitempty"`
	Repositories []repositoryAccess `json:"repositories,omitempty"`

	do     []string // what helps, for people
	report github.Report
}

// A repositoryAccess says what a token may do with a repository.
type repositoryAccess struct {
	Name  string        `json:"name"`
	Fetch github.Answer `json:"fetch"`
	Push  github.Answer `json:"push"`

	what string   // why one of them is not yes, else empty
	do   []string // what helps, for people
}

func (c *verifyCommand) Run(ctx context.Context, t *term.Terminal, kept *tokens.Tokens, settings *git.Cache) error {
	if c.All == (len(c.Target) > 0) {
		return &hintError{text: "name a target, or all tokens with --all", status: exitUsage}
	}
	v := &verify.Verifier{Tokens: kept, Ask: func(ctx context.Context, r credential.Record, secret credential.Secret) (github.Report, error) {
		return ask(ctx, settings, r, secret, kept.Now)
	}}
	found, err := c.find(v)
	if err != nil {
		return err
	}
	if len(found) == 0 && !c.All {
		return &hintError{text: "there is no such token", hint: "to list all tokens:", commands: []string{"git pat list"}}
	}
	progress := t.Progress("asking GitHub about the tokens", len(found))
	settings.Own(ctx) // the goroutines share it and only read it
	verified := v.Verify(ctx, found, progress.Step)
	progress.End()
	results := []verification{} // not nil, which JSON calls null
	for _, result := range verified {
		results = append(results, inVerification(result))
	}
	return showVerifications(t, results, kept.Now, c.JSON)
}

func (c *verifyCommand) find(v *verify.Verifier) ([]credential.Candidate, error) {
	if c.All {
		found, _, _, err := v.Tokens.Tree.Survey()
		return found, err
	}
	var targets []credential.Target
	for _, text := range c.Target {
		target, err := tokens.ParseTargets([]string{text})
		if err != nil {
			return nil, err
		}
		targets = append(targets, target)
	}
	return v.Find(targets)
}

// inVerification puts a result into words.
func inVerification(result verify.Result) verification {
	v := newVerification(result.Token.Record)
	var lost *tokens.LostError
	switch hint := advice.Of(result.Err); {
	case errors.As(result.Err, &lost):
		v.What, v.do = "its secret is no longer in the store "+quote(lost.Record.Store), []string{onToken("git pat add", lost.Record)}
	case result.Err != nil:
		v.What = result.Err.Error()
		if hint != "" && result.Token.Damaged == nil {
			v.do = []string{hint}
		}
	default:
		v.read(result.Report, result.Token.Record)
		if result.RecordErr != nil {
			v.What = strings.TrimPrefix(v.What+"; "+result.RecordErr.Error(), "; ")
		}
	}
	return v
}

func newVerification(r credential.Record) verification {
	return verification{Target: r.Target.String(), Name: r.Name, Kind: r.Kind, Result: github.ResultUnknown, Expires: r.Expires, Login: r.Username}
}

// ask asks GitHub about a token.
func ask(ctx context.Context, settings *git.Cache, r credential.Record, secret credential.Secret, now time.Time) (github.Report, error) {
	client, err := githubClient(ctx, settings, r.Host)
	if err != nil {
		return github.Report{}, err
	}
	return client.Inspect(ctx, r, secret, now), nil
}

// accepted reports whether GitHub accepted the token, for whatever target.
func (v verification) accepted() bool { return v.report.Result == github.ResultGood }

// inspect asks GitHub about a token, which need not be kept yet.
func (v *verification) inspect(ctx context.Context, settings *git.Cache, r credential.Record, secret credential.Secret, now time.Time) {
	report, err := ask(ctx, settings, r, secret, now)
	if err != nil {
		v.What = err.Error()
		return
	}
	v.read(report, r)
}

// read has what GitHub said about the token of a record.
func (v *verification) read(report github.Report, r credential.Record) {
	v.Result, v.Login, v.Expires, v.Scopes = report.Fit(), report.Login, report.Expires, report.Scopes
	if report.Remaining >= 0 {
		v.Remaining = &report.Remaining
	}
	if report.Cause != nil {
		v.Reason = report.Cause.Reason
	} else if report.SSO != "" {
		v.Reason = github.SingleSignOn
	}
	v.report = report
	v.explain(r)
}

// explain puts what GitHub said into words. The commands in them are for a record,
// which has a name only after it was kept.
func (v *verification) explain(r credential.Record) {
	v.Name, v.Repositories = r.Name, nil
	v.What, v.do = reportWords(v.report, r)
	for _, access := range v.report.Repositories {
		at := repositoryAccess{Name: access.Repository, Fetch: access.Fetch, Push: access.Push}
		onlyReads := r.Access == credential.ReadAccess && access.Fetch == github.Yes
		if access.Cause != nil && !onlyReads {
			at.what, at.do = causeWords(*access.Cause, r)
		}
		v.Repositories = append(v.Repositories, at)
	}
}

// showVerifications prints what verifying came to. The error is for the exit status
// if not all tokens are good.
func showVerifications(t *term.Terminal, results []verification, now time.Time, asJSON bool) error {
	bad := 0
	for _, v := range results {
		if v.Result != github.ResultGood || slices.ContainsFunc(v.Repositories, func(r repositoryAccess) bool { return r.Fetch == github.No }) {
			bad++
		}
	}
	if asJSON {
		if err := t.JSON(results); err != nil {
			return err
		}
	} else {
		var rows [][]string
		for _, v := range results {
			fetch, push := summary(v.Repositories)
			expires := inWords(v.Expires, now)
			if v.Expires.IsZero() && v.accepted() && v.Kind.IsPersonal() {
				expires = "never" // GitHub names the expiry of each token that has one
			}
			rows = append(rows, []string{v.Target, plain(v.Name), orDash(plain(v.Login)), expires, fetch, push, string(v.Result)})
		}
		columns := []term.Column{
			{Name: "TARGET"}, {Name: "NAME", Rank: 4}, {Name: "LOGIN", Rank: 5}, {Name: "EXPIRES", Rank: 3},
			{Name: "FETCH", Rank: 1}, {Name: "PUSH", Rank: 2}, {Name: "RESULT"},
		}
		if err := t.Table(columns, rows, resultColour); err != nil {
			return err
		}
		for _, v := range results {
			v.say(t)
		}
	}
	if bad > 0 {
		return &hintError{text: fmt.Sprintf("%d of %s attention", bad, count(len(results), "token needs", "tokens need"))}
	}
	return nil
}

func resultColour(result string) string {
	switch github.Result(result) {
	case github.ResultGood:
		return "32"
	case github.ResultRefused:
		return "31"
	}
	return "33"
}

// summary says of how many repositories it is true.
func summary(repositories []repositoryAccess) (fetch, push string) {
	count := func(answer func(repositoryAccess) github.Answer) string {
		n := 0
		for _, r := range repositories {
			if answer(r) == github.Yes {
				n++
			}
		}
		switch {
		case len(repositories) == 0:
			return "-"
		case len(repositories) == 1:
			return string(answer(repositories[0]))
		}
		return fmt.Sprintf("%d of %d", n, len(repositories))
	}
	return count(func(r repositoryAccess) github.Answer { return r.Fetch }), count(func(r repositoryAccess) github.Answer { return r.Push })
}

// say says what the table does not show.
func (v verification) say(t *term.Terminal) {
	if v.What != "" {
		t.Say("%s for %s: %s", quote(v.Name), v.Target, v.What)
		t.Steps(v.do)
	}
	said := map[string]bool{}
	for _, r := range v.Repositories {
		if r.what != "" && !said[r.what] {
			said[r.what] = true
			t.Say("%s for %s: %s", quote(v.Name), v.Target, r.what)
			t.Steps(r.do)
		}
	}
}

// githubClient returns a client for a host; see verify.Client.
func githubClient(ctx context.Context, settings *git.Cache, host string) (*github.Client, error) {
	return verify.Client(ctx, settings, host, versionText())
}
