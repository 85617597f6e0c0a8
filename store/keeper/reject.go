package keeper

import (
	"context"
	"errors"
	"fmt"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// A Rejection is the result of Reject.
type Rejection struct {
	SetAside []credential.Record // the records that were set aside

	// NoSecret is true if the report has no secret, but tokens fit it.
	NoSecret bool

	// OwnHeader is the setting that makes Git send its own Authorization header.
	// If it is not empty, the server rejected that header and not the token Sent.
	OwnHeader string
	Sent      *credential.Record
}

// Reject handles a credential that a server rejected. If a record has the same
// secret, it is set aside. It is not deleted. If Git sent its own Authorization
// header, nothing is set aside. A report without a secret may be incomplete. It
// sets aside no token, and passwords only with SaveAny.
func (k *Keeper) Reject(ctx context.Context, report Report) (Rejection, error) {
	candidates, err := k.reported(ctx, report, true)
	if err != nil {
		return Rejection{}, err
	}
	var rejection Rejection
	var storeErr error // matters only if nothing is set aside
	for _, c := range candidates {
		aside := c.Refused(report.Request, k.Now())
		if report.Login.hasSecret() {
			login, err := k.login(ctx, c.Candidate)
			if err != nil {
				if !errors.Is(err, store.ErrNotFound) {
					storeErr = err
				}
				continue
			}
			if !login.sameSecret(report.Login) {
				continue
			}
			if k.OwnHeader != nil {
				remote := credential.Remote{Host: report.Request.Host, Path: report.Request.Path}
				if setting := k.OwnHeader(ctx, remote.HTTPS()); setting != "" {
					return Rejection{OwnHeader: setting, Sent: &c.Record}, nil
				}
			}
			if store.ReadOnly(c.Store) {
				aside.Fingerprint = fingerprint(*login.Password)
			}
		} else if c.IsToken() {
			rejection.NoSecret = true
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
		return rejection, nil
	}
	return rejection, storeErr
}

// A MarkError says that a rejected token could not be set aside.
type MarkError struct {
	Record credential.Record
	Err    error
}

func (e *MarkError) Error() string {
	return fmt.Sprintf("the token %s was rejected, but cannot be set aside: %v", e.Record.Title(), e.Err)
}

func (e *MarkError) Unwrap() error { return e.Err }
