package credential

import (
	"slices"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// An Aside marks a token that a server rejected. Such a token is set aside: it
// is not used until a server accepts it again. A server may reject a valid
// token by mistake or for another reason. So after an hour, and later less
// often, the token is tried once more if no other token answers.
type Aside struct {
	Time   time.Time // when the token was last rejected
	Reason string    // for example "rejected by github.com"

	// Owners lists the owners whose repositories rejected a token for a whole
	// host. If it is empty, the token is set aside for its whole target.
	Owners []string

	// Refusals counts the rejections since the token last worked. Rejections
	// count as one if the token was not tried again between them: Git may have
	// used the token in many commands before the first rejection.
	Refusals int

	Offered time.Time // when the token was last tried again; zero if never
	Added   time.Time // Record.Added of the rejected secret; zero if unknown

	// Fingerprint identifies the rejected secret of a store that others can
	// change, such as the environment. If it is empty, any secret is meant.
	Fingerprint string
}

// Refused returns the mark for a token that a host rejected for its whole
// target.
func Refused(host string, now time.Time) Aside {
	return Aside{Time: now.UTC().Truncate(time.Second), Reason: "rejected by " + host, Refusals: 1}
}

// Refused returns the mark after a server rejected the token for a request. A
// token for a whole host is set aside for the owner of the request, or for all
// owners if it was already set aside for another owner.
func (c Candidate) Refused(request Request, now time.Time) Aside {
	a := Refused(request.Host, now)
	a.Added = c.Added
	if len(c.Paths) == 0 && c.IsToken() {
		a.Owners = []string{c.owner(request)}
	}
	was := c.Aside
	if was == nil {
		return a
	}
	if !slices.Equal(was.Owners, a.Owners) {
		a.Owners = nil
	}
	a.Offered, a.Refusals = was.Offered, was.Refusals
	if was.Offered.After(was.Time) {
		a.Refusals++
	}
	return a
}

// AsideFor reports whether the token is set aside for the owner of a request.
func (c Candidate) AsideFor(request Request) bool {
	return c.Aside != nil && (len(c.Aside.Owners) == 0 || slices.Contains(c.Aside.Owners, c.owner(request)))
}

// owner returns the owner of the requested repository, as the forge of the record
// reads the path. All gists count as one owner.
func (r Record) owner(request Request) string {
	host, path := request.Place()
	if _, ok := forge.AliasOf(host); ok {
		return host
	}
	repository, _ := r.On().Repository(host, path)
	return r.On().Owner(host, repository)
}

// due reports whether it is time to try the token once more.
func (a Aside) due(now time.Time) bool {
	last := a.Time
	if a.Offered.After(last) {
		last = a.Offered
	}
	wait := time.Hour
	switch {
	case a.Refusals == 2:
		wait = 4 * time.Hour
	case a.Refusals > 2:
		wait = 24 * time.Hour
	}
	return now.Sub(last).Abs() >= wait // true also if the clock was set back
}
