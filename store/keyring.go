package store

import (
	"context"
	"errors"
	"strings"

	gokeyring "github.com/zalando/go-keyring"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// service is what the items in the keyring are filed under. Windows joins it
// to the key with a colon, so that it has none.
const service = "git-credential-pat"

// keyring keeps secrets in the system's keyring, one item each, by go-keyring.
// That knows no context and no time limit, and may panic: see Options.wait.
type keyring struct{ options Options }

var _ Store = (*keyring)(nil)

func newKeyring(options Options) *keyring { return &keyring{options} }

// keyringTurn lets one call of go-keyring run at a time. It has one connection to
// the bus for all of a process, and takes the signal that ends one prompt for
// that of another.
var keyringTurn = make(chan struct{}, 1)

// call calls go-keyring, unless there is no keyring to call.
func (k *keyring) call(ctx context.Context, f func() (string, error)) (string, error) {
	value, err := k.options.wait(ctx, "keyring", func(ctx context.Context) (string, error) {
		if err := keyringAbsent(); err != nil {
			return "", err
		}
		select {
		case keyringTurn <- struct{}{}:
			defer func() { <-keyringTurn }()
			return f()
		case <-ctx.Done():
			return "", ctx.Err()
		}
	})
	return value, keyringError(err)
}

func (k *keyring) get(ctx context.Context, service, user string) (credential.Secret, error) {
	value, err := k.call(ctx, func() (string, error) { return gokeyring.Get(service, user) })
	return credential.NewSecret(value), err
}

func (k *keyring) Get(ctx context.Context, key string) (credential.Secret, error) {
	return k.get(ctx, service, key)
}

// KeyringItem returns what another program keeps in the system's keyring for a
// user of a service of its own. The errors are those of a [Store].
func KeyringItem(ctx context.Context, service, user string, options Options) (credential.Secret, error) {
	return newKeyring(options).get(ctx, service, user)
}

func (k *keyring) Set(ctx context.Context, key string, secret credential.Secret) error {
	_, err := k.call(ctx, func() (string, error) { return "", gokeyring.Set(service, key, secret.Reveal()) })
	if err != nil {
		return err
	}
	// macOS has reported success for secrets that it cut short,
	// https://github.com/zalando/go-keyring/issues/153.
	back, err := k.Get(ctx, key)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err != nil || cutShort(back, secret) {
		return &Error{Store: "keyring", What: "stored only a part of the secret", Advice: adviceOther}
	}
	return nil
}

// cutShort reports whether what came back is only the beginning of a secret.
// Anything else that is not the secret is what another program has set since.
func cutShort(back, secret credential.Secret) bool {
	return !back.Equal(secret) && strings.HasPrefix(secret.Reveal(), back.Reveal())
}

func (k *keyring) Delete(ctx context.Context, key string) error {
	_, err := k.call(ctx, func() (string, error) { return "", gokeyring.Delete(service, key) })
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// adviceUnlock is for a keyring that is locked, be it that somebody closed the
// dialog or that there has never been one.
const adviceUnlock = "unlock it and try again, or keep the token elsewhere with --store file"

// keyringError makes what came of a call what a Store may return. Go-keyring has
// few errors of its own; the rest is told by the texts in its sources and those
// of the systems' programs.
func keyringError(err error) error {
	var trouble *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &trouble):
		return trouble
	case errors.Is(err, gokeyring.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, gokeyring.ErrSetDataTooBig):
		return &Error{Store: "keyring", What: "cannot store a secret this long", Advice: adviceOther}
	case errors.Is(err, gokeyring.ErrUnsupportedPlatform):
		return &Error{Store: "keyring", What: "is not available on this system", Advice: adviceOther, Absent: true}
	case absent(err):
		return &Error{Store: "keyring", What: "is not available: no program provides it", Advice: adviceOther, Absent: true}
	case hungUp(err):
		return &Error{Store: "keyring", What: "closed the connection", Advice: adviceOther}
	}
	text := err.Error()
	for _, sign := range []struct{ text, what, advice string }{
		// The Secret Service.
		{"failed to unlock", "is locked", adviceUnlock},
		{"prompt dismissed", "is locked", adviceUnlock},
		// macOS, errSecInteractionNotAllowed; over SSH most often.
		{"exit status 36", "is locked", "security unlock-keychain"},
		{"User interaction is not allowed", "is locked", "security unlock-keychain"},
		// Windows, ERROR_NO_SUCH_LOGON_SESSION: a log-in over the network.
		{"A specified logon session does not exist", "is not available to a network login", "log in on the machine itself"},
	} {
		if strings.Contains(text, sign.text) {
			return &Error{Store: "keyring", What: sign.what, Advice: sign.advice}
		}
	}
	return &Error{Store: "keyring", What: "failed: " + credential.Quote(text), Advice: adviceOther}
}
