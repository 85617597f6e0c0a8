package resolve

import "github.com/git-credential-pat/git-credential-pat/credential"

// A State is a result in short.
type State int

const (
	Answers      State = iota // a token answers
	NotAsked                  // a token would answer, but Git does not ask for it
	NoRepository              // no token is ever used for the URL
	StoreFailed               // the store of the token that answers cannot be read
	NoToken                   // there is no token
	Expired                   // there are only tokens that cannot be used
	SetAside
	Missing
	Unreadable
	Several // several tokens fit
)

// State returns the result in short, and the token that it is about, if it is about
// one.
func (r Result) State() (State, *credential.Considered) {
	d := r.Decision
	if winner, ok := r.Winner(); ok {
		if !r.Asked {
			return NotAsked, &winner
		}
		return Answers, &winner
	}
	switch {
	case r.Refused != nil:
		return NoRepository, nil
	case r.StoreErr != nil && d.Winner >= 0 && d.Winner < len(d.Considered):
		return StoreFailed, &d.Considered[d.Winner]
	case r.StoreErr != nil:
		return StoreFailed, nil
	case d.Outcome == credential.NoToken:
		return NoToken, nil
	case d.Outcome != credential.Unusable:
		return Several, nil
	}
	c := d.With(credential.Expired, credential.SetAside, credential.Missing, credential.Unreadable)[0]
	return map[credential.Verdict]State{
		credential.Expired:    Expired,
		credential.SetAside:   SetAside,
		credential.Missing:    Missing,
		credential.Unreadable: Unreadable,
	}[c.Verdict], &c
}
