package view

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/inspect"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/verify"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A Verification is the result of verifying a token, as --json shows it.
type Verification struct {
	Target       string             `json:"target"`
	Name         string             `json:"name"`
	Kind         credential.Kind    `json:"kind"`
	Result       inspect.Result     `json:"result"`
	Login        string             `json:"login,omitempty"`
	Expires      time.Time          `json:"expires,omitzero"`
	Scopes       []string           `json:"scopes,omitempty"`
	Remaining    *int               `json:"remaining,omitempty"`
	Reason       refusal.Reason     `json:"reason,omitempty"`
	What         string             `json:"what,omitempty"`
	Repositories []repositoryAccess `json:"repositories,omitempty"`

	do     []string // what helps, for people
	report inspect.Report
}

// A repositoryAccess says what a token may do with a repository.
type repositoryAccess struct {
	Name  string         `json:"name"`
	Fetch inspect.Answer `json:"fetch"`
	Push  inspect.Answer `json:"push"`

	problem Problem // why one of them is not yes, if so
}

// A Problem is what is wrong with a token, and what helps.
type Problem struct {
	What string
	Do   []string
}

// VerificationOf puts a result into words.
func VerificationOf(result verify.Result) Verification {
	v := NewVerification(result.Token.Record)
	var lost *tokens.LostError
	switch hint := advice.Of(result.Err); {
	case errors.As(result.Err, &lost):
		v.What, v.do = "its secret is no longer in the store "+credential.Quote(lost.Record.Store), []string{words.OnToken("git pat add", lost.Record)}
	case result.Err != nil:
		v.What = result.Err.Error()
		if hint != "" && result.Token.Damaged == nil {
			v.do = []string{hint}
		}
	default:
		v.Read(result.Report, result.Token.Record)
		if result.RecordErr != nil {
			v.What = strings.TrimPrefix(v.What+"; "+result.RecordErr.Error(), "; ")
		}
	}
	return v
}

// NewVerification returns what is known about a token before it is verified.
func NewVerification(r credential.Record) Verification {
	return Verification{Target: r.Target.String(), Name: r.Name, Kind: r.Kind, Result: inspect.ResultUnknown, Expires: r.Expires, Login: r.Username}
}

// Good reports whether the server accepts the token, and lets it fetch from its
// repositories.
func (v Verification) Good() bool {
	return v.Result == inspect.ResultGood && !slices.ContainsFunc(v.Repositories, func(r repositoryAccess) bool { return r.Fetch == inspect.No })
}

// Accepted reports whether the server accepted the token, even if not for its target.
func (v Verification) Accepted() bool { return v.report.Result == inspect.ResultGood }

// Untold reports whether the server answered, but said nothing about the token.
func (v Verification) Untold() bool {
	cause := v.report.Cause
	return cause != nil && (errors.Is(cause.Err, inspect.ErrNoRepository) || errors.Is(cause.Err, inspect.ErrPublic))
}

// Read copies what the server said about the token of a record.
func (v *Verification) Read(report inspect.Report, r credential.Record) {
	v.Result, v.Login, v.Expires, v.Scopes = report.Fit(), report.Login, report.Expires, report.Scopes
	if report.Remaining >= 0 {
		v.Remaining = &report.Remaining
	}
	if report.Cause != nil {
		v.Reason = report.Cause.Reason
	} else if report.SSO != "" {
		v.Reason = refusal.SingleSignOn
	}
	v.report = report
	v.Explain(r)
}

// Explain puts what the server said into words. The commands in them name the token of
// a record. A record gets its name when it is stored.
func (v *Verification) Explain(r credential.Record) {
	v.Name, v.Repositories = r.Name, nil
	v.What, v.do = problemOf(v.report, r)
	for _, access := range v.report.Repositories {
		at := repositoryAccess{Name: access.Repository, Fetch: access.Fetch, Push: access.Push}
		onlyReads := r.Access == credential.ReadAccess && access.Fetch == inspect.Yes
		if access.Cause != nil && !onlyReads {
			at.problem.What, at.problem.Do = Cause(*access.Cause, r)
		}
		v.Repositories = append(v.Repositories, at)
	}
}

// VerificationTable is the table of git pat verify.
func VerificationTable(results []Verification, now time.Time) term.Table {
	var rows [][]string
	for _, v := range results {
		fetch, push := summary(v.Repositories)
		expires := words.When(v.Expires, now)
		if v.Expires.IsZero() && v.report.ExpiryKnown {
			expires = "never"
		}
		rows = append(rows, []string{v.Target, words.Plain(v.Name), words.OrDash(words.Plain(v.Login)), expires, fetch, push, string(v.Result)})
	}
	columns := []term.Column{
		{Name: "TARGET"}, {Name: "NAME", Rank: 4}, {Name: "LOGIN", Rank: 5}, {Name: "EXPIRES", Rank: 3},
		{Name: "FETCH", Rank: 1}, {Name: "PUSH", Rank: 2}, {Name: "RESULT"},
	}
	return term.Table{Columns: columns, Rows: rows, Colour: resultColour}
}

func resultColour(result string) string {
	switch inspect.Result(result) {
	case inspect.ResultGood:
		return term.Green
	case inspect.ResultRefused:
		return term.Red
	}
	return term.Yellow
}

// summary counts the repositories that the token may fetch from and push to.
func summary(repositories []repositoryAccess) (fetch, push string) {
	count := func(answer func(repositoryAccess) inspect.Answer) string {
		n := 0
		for _, r := range repositories {
			if answer(r) == inspect.Yes {
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
	return count(func(r repositoryAccess) inspect.Answer { return r.Fetch }), count(func(r repositoryAccess) inspect.Answer { return r.Push })
}

// Problems returns what the table does not show, each once.
func (v Verification) Problems() []Problem {
	all := []Problem{{v.What, v.do}}
	for _, r := range v.Repositories {
		all = append(all, r.problem)
	}
	var once []Problem
	for _, p := range all {
		if p.What != "" && !slices.ContainsFunc(once, func(q Problem) bool { return q.What == p.What }) {
			once = append(once, p)
		}
	}
	return once
}
