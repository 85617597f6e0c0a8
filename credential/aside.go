package credential

import (
	"slices"
	"time"
)

// An Aside is the mark of a token that a server refused. The token does not
// answer until a server accepts it again. A refusal may be a mistake, or about
// something else, so it does not last for ever: after an hour, then less often,
// the token is offered once more where no other token answers.
type Aside struct {
	Time   time.Time // of the last refusal
	Reason string    // as in "refused by github.com"

	// Owners are those for whose repositories a token for a whole host was
	// refused. Empty: the token is set aside for all that it is for.
	Owners []string

	// Refusals counts those since the token last worked, but not several in a
	// row between which it was not offered again: Git may have handed out the
	// token many times before the first refusal.
	Refusals int

	Offered time.Time // when the token was last offered again; zero: never
	Added   time.Time // Record.Added of the secret that was refused; zero: not known

	// Fingerprint tells which value was refused, where the next one may come
	// from outside, as from the environment. Empty: whichever there is.
	Fingerprint string
}

// Refused returns the mark of a token that a host refused for all that it is
// for.
func Refused(host string, now time.Time) Aside {
	return Aside{Time: now.UTC().Truncate(time.Second), Reason: "refused by " + host, Refusals: 1}
}

// Refused returns the mark after a server refused the token for a request. A
// token for a whole host is set aside for the owner of the request, and for all
// owners if another one refused it before.
func (c Candidate) Refused(request Request, now time.Time) Aside {
	a := Refused(request.Host, now)
	a.Added = c.Added
	if len(c.Paths) == 0 && c.Kind.IsGitHub() {
		a.Owners = []string{request.owner()}
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
	return c.Aside != nil && c.Aside.concerns(request.owner())
}

func (a Aside) concerns(owner string) bool {
	return len(a.Owners) == 0 || slices.Contains(a.Owners, owner)
}

// due reports whether the token may be offered once more.
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
	return now.Sub(last).Abs() >= wait // also if the clock went back
}
