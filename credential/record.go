package credential

import (
	"errors"
	"time"
)

// A Record says what a token is for. The secret is kept elsewhere.
type Record struct {
	Scope

	// Name tells the tokens of one scope apart.
	Name string

	// Username is the login that the token belongs to, if known.
	Username string

	Kind Kind

	// Access is what the token may do, if that was said.
	Access Access

	// Added is when the token was added or its secret replaced. It has all
	// digits that the clock has, to tell one secret from the next.
	Added time.Time

	// Expires is when the token ends; the zero time where that is not known
	// and where it does not end.
	Expires time.Time

	// Store is the name of the store that has the secret, such as "keyring".
	Store string

	// Form is how the secret is written: "" for the token or password itself,
	// "attributes" for what else Git had a helper keep.
	Form string
}

// Title is what the token is called in a sentence: its name and scope.
func (r Record) Title() string { return Quote(r.Name) + " for " + r.Scope.String() }

// Arguments are those that name the token to the commands of git pat.
func (r Record) Arguments() string {
	return ShellWord(r.Scope.Short()) + " --name " + ShellWord(r.Name)
}

// Access is what a token may do with a repository. The zero value is for one
// of which that is not known.
type Access string

const (
	ReadAccess  Access = "read"  // fetch, and not push
	WriteAccess Access = "write" // fetch and push
)

// Known reports whether the access is one of those above, or not known.
func (a Access) Known() bool { return a == "" || a == ReadAccess || a == WriteAccess }

// UnmarshalText reads an Access as a person writes it.
func (a *Access) UnmarshalText(text []byte) error {
	if *a = Access(text); !a.Known() {
		return errors.New("must be read or write")
	}
	return nil
}

// Equal reports whether two records say the same. Where the secret of a record
// was replaced meanwhile they do not, since Added differs.
func (r Record) Equal(s Record) bool {
	return r.Scope.Equal(s.Scope) && r.Name == s.Name && r.Username == s.Username && r.Kind == s.Kind && r.Access == s.Access &&
		r.Added.Equal(s.Added) && r.Expires.Equal(s.Expires) && r.Store == s.Store && r.Form == s.Form
}

// Expired reports whether the token has ended.
func (r Record) Expired(now time.Time) bool { return !r.Expires.IsZero() && !now.Before(r.Expires) }

// A Candidate is a record as it is found, with what stands beside it.
type Candidate struct {
	Record
	Key string // under which its secret is kept

	Aside    *Aside    // nil unless a server refused the token and none accepted it since
	Used     time.Time // the last use that was noted; zero: none
	NoSecret bool      // its store answered that there is no such secret
	Damaged  error     // why the record cannot be read; the scope is that of its place
}

// fault says why the token cannot answer a request for an owner at a time, if it
// cannot.
func (c Candidate) fault(owner string, now time.Time) Verdict {
	switch {
	case c.Damaged != nil:
		return Unreadable
	case c.Aside != nil && c.Aside.concerns(owner):
		return SetAside
	case c.Expired(now):
		return Expired
	case c.NoSecret:
		return Missing
	}
	return ""
}

// due reports whether a token that is set aside may be offered once more. A
// password may not: Git's own helpers forget it, and a server may lock an account
// after some wrong ones.
func (c Candidate) due(now time.Time) bool {
	return c.Damaged == nil && c.Kind.IsGitHub() && c.Aside != nil && c.Aside.due(now) && !c.Expired(now) && !c.NoSecret
}
