package inspect

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// CanRotate reports whether the forge of a token rotates such tokens at all. Only
// GitLab does. Whether it rotates this token depends on the scopes; see
// Report.Rotates.
func CanRotate(r credential.Record) bool { return isGitLabToken(r) }

// A Rotated is a token that replaced another one.
type Rotated struct {
	Secret  credential.Secret
	Expires time.Time // zero if it does not expire, or if GitLab did not say
}

// A ScopeError says that a token may not rotate itself. Nothing was changed.
type ScopeError struct {
	Scopes []string // of the token
}

func (e *ScopeError) Error() string {
	return "the token has neither the scope api nor the scope self_rotate, so it may not rotate itself"
}

// An UncertainError says that a forge was asked to rotate a token, and that its
// answer did not arrive or has no token in it. If the forge rotated the token, the
// old one is dead and nobody has the new one. A person has to create another.
//
// Do not ask GitLab to rotate a revoked token: GitLab then revokes the new token as
// well.
type UncertainError struct {
	// Old is whether the old token worked after that. Yes means that nothing was
	// changed. No means that the token was rotated, and the new one is lost.
	Old Answer
	Err error
}

func (e *UncertainError) Error() string {
	switch e.Old {
	case Yes:
		return "the token was not rotated: " + e.Err.Error()
	case No:
		return "the token was rotated, but the new one was lost on the way: " + e.Err.Error()
	}
	return "it is not known whether the token was rotated, and the old one may be dead: " + e.Err.Error()
}

func (e *UncertainError) Unwrap() error { return e.Err }

// Rotate asks GitLab to replace a token by a new one with the same name and scopes, by
// POST /personal_access_tokens/self/rotate. The old token stops working at once, so
// the caller stores the new one before it does anything else.
//
// The new token expires at 00:00 UTC of the day of until, but not before tomorrow. If
// until is zero, it gets as many days as the old one had, because GitLab would give it
// only seven.
//
// The error is a *refusal.Error if GitLab rejected the token or the date, or did not
// allow the call although the token has the scope. It is a *ScopeError, an
// *UncertainError, or it wraps refusal.ErrUnreachable if GitLab was not asked. Only
// after an *UncertainError may something have changed. Once GitLab is asked, the call
// goes on even if ctx ends, up to the time limit of a call.
func (c *Client) Rotate(ctx context.Context, r credential.Record, secret credential.Secret, until, now time.Time) (Rotated, error) {
	if !CanRotate(r) {
		return Rotated{}, errors.New("the forge does not rotate such a token")
	}
	base, err := c.base(ctx, r, gitLab())
	if err != nil {
		return Rotated{}, err
	}
	old, err := c.self(ctx, base, secret)
	if err != nil {
		return Rotated{}, err
	}
	if old.may("api", "self_rotate") == No {
		return Rotated{}, &ScopeError{old.Scopes}
	}
	address := base + gitLab().about + "/rotate"
	if date := dateFor(old, until, now); date != "" {
		address += "?" + url.Values{"expires_at": {date}}.Encode()
	}
	var asked atomic.Bool
	ctx = context.WithoutCancel(ctx)
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { asked.Store(true) }})
	var fresh self
	err = c.call(traced, http.MethodPost, address, gitLab(), secret, &fresh)
	if err == nil && !isToken(fresh.Token) {
		err = &refusal.Error{Status: http.StatusOK, Text: "an invalid reply"}
	}
	var refused *refusal.Error
	switch {
	case err == nil:
		expires, _ := fresh.expiry()
		return Rotated{credential.NewSecret(fresh.Token), expires}, nil
	case errors.As(err, &refused) && refused.Status == http.StatusForbidden && old.may("api", "self_rotate") != Yes:
		return Rotated{}, &ScopeError{old.Scopes}
	case errors.As(err, &refused) && refused.Status >= 300 && refused.Status < 500, !asked.Load():
		return Rotated{}, err
	}
	return Rotated{}, &UncertainError{c.isAlive(ctx, base, secret), err}
}

// isAlive is whether a token still works.
func (c *Client) isAlive(ctx context.Context, base string, secret credential.Secret) Answer {
	_, err := c.self(ctx, base, secret)
	switch {
	case err == nil:
		return Yes
	case IsRejected(err):
		return No
	}
	return NotKnown
}

// isToken reports whether a text can be a token.
func isToken(s string) bool {
	return s != "" && len(s) < 4<<10 && credential.NewSecret(s).Printable() && !strings.Contains(s, " ")
}

// dateFor returns the date on which a new token is to expire, or nothing if the old
// one did not expire.
func dateFor(old self, until, now time.Time) string {
	today := now.UTC().Truncate(24 * time.Hour)
	if until.IsZero() {
		expires, known := old.expiry()
		created, err := time.Parse(time.RFC3339, old.Created)
		if !known || err != nil || expires.IsZero() {
			return ""
		}
		until = today.Add(expires.Sub(created.UTC().Truncate(24 * time.Hour)))
	}
	until = until.UTC().Truncate(24 * time.Hour)
	if tomorrow := today.Add(24 * time.Hour); until.Before(tomorrow) {
		until = tomorrow
	}
	return until.Format(time.DateOnly)
}
