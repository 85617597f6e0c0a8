package credential

import (
	"crypto/subtle"
	"fmt"
	"io"
)

// A Secret is a token or a password. Packages fmt, encoding/json and log/slog
// print it as ***. Only Reveal returns the value. The zero value is an empty
// secret, which is a secret too: a password may be empty.
type Secret struct {
	// fmt cannot call Format on an unexported field of another struct. For a
	// function it prints only the address; for a pointer, %s shows the value.
	reveal func() string
}

const masked = "***"

// NewSecret returns a secret with the value s.
func NewSecret(s string) Secret { return Secret{func() string { return s }} }

// Reveal returns the value. Call it only to send the secret or to store it. A
// search for the name then finds every place where a secret leaves the program.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// Equal compares two secrets in constant time. Two empty secrets are equal.
func (s Secret) Equal(t Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(t.Reveal())) == 1
}

// Empty reports whether the secret is empty.
func (s Secret) Empty() bool { return s.Reveal() == "" }

// Tail returns the last four characters of a token, by which people can
// recognize it. It returns "" for a short secret, because four characters would
// reveal too much of it.
func (s Secret) Tail() string {
	if v := s.Reveal(); len(v) >= 32 && printable(v) {
		return v[len(v)-4:]
	}
	return ""
}

// Printable reports whether the secret consists of visible ASCII characters, as
// every token does.
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

// MarshalText implements encoding.TextMarshaler, for encoding/json and
// log/slog.
func (s Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }
