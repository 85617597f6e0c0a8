package main

import (
	"context"
	"fmt"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/input"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/verify"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/view"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

type verifyCommand struct {
	Target []string `arg:"" optional:"" help:"verify the tokens for this host, owner or repository"`
	All    bool     `help:"verify all tokens"`
	JSON   bool     `name:"json" help:"print JSON, for programs"`
}

func (c *verifyCommand) Run(ctx context.Context, t *term.Terminal, v *verify.Verifier) error {
	if c.All == (len(c.Target) > 0) {
		return &words.Error{Text: "name a target, or all tokens with --all", Status: words.ExitUsage}
	}
	found, err := findAll(v, c.Target)
	if err != nil {
		return err
	}
	if len(found) == 0 && !c.All {
		return words.NoTokens(c.Target)
	}
	progress := t.Progress("asking the servers about the tokens", len(found))
	verified := v.Verify(ctx, found, progress.Step)
	progress.End()
	results := []view.Verification{} // not nil, which JSON calls null
	for _, result := range verified {
		results = append(results, view.VerificationOf(result))
	}
	return showVerifications(t, results, v.Tokens.Now, c.JSON)
}

// findAll returns the tokens for some targets, or without targets all tokens.
func findAll(v *verify.Verifier, texts []string) ([]credential.Candidate, error) {
	if len(texts) == 0 {
		found, _, _, err := v.Tokens.Tree.Survey()
		return found, err
	}
	var targets []credential.Target
	for _, text := range texts {
		target, err := input.ParseTargets([]string{text})
		if err != nil {
			return nil, err
		}
		targets = append(targets, target)
	}
	return v.Find(targets)
}

// showVerifications prints what verifying came to. The error is for the exit status
// if not all tokens are good.
func showVerifications(t *term.Terminal, results []view.Verification, now time.Time, asJSON bool) error {
	bad := 0
	for _, v := range results {
		if !v.Good() {
			bad++
		}
	}
	if asJSON {
		if err := t.JSON(results); err != nil {
			return err
		}
	} else {
		if err := t.Table(view.VerificationTable(results, now)); err != nil {
			return err
		}
		for _, v := range results {
			sayProblems(t, v)
		}
	}
	if bad > 0 {
		return &words.Error{Text: fmt.Sprintf("%d of %s attention", bad, words.Count(len(results), "token needs", "tokens need"))}
	}
	return nil
}

// sayProblems says what is wrong with a token.
func sayProblems(t *term.Terminal, v view.Verification) {
	for _, p := range v.Problems() {
		t.Say("%s for %s: %s", credential.Quote(v.Name), v.Target, p.What)
		t.Steps(p.Do)
	}
}
