package credential

import (
	"crypto/subtle"
	"fmt"
	"io"
)

// A Secret is a token or a password. It prints as *** under every verb of
// fmt, in JSON and through log/slog; see Reveal for the one way out. The zero
// value is a secret of no bytes, which is not the same as none: a password may
// be empty.
type Secret struct {
	// A function, because in an unexported field of somebody else's struct
	// fmt cannot call Format. Of a function it shows the address, whatever the
	// verb; a pointer it follows under %s.
	reveal func() string
}

const masked = "***"

// NewSecret makes a secret.
func NewSecret(s string) Secret { return Secret{func() string { return s }} }

// Reveal returns what the secret is. Call it where it goes over a wire or into
// a store and nowhere else, so that a search for the name finds every such
// place.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// Equal compares in a time that does not depend on the bytes. Two empty
// secrets are equal.
func (s Secret) Equal(t Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(t.Reveal())) == 1
}

// Empty reports whether the secret has no bytes.
func (s Secret) Empty() bool { return s.Reveal() == "" }

// Tail returns the last four characters of a token, by which a person tells
// it from another, or nothing where these would be a good part of it.
func (s Secret) Tail() string {
	if v := s.Reveal(); len(v) >= 32 && printable(v) {
		return v[len(v)-4:]
	}
	return ""
}

// Printable reports whether the secret is made of visible ASCII characters
// only, as all tokens are.
func (s Secret) Printable() bool { return printable(s.Reveal()) }

func printable(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Format implements fmt.Formatter.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, masked) }

// MarshalText implements encoding.TextMarshaler, which JSON and log/slog ask.
func (s Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }
