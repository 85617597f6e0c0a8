// Package verify asks GitHub about tokens and records what it says.
//
// # What it promises
//
// Each token goes to the host of its record, once. A token that GitHub rejects is set
// aside and never removed. If another program changes a token meanwhile, nothing is
// recorded, because GitHub spoke about another token.
package verify

import (
	"context"
	"errors"
	"sync"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A Verifier verifies tokens.
type Verifier struct {
	Tokens *tokens.Tokens

	// Ask asks GitHub about a token. Several goroutines call it at the same time.
	Ask func(ctx context.Context, r credential.Record, secret credential.Secret) (github.Report, error)
}

// A Result is what verifying a token came to.
type Result struct {
	Token credential.Candidate

	// Err says why GitHub was not asked. It is what is wrong with the record,
	// ErrNotGitHub, ErrBadSecret, a *tokens.LostError, or an error of a store or of
	// Ask.
	Err error

	Report    github.Report // if there is no Err
	RecordErr error         // why the report was not recorded
}

var (
	// ErrNotGitHub is the error for a token that GitHub does not know.
	ErrNotGitHub = errors.New("it is not a token of GitHub, so GitHub cannot be asked about it")

	// ErrBadSecret is the error for a secret that cannot be a token.
	ErrBadSecret = errors.New("its secret is empty or has characters that no token has")
)

// Find returns the tokens for some targets and for parts of them, each once.
func (v *Verifier) Find(targets []credential.Target) ([]credential.Candidate, error) {
	var found []credential.Candidate
	seen := map[string]bool{}
	for _, target := range targets {
		for c, err := range v.Tokens.Within(target) {
			if err != nil {
				return nil, err
			}
			if !seen[c.Key] {
				seen[c.Key] = true
				found = append(found, c)
			}
		}
	}
	return found, nil
}

// atOnce is the number of tokens that are verified at the same time.
const atOnce = 4

// Verify verifies tokens and returns the results in the same order. It calls step
// after each, from several goroutines.
func (v *Verifier) Verify(ctx context.Context, found []credential.Candidate, step func()) []Result {
	results := make([]Result, len(found))
	var wait sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i := range found {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i] = v.verify(ctx, found[i])
			step()
		})
	}
	wait.Wait()
	return results
}

func (v *Verifier) verify(ctx context.Context, c credential.Candidate) Result {
	result := Result{Token: c}
	var secret credential.Secret
	switch {
	case c.Damaged != nil:
		result.Err = c.Damaged
	case !c.Kind.IsGitHub():
		result.Err = ErrNotGitHub
	default:
		secret, result.Err = v.Tokens.Secret(ctx, c)
		if result.Err == nil && (!secret.Printable() || secret.Empty()) {
			result.Err = ErrBadSecret
		}
	}
	if result.Err != nil {
		return result
	}
	result.Report, result.Err = v.Ask(ctx, c.Record, secret)
	if result.Err == nil && result.Report.Result != github.ResultUnknown {
		result.RecordErr = v.record(ctx, c, result.Report)
	}
	return result
}

// record records what GitHub said about a token, unless the token was changed
// meanwhile.
func (v *Verifier) record(ctx context.Context, c credential.Candidate, report github.Report) error {
	tree := v.Tokens.Tree
	err := v.Tokens.IfUnchanged(ctx, c, func(now credential.Candidate) error {
		if report.Result == github.ResultRefused {
			if now.Aside != nil {
				return nil
			}
			return tree.SetAside(c.Key, credential.Refused(c.Host, v.Tokens.Now))
		}
		if err := tree.Restore(c.Key); err != nil {
			return err
		}
		r := now.Record
		if r.Username == "" {
			r.Username = report.Login
		}
		r.Expires = report.Expires
		if r.Equal(now.Record) {
			return nil
		}
		return tree.Put(r)
	})
	var changed *tokens.ChangedError
	if errors.As(err, &changed) {
		return nil
	}
	return err
}
