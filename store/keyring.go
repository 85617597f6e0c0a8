package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"runtime"
	"strings"

	gokeyring "github.com/zalando/go-keyring"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// service is the service name of the items in the keyring. It contains no colon,
// because go-keyring joins it to the key with a colon on Windows.
const service = "git-credential-pat"

// keyring stores secrets in the keyring of the system, one item each, with
// go-keyring. That package has no contexts and no time limits, and it may panic:
// see Options.wait.
type keyring struct{ options Options }

var _ Store = (*keyring)(nil)

// keyringLock allows one call of go-keyring at a time. All calls share one
// connection to the bus, and a call may receive the signal that another call's
// prompt ended.
var keyringLock = make(chan struct{}, 1)

// call runs a function that uses go-keyring.
func (k *keyring) call(ctx context.Context, f func() (string, error)) (string, error) {
	value, err := k.options.wait(ctx, "keyring", func(ctx context.Context) (string, error) {
		if err := keyringAbsent(); err != nil {
			return "", err
		}
		select {
		case keyringLock <- struct{}{}:
			defer func() { <-keyringLock }()
			return f()
		case <-ctx.Done():
			return "", ctx.Err()
		}
	})
	return value, keyringError(err)
}

func (k *keyring) get(ctx context.Context, service, user string) (credential.Secret, error) {
	value, err := k.call(ctx, func() (string, error) { return gokeyring.Get(service, user) })
	if hasWarning(value) {
		return credential.Secret{}, &Error{Store: "keyring", What: "sent a warning with the secret", Advice: "security find-generic-password -s " + service}
	}
	return credential.NewSecret(value), err
}

// hasWarning reports whether go-keyring returned a warning of security(1) with the
// secret, as it may on macOS.
func hasWarning(value string) bool { return strings.Contains(value, "\ngo-keyring-base64:") }

func (k *keyring) Get(ctx context.Context, key string) (credential.Secret, error) {
	return k.get(ctx, service, item(key))
}

// item returns the user name of the item for a key. It is the key itself, unless the
// keyring of the system does not take a user name that long.
func item(key string) string {
	if runtime.GOOS == "windows" {
		return shortItem(key)
	}
	return key
}

// shortItem ends a long key with its hash instead. No key contains a "#".
func shortItem(key string) string {
	const most = 200 // Windows takes 512 characters, CRED_MAX_USERNAME_LENGTH, and wine 255 with the service
	if len(key) <= most {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	hash := "#" + hex.EncodeToString(sum[:])
	return key[:most-len(hash)] + hash
}

// KeyringItem returns the secret that another program stored in the keyring of
// the system. The errors are those of Store.Get.
func KeyringItem(ctx context.Context, service, user string, options Options) (credential.Secret, error) {
	return (&keyring{options}).get(ctx, service, user)
}

func (k *keyring) Set(ctx context.Context, key string, secret credential.Secret) error {
	_, err := k.call(ctx, func() (string, error) { return "", gokeyring.Set(service, item(key), secret.Reveal()) })
	if err != nil {
		return err
	}
	// macOS has reported success and stored only the beginning of the secret,
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

// cutShort reports whether the keyring has only the beginning of a secret. Any
// other difference means that another program has changed the item meanwhile.
func cutShort(back, secret credential.Secret) bool {
	return !back.Equal(secret) && strings.HasPrefix(secret.Reveal(), back.Reveal())
}

func (k *keyring) Delete(ctx context.Context, key string) error {
	_, err := k.call(ctx, func() (string, error) { return "", gokeyring.Delete(service, item(key)) })
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// adviceUnlock is the advice for a locked keyring, whether or not there was a
// prompt.
const adviceUnlock = "unlock it and try again, or keep the token elsewhere with --store file"

// keyringError converts an error of go-keyring to one of a Store. Go-keyring has
// few error values. The other errors are recognized by their text, which comes
// from go-keyring or from the system.
func keyringError(err error) error {
	var converted *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &converted):
		return converted
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
	if strings.Contains(text, "exit status 44") {
		return ErrNotFound // macOS, errSecItemNotFound, where security(1) speaks another language
	}
	for _, known := range []struct{ text, what, advice string }{
		// The Secret Service.
		{"failed to unlock", "is locked", adviceUnlock},
		{"prompt dismissed", "is locked", adviceUnlock},
		// macOS, errSecInteractionNotAllowed; usually over SSH.
		{"exit status 36", "is locked", "security unlock-keychain"},
		{"User interaction is not allowed", "is locked", "security unlock-keychain"},
		// Windows, ERROR_NO_SUCH_LOGON_SESSION: a network login.
		{"A specified logon session does not exist", "is not available to a network login", "log in on the machine itself"},
	} {
		if strings.Contains(text, known.text) {
			return &Error{Store: "keyring", What: known.what, Advice: known.advice}
		}
	}
	return &Error{Store: "keyring", What: "failed: " + credential.Quote(text), Advice: adviceOther}
}
