package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	gokeyring "github.com/zalando/go-keyring"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

// Most errors of go-keyring are recognized by the text of the system.
func TestKeyringError(t *testing.T) {
	t.Parallel()
	own := &Error{Store: "keyring", What: "did not answer within 3s"}
	for _, test := range []struct {
		name   string
		err    error
		what   string
		advice string
		absent bool
	}{
		{name: "Secret Service, locked", err: errors.New("failed to unlock correct collection '/org/freedesktop/secrets/collection/login'"), what: "is locked", advice: adviceUnlock},
		{name: "Secret Service, dismissed", err: errors.New("prompt dismissed"), what: "is locked", advice: adviceUnlock},
		{name: "macOS, by status", err: errors.New("exit status 36"), what: "is locked", advice: "security unlock-keychain"},
		{name: "macOS, by text", err: errors.New("security: SecKeychainItemCreateFromContent (<default>): User interaction is not allowed."), what: "is locked", advice: "security unlock-keychain"},
		{name: "Windows", err: errors.New("A specified logon session does not exist. It may already have been terminated."), what: "is not available to a network login", advice: "log in on the machine itself"},
		{name: "too long", err: gokeyring.ErrSetDataTooBig, what: "cannot store a secret this long", advice: adviceOther},
		{name: "another system", err: gokeyring.ErrUnsupportedPlatform, what: "is not available on this system", advice: adviceOther, absent: true},
		{name: "anything else", err: errors.New("boom\x1b[2J"), what: `failed: "boom\x1b[2J"`, advice: adviceOther},
		{name: "a text like that of the one error for not found", err: errors.New("secret not found in keyring"), what: `failed: "secret not found in keyring"`, advice: adviceOther},
		{name: "our own", err: own, what: own.What},
		{name: "our own, wrapped", err: fmt.Errorf("a: %w", own), what: own.What},
	} {
		got := isStoreError(t, test.name, keyringError(test.err))
		if got.What != test.what || got.Advice != test.advice || got.Absent != test.absent || got.Store != "keyring" {
			t.Errorf("%s: got %+v, want %q, %q, absent %v", test.name, *got, test.what, test.advice, test.absent)
		}
	}
	if got := keyringError(fmt.Errorf("a: %w", gokeyring.ErrNotFound)); got != ErrNotFound {
		t.Errorf("not found: got %v, want ErrNotFound", got)
	}
	if got := keyringError(errors.New("exit status 44")); got != ErrNotFound { // macOS, in another language
		t.Errorf("status 44: got %v, want ErrNotFound", got)
	}
	if hasWarning("go-keyring-base64:YQ==\n") || !hasWarning("security: a warning\ngo-keyring-base64:YQ==") {
		t.Error("a warning is not told from a secret")
	}
	if got := keyringError(nil); got != nil {
		t.Errorf("no error: got %v", got)
	}
}

// Another program may have replaced the secret meanwhile. But if the keyring has
// only the beginning of the secret, that is an error.
func TestCutShort(t *testing.T) {
	t.Parallel()
	secret := storetest.NewSecret(40)
	for _, test := range []struct {
		name string
		back string
		want bool
	}{
		{"the same", secret.Reveal(), false},
		{"another", storetest.NewSecret(40).Reveal(), false},
		{"a longer one", secret.Reveal() + "x", false},
		{"its end", secret.Reveal()[1:], false},
		{"its beginning", secret.Reveal()[:39], true},
		{"nothing", "", true},
	} {
		if got := cutShort(credential.NewSecret(test.back), secret); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
	if cutShort(credential.Secret{}, credential.Secret{}) {
		t.Error("nothing for nothing: got true, want false")
	}
}

// Different keys have different items, and each is short enough for Windows.
func TestShortItem(t *testing.T) {
	t.Parallel()
	short := "github.com/acme/@/laptop"
	if got := shortItem(short); got != short {
		t.Errorf("got %q, want %q", got, short)
	}
	long := strings.Repeat("abcd/", 120) + "@/laptop"
	one, other := shortItem(long), shortItem(long+"-2")
	if len(one) > 200 || len(other) > 200 || one == other || one != shortItem(long) {
		t.Errorf("got %q and %q", one, other)
	}
}
