// Package verify asks forges about tokens and records what they say. It also rotates
// tokens where the forge does that, and finds those that expire soon.
//
// # What it promises
//
// Each token goes to the host of its record only. A token that the server rejects is
// set aside and never removed. An expiry that the server does not tell stays as it is
// recorded. If another program changes a token meanwhile, nothing is recorded, because
// the server spoke about another token.
package verify

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/inspect"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A Verifier verifies tokens.
type Verifier struct {
	Tokens *tokens.Tokens

	// Ask asks the server about a token; see Servers.Inspect. Several goroutines call
	// it at the same time.
	Ask func(ctx context.Context, r credential.Record, secret credential.Secret, now time.Time) (inspect.Report, error)
}

// A Result is what verifying a token came to.
type Result struct {
	Token credential.Candidate

	// Err says why the server was not asked. It is what is wrong with the record,
	// ErrNoToken, ErrBadSecret, a *tokens.LostError, or an error of a store or of
	// Ask.
	Err error

	Report    inspect.Report // if there is no Err
	RecordErr error          // why the report was not recorded
}

var (
	// ErrNoToken is the error for a credential that is neither a token nor a
	// password, which Git asked to store with its own attributes.
	ErrNoToken = errors.New("it is neither a token nor a password, so no server can be asked about it")

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
	case c.Form != "":
		result.Err = ErrNoToken
	default:
		secret, result.Err = v.Tokens.Secret(ctx, c)
		if result.Err == nil && (!secret.Printable() || secret.Empty()) {
			result.Err = ErrBadSecret
		}
	}
	if result.Err != nil {
		return result
	}
	result.Report, result.Err = v.Ask(ctx, c.Record, secret, v.Tokens.Now)
	if result.Err == nil && result.Report.Result != inspect.ResultUnknown {
		result.RecordErr = v.record(ctx, c, result.Report)
	}
	return result
}

// record records what the server said about a token, unless the token was changed
// meanwhile.
func (v *Verifier) record(ctx context.Context, c credential.Candidate, report inspect.Report) error {
	tree := v.Tokens.Tree
	err := v.Tokens.IfUnchanged(ctx, c, func(now credential.Candidate) error {
		if report.Result == inspect.ResultRefused {
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
