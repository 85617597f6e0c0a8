package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

type verifyCommand struct {
	Target []string `arg:"" optional:"" help:"verify the tokens for this host, owner or repository"`
	All    bool     `help:"verify all tokens"`
	JSON   bool     `name:"json" help:"print JSON, for programs"`
}

func (verifyCommand) Help() string {
	return `GitHub is shown each token once, and asked whose it is, when it expires, and
whether it may fetch from and push to its repositories. Nothing is changed
there. Here the login and the expiry are noted; a token that GitHub takes is
no longer set aside, and one that it refuses is set aside, but never removed.

For a token of an owner the private repositories that it sees are tried, at
most five. That a token waits for approval cannot be asked; it looks as if no
repository was selected.

With --json there is an array of objects with the strings target, name, kind,
result (good, refused or unknown) and, where known, login, reason and what;
the time expires; the array scopes; the number remaining, which are the calls
left; and the array repositories of objects with name, fetch and push, each
yes, no or unknown. The exit status is 1 unless all are good and may fetch what
they are for.`
}

// A verdict is what verifying a token came to.
type verdict struct {
	Target       string          `json:"target"`
	Name         string          `json:"name"`
	Kind         credential.Kind `json:"kind"`
	Result       github.Result   `json:"result"`
	Login        string          `json:"login,omitempty"`
	Expires      time.Time       `json:"expires,omitzero"`
	Scopes       []string        `json:"scopes,omitempty"`
	Remaining    *int            `json:"remaining,omitempty"`
	Reason       github.Reason   `json:"reason,omitempty"`
	What         string          `json:"what,omitempty"`
	Repositories []reach         `json:"repositories,omitempty"`

	do     []string // what helps, for people
	report github.Report
}

// A reach is what a token may do with a repository.
type reach struct {
	Name  string        `json:"name"`
	Fetch github.Answer `json:"fetch"`
	Push  github.Answer `json:"push"`

	what string   // why one of them is not yes, else empty
	do   []string // what helps, for people
}

// atOnce is how many tokens are verified at a time.
const atOnce = 4

func (c *verifyCommand) Run(a *app) error {
	if c.All == (len(c.Target) > 0) {
		return &hintError{text: "name a target, or all tokens with --all", status: exitUsage, commands: []string{"git pat help verify"}, hint: "how it is used:"}
	}
	tree, err := a.tree()
	if err != nil {
		return err
	}
	found, err := c.find(tree)
	if err != nil {
		return err
	}
	if len(found) == 0 && !c.All {
		return &hintError{text: "there is no such token", hint: "to see which there are:", commands: []string{"git pat list"}}
	}
	verdicts := make([]verdict, len(found)) // not nil, which JSON calls null
	progress := a.ui.progress("verifying", len(found))
	var wait sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i := range found {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			verdicts[i] = a.verify(tree, found[i])
			progress.step()
		})
	}
	wait.Wait()
	progress.end()
	return a.showVerdicts(verdicts, c.JSON)
}

func (c *verifyCommand) find(tree *record.Tree) ([]credential.Candidate, error) {
	if c.All {
		found, _, err := tree.Survey()
		return found, err
	}
	var found []credential.Candidate
	seen := map[string]bool{}
	for _, text := range c.Target {
		target, err := parseTargets([]string{text})
		if err != nil {
			return nil, err
		}
		for candidate, err := range within(tree, target) {
			if err != nil {
				return nil, err
			}
			if !seen[candidate.Key] {
				seen[candidate.Key] = true
				found = append(found, candidate)
			}
		}
	}
	return found, nil
}

// verify verifies one token and brings its record up to date.
func (a *app) verify(tree *record.Tree, c credential.Candidate) verdict {
	v := newVerdict(c.Record)
	fail := func(what string, do ...string) verdict {
		v.What, v.do = what, do
		return v
	}
	if c.Damaged != nil {
		return fail(c.Damaged.Error())
	}
	if !c.Kind.IsGitHub() {
		return fail("it is no token of GitHub's, so that nobody can be asked about it")
	}
	s, err := a.open(tree, c.Store)
	if err != nil {
		return fail(err.Error())
	}
	secret, err := s.Get(a.ctx, c.Key)
	if errors.Is(err, store.ErrNotFound) {
		return fail("its secret is no longer in the store "+quote(c.Store), onToken("git pat add", c.Record))
	}
	if err != nil {
		var trouble *store.Error
		if errors.As(err, &trouble) && trouble.Advice != "" {
			return fail(err.Error(), trouble.Advice)
		}
		return fail(err.Error())
	}
	if !secret.Printable() || secret.Empty() {
		return fail("its secret is empty or holds characters that no token has")
	}
	a.inspect(&v, c.Record, secret)
	if v.Result == github.ResultUnknown {
		return v
	}
	if err := a.noteVerdict(tree, c, v); err != nil {
		v.What = strings.TrimPrefix(v.What+"; "+err.Error(), "; ")
	}
	return v
}

func newVerdict(r credential.Record) verdict {
	return verdict{Target: r.Target.String(), Name: r.Name, Kind: r.Kind, Result: github.ResultUnknown, Expires: r.Expires, Login: r.Username}
}

