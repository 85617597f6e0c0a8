package tokens

import (
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// unusedFor is the time without use after which a token counts as unused. GitHub
// removes personal tokens after a year ("Token expiration and
// revocation" in its documentation).
const unusedFor = 334 * 24 * time.Hour // eleven months

// IsUnused reports whether a personal token was not used for eleven months.
func IsUnused(c credential.Candidate, now time.Time) bool {
	last := c.Added
	if c.Used.After(last) {
		last = c.Used
	}
	return c.Kind.IsPersonal() && !last.IsZero() && now.Sub(last) > unusedFor
}

// soon is how long before a token expires a person is warned. git-credential-pat
// warns as early.
const soon = 7 * 24 * time.Hour

// ExpiresSoon reports whether a token expires within a week.
func ExpiresSoon(r credential.Record, now time.Time) bool {
	return !r.Expires.IsZero() && r.Expires.Sub(now) < soon
}
