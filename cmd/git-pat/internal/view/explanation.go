package view

import (
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/answer"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// An Explanation says which token answers a request, as --json shows it.
type Explanation struct {
	Request Request     `json:"request"`
	Asked   bool        `json:"asked"`
	Outcome string      `json:"outcome"`
	Answers *int        `json:"answers,omitempty"`
	Why     string      `json:"why,omitempty"`
	Tokens  []explained `json:"tokens"`
}

// A Request is what Git sends.
type Request struct {
	Protocol string `json:"protocol"`
	Host     string `json:"host"`
	Path     string `json:"path,omitempty"`
	Username string `json:"username,omitempty"`
}

// An explained is a token that was considered for a request.
type explained struct {
	Token
	Verdict credential.Verdict `json:"verdict"`
}

// NewExplanation returns what --json shows of a result.
func NewExplanation(found resolve.Result, now time.Time) Explanation {
	e := Explanation{Request: Request(found.Request), Asked: found.Asked, Outcome: outcome(found), Tokens: []explained{}}
	for _, c := range found.Decision.Considered {
		e.Tokens = append(e.Tokens, explained{newToken(c.Candidate, now), c.Verdict})
	}
	if _, ok := found.Winner(); ok {
		e.Answers = &found.Decision.Winner
	} else {
		e.Why = answer.Reason(found)
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

// DecisionTable shows each token that was considered for the request, and whether it
// answers.
func DecisionTable(d credential.Decision, now time.Time) term.Table {
	var rows [][]string
	for _, c := range d.Considered {
		rows = append(rows, []string{
			c.Target.String(), words.Plain(c.Name), words.OrDash(c.Kind.String()), words.OrDash(words.Plain(c.Username)),
			words.When(c.Expires, now), words.OrDash(words.Plain(c.Store)), string(c.Verdict),
		})
	}
	columns := []term.Column{
		{Name: "TARGET"}, {Name: "NAME", Rank: 1}, {Name: "KIND", Rank: 4}, {Name: "LOGIN", Rank: 2},
		{Name: "EXPIRES", Rank: 3}, {Name: "STORE", Rank: 5}, {Name: "VERDICT"},
	}
	return term.Table{Columns: columns, Rows: rows, Colour: func(verdict string) string {
		if verdict == string(credential.Chosen) {
			return term.Green
		}
		return ""
	}}
}
