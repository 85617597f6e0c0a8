package credential

import (
	"errors"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// A Record describes a token. It does not contain the secret.
type Record struct {
	Target

	// Name distinguishes the tokens of one target.
	Name string

	// Username is the login of the account that the token belongs to, or "" if
	// it is unknown.
	Username string

	Kind Kind

	// Forge is the forge that a person named. It matters only if neither the host
	// nor the kind tells the forge; see On.
	Forge forge.Forge

	// Access is what the token may do, or "" if it is unknown.
	Access Access

	// Added is the time when the token was added or its secret was last
	// replaced. It has the full resolution of the clock, because a new secret
	// must get a new time.
	Added time.Time

	// Expires is the time when the token expires. It is zero if the token does
	// not expire or the time is unknown.
	Expires time.Time

	// Store is the name of the store that holds the secret, such as "keyring".
	Store string

	// Form is the format of the secret: "" for a token or password,
	// "attributes" for other credentials that Git asked to store.
	Form string

	// From is the key of the record that this one replaces, and Moved is true for
	// a record that was replaced. They are set only while a token gets another
	// key, or if that was interrupted; see record.Tree.
	From  string
	Moved bool
}

// On returns the forge that the token is for, or forge.Other if it is unknown.
func (r Record) On() forge.Forge {
	if f := forge.Of(r.Host); f != forge.Other {
		return f
	}
	if f := r.Kind.Forge(); f != forge.Other {
		return f
	}
	return r.Forge
}

// IsToken reports whether the secret is a token of a forge, and not a password.
func (r Record) IsToken() bool { return r.Kind.IsToken() || r.Forge != forge.Other }

// Title returns the name and target of the token for use in a sentence.
func (r Record) Title() string { return Quote(r.Name) + " for " + r.Target.String() }

// MayBeLocked reports whether the store of the token may be locked if it returns no
// secret. Most Git helpers do not tell; Git's own ones are never locked.
func (r Record) MayBeLocked() bool {
	helper, ok := strings.CutPrefix(r.Store, "git:")
	name, _, _ := strings.Cut(helper, " ")
	return ok && name != "cache" && name != "store"
}

// Access is what a token may do with a repository. The zero value means that it
// is unknown.
type Access string

const (
	ReadAccess  Access = "read"  // fetch only
	WriteAccess Access = "write" // fetch and push
)

// Known reports whether the access is the zero value or one of the constants
// above.
func (a Access) Known() bool { return a == "" || a == ReadAccess || a == WriteAccess }

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *Access) UnmarshalText(text []byte) error {
	if *a = Access(text); !a.Known() {
		return errors.New("must be read or write")
	}
	return nil
}

// Equal reports whether two records are equal. If the secret was replaced, they
// are not, because Added differs.
func (r Record) Equal(s Record) bool {
	return r.Target.Equal(s.Target) && r.Name == s.Name && r.Username == s.Username && r.Kind == s.Kind && r.Forge == s.Forge && r.Access == s.Access &&
		r.Added.Equal(s.Added) && r.Expires.Equal(s.Expires) && r.Store == s.Store && r.Form == s.Form && r.From == s.From && r.Moved == s.Moved
}

// Expired reports whether the token has expired at the time now.
func (r Record) Expired(now time.Time) bool { return !r.Expires.IsZero() && !now.Before(r.Expires) }

// A Candidate is a record together with what is known about its token.
type Candidate struct {
	Record
	Key string // the key of the secret in its store

	Aside    *Aside    // nil unless the token is set aside
	Used     time.Time // the last recorded use; zero if there is none
	NoSecret bool      // the store reported that the secret is missing
	Damaged  error     // why the record cannot be read; the target then comes from its folder
}

// fault returns why the token cannot be used for a request at the time now, or ""
// if it can.
func (c Candidate) fault(request Request, now time.Time) Verdict {
	switch {
	case c.Damaged != nil:
		return Unreadable
	case c.AsideFor(request):
		return SetAside
	case c.Expired(now):
		return Expired
	case c.NoSecret:
		return Missing
	}
	return ""
}

// due reports whether a token that is set aside may be tried once more. A
// password may not: Git's own helpers delete a rejected password, and a server
// may lock the account after several wrong ones.
func (c Candidate) due(now time.Time) bool {
	return c.Damaged == nil && c.IsToken() && c.Aside != nil && c.Aside.due(now) && !c.Expired(now) && !c.NoSecret
}
