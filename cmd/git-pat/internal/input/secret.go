package input

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// MaxSecret is longer than any token, and shorter than what every store accepts.
const MaxSecret = 8 << 10 // bytes

// What is wrong with a text that should be a token.
var (
	ErrEmpty        = errors.New("no token was given")
	ErrTooLong      = fmt.Errorf("that is longer than %d bytes, so it is not a token", MaxSecret)
	ErrSeveralLines = errors.New("that is more than one line")
	ErrControl      = errors.New("that has control characters, so it is not a token")
)

// ParseSecret reads a token or a password, without the space around it. The error is
// one of those above.
func ParseSecret(text string) (credential.Secret, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return credential.Secret{}, ErrEmpty
	case len(text) > MaxSecret:
		return credential.Secret{}, ErrTooLong
	case strings.Contains(text, "\n"):
		return credential.Secret{}, ErrSeveralLines
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return credential.Secret{}, ErrControl
	}
	return credential.NewSecret(text), nil
}

// A KindError says why nobody can log in with a secret on a host.
type KindError struct {
	text string

	// Password is true for a host of GitHub, which accepts only tokens.
	Password bool
}

func (e *KindError) Error() string { return e.text }

// A PathError says why a path cannot be a path at a forge.
type PathError struct{ err error }

func (e *PathError) Error() string { return e.err.Error() }

// Describe sets the kind and the target of a record to what its secret needs. A
// secret is empty if its variable is not set here. The error is a *KindError or a
// *PathError.
func Describe(r *credential.Record, secret credential.Secret) error {
	r.Kind = ""
	r.Kind = forge.KindOf(secret.Reveal(), r.On())
	if secret.Empty() {
		r.Kind = r.On().UsualKind(r.Host, len(r.Paths) == 0)
	}
	if err := CheckKind(*r, secret); err != nil {
		return err
	}
	target, err := r.Target.On(r.On())
	if err != nil {
		return &PathError{err}
	}
	r.Target = target
	return nil
}

// CheckKind returns a *KindError if nobody can log in with a secret of the kind in a
// record.
func CheckKind(r credential.Record, secret credential.Secret) error {
	issuer, own := r.Kind.Forge(), cmp.Or(forge.Of(r.Host), r.Forge)
	switch {
	case credential.IsRefreshToken(secret):
		return &KindError{text: "this is the refresh token of a GitHub App (ghr_); Git cannot log in with it"}
	case issuer != forge.GitHub && credential.IsGitHubHost(r.Host):
		return &KindError{text: "this is not a token of GitHub, and GitHub accepts no passwords", Password: true}
	case own != forge.Other && r.Kind != credential.Other && issuer != own:
		return &KindError{text: fmt.Sprintf("this is a token of %s, and %s is a host of %s", issuer.Title(), r.Host, own.Title())}
	case r.IsToken() && !secret.Printable():
		return &KindError{text: "this token has characters that no token has"}
	}
	return nil
}
