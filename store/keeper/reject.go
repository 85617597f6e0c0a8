package keeper

import (
	"context"
	"errors"
	"fmt"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// Rejection is what Reject did.
type Rejection struct {
	SetAside []credential.Record // these answer no more

	// Spared is set if the report named no secret, and tokens of GitHub's fit.
	Spared bool

	// OwnHeader names the setting by which Git logs in with a header of its own.
	// The refusal was about that and not about Sent, a token of ours.
	OwnHeader string
	Sent      *credential.Record
}

// Reject takes note that a server refused a credential. If it is one of ours,
// it is set aside: it stays where it is and does not answer for a while. Nothing
// is set aside where Git sends a header of its own to log in. A report without
// a secret, which may be one cut short, concerns no token of GitHub's; with
// SaveAny it sets aside the other credentials that fit it.
func (k *Keeper) Reject(ctx context.Context, report Report) (Rejection, error) {
	candidates, err := k.reported(ctx, report, true)
	if err != nil {
		return Rejection{}, err
	}
	var rejection Rejection
	var trouble error
	for _, c := range candidates {
		aside := c.Refused(report.Request, k.Now())
		if report.Login.hasSecret() {
			login, err := k.login(ctx, c.Candidate)
			if err != nil {
				if !errors.Is(err, store.ErrNotFound) {
					trouble = err
				}
				continue
			}
			if !login.sameSecret(report.Login) {
				continue
			}
			if rejection.OwnHeader = k.ownHeader(ctx, report.Request); rejection.OwnHeader != "" {
				rejection.Sent = &c.Record
				return rejection, nil
			}
			if store.ReadOnly(c.Store) {
				aside.Fingerprint = fingerprint(*login.Password)
			}
		} else if c.Kind.IsGitHub() {
			rejection.Spared = true
			continue
		} else if k.Save != SaveAny {
			continue
		}
		if err := k.Tree.SetAside(c.Key, aside); err != nil {
			return rejection, &MarkError{c.Record, err}
		}
		rejection.SetAside = append(rejection.SetAside, c.Record)
	}
	if len(rejection.SetAside) > 0 {
		trouble = nil
	}
	return rejection, trouble
}

func (k *Keeper) ownHeader(ctx context.Context, r credential.Request) string {
	if k.OwnHeader == nil {
		return ""
	}
	return k.OwnHeader(ctx, credential.Remote{Host: r.Host, Path: r.Path}.HTTPS())
}

// A MarkError says that a token could not be set aside.
type MarkError struct {
	Record credential.Record
	Err    error
}

func (e *MarkError) Error() string {
	return fmt.Sprintf("the token %s of %s was refused, and that cannot be noted: %v", credential.Quote(e.Record.Name), e.Record.Target, e.Err)
}

func (e *MarkError) Unwrap() error { return e.Err }