// inspect asks GitHub about a token that may not be kept yet.
func (a *app) inspect(v *verdict, r credential.Record, secret credential.Secret) {
	client, err := a.github(r.Host)
	if err != nil {
		v.What = err.Error()
		return
	}
	report := client.Inspect(a.ctx, r, secret, a.now)
	v.Result, v.Login, v.Expires, v.Scopes = report.Result, report.Login, report.Expires, report.Scopes
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

// explain puts what GitHub said into words, with the commands for a record, which
// has a name only when it is kept.
func (v *verdict) explain(r credential.Record) {
	v.Name, v.Repositories = r.Name, nil
	v.What, v.do = reportWords(v.report, r)
	for _, access := range v.report.Repositories {
		at := reach{Name: access.Repository, Fetch: access.Fetch, Push: access.Push}
		if access.Cause != nil {
			at.what, at.do = causeWords(*access.Cause, r)
		}
		v.Repositories = append(v.Repositories, at)
	}
}

// noteVerdict brings a record up to date with what GitHub said. What it said
// of a token that was changed meanwhile is nothing that is worth a word.
func (a *app) noteVerdict(tree *record.Tree, c credential.Candidate, v verdict) error {
	err := a.ifUnchanged(tree, c, "", func(now credential.Candidate) error {
		if v.Result == github.ResultRefused {
			if now.Aside != nil {
				return nil
			}
			return tree.SetAside(c.Key, credential.Refused(c.Host, a.now))
		}
		if err := tree.Restore(c.Key); err != nil {
			return err
		}
		r := now.Record
		if r.Username == "" {
			r.Username = v.Login
		}
		r.Expires = v.Expires
		if r.Equal(now.Record) {
			return nil
		}
		return tree.Put(r)
	})
	var changed *changedError
	if errors.As(err, &changed) {
		return nil
	}
	return err
}

// showVerdicts prints what verifying came to. The error is for the exit
// status, where not all are good.
func (a *app) showVerdicts(verdicts []verdict, asJSON bool) error {
	bad := 0
	for _, v := range verdicts {
		if v.Result != github.ResultGood || slices.ContainsFunc(v.Repositories, func(r reach) bool { return r.Fetch == github.No }) {
			bad++
		}
	}
	if asJSON {
		if err := a.ui.json(verdicts); err != nil {
			return err
		}
	} else {
		var rows [][]string
		for _, v := range verdicts {
			expires := "-"
			if !v.Expires.IsZero() {
				expires = inWords(v.Expires, a.now)
			}
			fetch, push := summary(v.Repositories)
			rows = append(rows, []string{v.Target, plain(v.Name), orDash(plain(v.Login)), expires, fetch, push, string(v.Result)})
		}
		if err := a.ui.table([]string{"TARGET", "NAME", "LOGIN", "EXPIRES", "FETCH", "PUSH", "RESULT"}, rows, resultColour); err != nil {
			return err
		}
		for _, v := range verdicts {
			a.explainVerdict(v)
		}
	}
	if bad > 0 {
		return &hintError{text: fmt.Sprintf("%d of %d tokens are not as they should be", bad, len(verdicts))}
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
func summary(repositories []reach) (fetch, push string) {
	count := func(answer func(reach) github.Answer) string {
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
	return count(func(r reach) github.Answer { return r.Fetch }), count(func(r reach) github.Answer { return r.Push })
}

// explainVerdict says what is to be known beside the table.
func (a *app) explainVerdict(v verdict) {
	if v.What != "" {
		a.ui.say("%s for %s: %s", quote(v.Name), v.Target, v.What)
		a.ui.steps(v.do)
	}
	said := map[string]bool{}
	for _, r := range v.Repositories {
		if r.what != "" && !said[r.what] {
			said[r.what] = true
			a.ui.say("%s for %s: %s", quote(v.Name), v.Target, r.what)
			a.ui.steps(r.do)
		}
	}
}

// github returns a client for a host, which trusts the certificates that the
// person's Git trusts beside those of the system.
func (a *app) github(host string) (*github.Client, error) {
	file := os.Getenv("GIT_SSL_CAINFO")
	if file == "" {
		// Of the repository one stands in, nothing is taken.
		if own, err := a.ownSettings(); err == nil {
			for _, s := range own.ForHTTP("https://"+host, "sslcainfo") {
				file = s.Value
			}
		}
		if rest, ok := strings.CutPrefix(file, "~/"); ok {
			file = filepath.Join(homefile.Home(), rest)
		}
	}
	extra := ""
	if file != "" {
		var err error
		if extra, _, err = homefile.Read(file); err != nil {
			return nil, fmt.Errorf("the certificates that Git is to trust: %w", err)
		}
	}
	return github.NewClient(versionText(), []byte(extra))
}

// checkPasted asks GitHub about a token that was just pasted, before it is kept.
func (a *app) checkPasted(r *credential.Record, secret credential.Secret) verdict {
	v := newVerdict(*r)
	a.inspect(&v, *r, secret)
	if v.Result == github.ResultGood {
		if r.Username == "" {
			r.Username = v.Login
		}
		r.Expires = v.Expires
	}
	return v
}
