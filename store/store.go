// Package store has the places that hold secrets. A [Store] is one of them:
//
//	keyring        the system's own: Keychain, Credential Manager, Secret Service
//	file           a plain file beside the records
//	git:NAME ARGS  any Git credential helper, such as git:cache --timeout=3600
//	env:VAR        an environment variable, read-only
//
// A record, of package record, names the store that has the secret of a token
// and is the key to it there. So a token's host, owner and expiry can be read
// without unlocking anything.
//
// An error of a store never means "no such secret". After an error no other
// store answers, nothing is deleted, and nothing moves to a plainer place.
package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// A Store keeps secrets under the keys of their records. Making one touches
// nothing; its methods do.
//
// An implementation must return an error that wraps ErrNotFound from Get if it
// can tell for sure that it has no such secret, and a *Error if it cannot
// tell or could not do what was asked. Delete of a secret that is not there is
// no error. What Set was given Get returns to the byte.
type Store interface {
	Get(ctx context.Context, key string) (credential.Secret, error)
	Set(ctx context.Context, key string, secret credential.Secret) error
	Delete(ctx context.Context, key string) error
}

// ErrNotFound is the error for a secret that a store has not got.
var ErrNotFound = errors.New("no such secret")

// An Error says why a store could not do what it was asked to do.
type Error struct {
	Store  string // its name, such as "keyring"
	What   string // completes "the store ...", as in "is locked"
	Advice string // what to do, a command where there is one

	// Absent is set where there is no such store on this machine at all, as
	// opposed to one that is locked, slow or broken.
	Absent bool

	// File is set where it is a file or folder that is not as it must be.
	File *disk.FileError
}

func (e *Error) Error() string {
	return fmt.Sprintf("the store %s %s", credential.Quote(e.Store), e.What)
}

// Options say how long to wait for a store that a person may have to unlock
// first. The zero value waits for nobody.
type Options struct {
	// Interactive reports whether there is a person who can unlock a store. Nil
	// means that there is none. It is called only for stores that can be locked.
	Interactive func() bool

	// Limit is how long one call may take. 0 means three seconds, or a minute if
	// Interactive.
	Limit time.Duration

	// Waiting, unless nil, is called from another goroutine with the name of the
	// store when a call has taken a second. It is called only if Interactive or
	// if there is a Limit.
	Waiting func(store string)

	// Session, unless nil, remembers which stores did not answer in time.
	Session *Session
}

// A Session remembers the stores that did not answer in time. They are not asked
// again, so a program waits once for each. The zero value is ready for use.
type Session struct {
	late sync.Map // by name, the *Error that was said of it
}

const (
	shortLimit = 3 * time.Second
	longLimit  = time.Minute // as long as it takes to find and type a password
	tellAfter  = time.Second
)

// wait calls f with the limit and tells who is waited for. It returns a
// *Error when the limit is over, and does not wait for f any longer then.
func (o Options) wait(ctx context.Context, store string, f func(context.Context) (string, error)) (string, error) {
	if o.Session != nil {
		if late, ok := o.Session.late.Load(store); ok {
			return "", late.(*Error)
		}
	}
	limit := o.Limit
	switch {
	case limit > 0:
	case o.Interactive != nil && o.Interactive():
		limit = longLimit
	default:
		limit, o.Waiting = shortLimit, nil
	}
	if err := ctx.Err(); err != nil {
		return "", err // or f would do its work behind the caller's back
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if o.Waiting != nil {
		timer := time.AfterFunc(tellAfter, func() { o.Waiting(store) })
		defer timer.Stop()
	}
	type result struct {
		value string
		err   error
	}
	done := make(chan result, 1) // room for one, for nobody may be waiting any more
	go func() {
		// go-keyring panics on answers of a form that it does not expect.
		defer func() {
			if recover() != nil {
				done <- result{err: &Error{Store: store, What: "sent an invalid reply", Advice: adviceOther}}
			}
		}()
		value, err := f(ctx)
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		if r.err == nil || ctx.Err() == nil {
			return r.value, r.err
		}
	case <-ctx.Done():
	}
	late := &Error{
		Store:  store,
		What:   fmt.Sprintf("did not answer within %v", limit),
		Advice: adviceUnlock,
	}
	if o.Session != nil {
		o.Session.late.Store(store, late)
	}
	return "", late
}

const adviceOther = "keep the token elsewhere with --store file"

// Open returns the store of a name. A store that keeps files of its own has
// them in dir, the folder of the records.
func Open(name string, dir string, options Options) (Store, error) {
	switch scheme, rest, _ := strings.Cut(name, ":"); {
	case name == "keyring":
		return newKeyring(options), nil
	case name == "file":
		return &file{dir}, nil
	case scheme == "git" && isHelperLine(rest):
		return &gitHelper{name: name, line: rest, dir: dir, options: options}, nil
	case scheme == "env" && IsVariable(rest):
		return &environment{name: name, variable: rest}, nil
	}
	return nil, fmt.Errorf("%s is not a store: use keyring, file, git:NAME or env:VARIABLE", credential.Quote(name))
}

// ReadOnly reports whether the store of a name takes no secrets.
func ReadOnly(name string) bool { return strings.HasPrefix(name, "env:") }

// ProbeKey is a key that no record has. Getting its secret shows whether a store
// answers at all.
const ProbeKey = HelperHost + "/@/probe"

// Default returns the name of the store for a token for which none was named:
// the keyring, or the file store where there is no keyring at all. One that is
// locked or slow is still the keyring.
func Default(ctx context.Context, options Options) string {
	var trouble *Error
	_, err := newKeyring(options).Get(ctx, ProbeKey)
	if errors.As(err, &trouble) && trouble.Absent {
		return "file"
	}
	return "keyring"
}
