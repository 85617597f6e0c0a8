package verify

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/inspect"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// Rotate has the forge replace a token, and stores the new one in its place; see
// inspect.Client.Rotate for until and for what the forge may answer, and
// tokens.Tokens.Renew for what may happen to the new one. A token that the forge
// rejects, or that was rotated and lost, is set aside.
func Rotate(ctx context.Context, kept *tokens.Tokens, client *inspect.Client, shown credential.Candidate, until time.Time) (credential.Record, error) {
	exchange := func(ctx context.Context, r credential.Record, old credential.Secret) (credential.Secret, time.Time, error) {
		got, err := client.Rotate(ctx, r, old, until, kept.Now)
		return got.Secret, got.Expires, err
	}
	record, err := kept.Renew(ctx, shown, exchange)
	var uncertain *inspect.UncertainError
	if isDead := errors.As(err, &uncertain) && uncertain.Old == inspect.No; !isDead && !inspect.IsRejected(err) {
		return record, err
	}
	failed := kept.IfUnchanged(ctx, shown, func(now credential.Candidate) error {
		if now.Aside != nil {
			return nil
		}
		return kept.Tree.SetAside(now.Key, credential.Refused(now.Host, kept.Now))
	})
	return record, errors.Join(err, failed)
}

// An Expiring token expires soon or has expired.
type Expiring struct {
	Token credential.Candidate // as it is recorded after it was asked about

	// Rotates is whether Rotate can replace it now, without a person. It is
	// unknown if the forge did not say, and then Err may say why.
	Rotates inspect.Answer
	Err     error
}

// Expiring returns those tokens that expire within a time, the first ones first, and
// says which of them the forge rotates. It verifies the tokens that a forge may
// rotate, because the scopes of a token are not recorded, and its expiry may not be
// either. Of all other tokens the recorded expiry counts; without one they are not
// returned. It calls step after each token that was verified.
func (v *Verifier) Expiring(ctx context.Context, found []credential.Candidate, within time.Duration, step func()) []Expiring {
	soon := func(r credential.Record) bool { return !r.Expires.IsZero() && r.Expires.Sub(v.Tokens.Now) <= within }
	var expiring []Expiring
	var asked []credential.Candidate
	for _, c := range found {
		switch {
		case c.Damaged != nil || tokens.IsStaged(c):
		case inspect.CanRotate(c.Record) && !store.ReadOnly(c.Store) && (soon(c.Record) || c.Expires.IsZero()):
			asked = append(asked, c)
		case soon(c.Record):
			expiring = append(expiring, Expiring{Token: c, Rotates: inspect.No})
		}
	}
	for _, result := range v.Verify(ctx, asked, step) {
		e := Expiring{Token: result.Token, Rotates: inspect.NotKnown, Err: errors.Join(result.Err, result.RecordErr)}
		if now, err := v.Tokens.Tree.Find(e.Token.Key); err == nil {
			e.Token = now
		}
		switch report := result.Report; report.Result {
		case inspect.ResultGood:
			e.Rotates = report.Rotates
		case inspect.ResultRefused:
			e.Rotates = inspect.No
		case inspect.ResultUnknown:
			e.Err = errors.Join(e.Err, report.Cause.Err)
		}
		if soon(e.Token.Record) {
			expiring = append(expiring, e)
		}
	}
	slices.SortStableFunc(expiring, func(a, b Expiring) int {
		return cmp.Or(a.Token.Expires.Compare(b.Token.Expires), cmp.Compare(a.Token.Key, b.Token.Key))
	})
	return expiring
}
