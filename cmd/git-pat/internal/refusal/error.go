package refusal

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// An Error is an answer with which a server refused something.
type Error struct {
	Status int    // of HTTP
	Text   string // what the server said, cut; do not trust it
	SSO    string // the page for single sign-on that the server named, if any

	// RetryAfter is when the server accepts calls again, or zero if too many calls
	// are not the reason.
	RetryAfter time.Time
}

func (e *Error) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("the server answered %d", e.Status)
	}
	return fmt.Sprintf("the server answered %d: %s", e.Status, credential.Quote(credential.MaskTokens(e.Text)))
}

// ErrUnreachable is the error for a server that did not answer.
var ErrUnreachable = errors.New("the server cannot be reached")

// Unreachable returns an error that wraps ErrUnreachable, for the error of a call.
// limit is how long a call may take.
func Unreachable(err error, limit time.Duration) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
		if u.Timeout() {
			return fmt.Errorf("%w: no answer within %v", ErrUnreachable, limit)
		}
	}
	return fmt.Errorf("%w: %v", ErrUnreachable, err)
}
