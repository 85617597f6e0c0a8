// Package store stores secrets. A [Store] has one of these names:
//
//	keyring        the keyring of the system: Keychain, Credential Manager, Secret Service
//	file           plain files beside the records
//	git:NAME ARGS  a Git credential helper, such as git:cache --timeout=3600
//	env:VAR        an environment variable; read-only
//	cmd:COMMAND    the first line that a command prints, such as cmd:pass show acme; read-only
//
// A record of package record names the store of its secret. The key of the
// record is also the key of the secret. So programs can read the host, owner and
// expiry of a token without unlocking a store.
//
// An error never means that a secret is missing; [ErrNotFound] does. After an
// error, do not use another store, do not delete anything, and do not move a
// secret to a less secure store.
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

// A Store stores secrets by the keys of their records.
//
// Get must return an error that wraps ErrNotFound if the store certainly does
// not have the secret. If the store cannot tell, or if a method fails, the error
// must be a *Error. Deleting a missing secret is not an error. Get must return
// exactly the bytes that were passed to Set. Only these methods access the store;
// [Open] does not.
type Store interface {
	Get(ctx context.Context, key string) (credential.Secret, error)
	Set(ctx context.Context, key string, secret credential.Secret) error
	Delete(ctx context.Context, key string) error
}

// ErrNotFound is the error for a secret that a store does not have.
var ErrNotFound = errors.New("no such secret")

// An Error says what is wrong with a store and what to do.
type Error struct {
	Store  string // the name of the store, such as "keyring"
	What   string // follows the name in a sentence, such as "is locked"
	Advice string // a command or a sentence; may be empty

	// Absent is true if this machine has no such store. It is false if the store
	// is locked, slow or broken.
	Absent bool

	// Late is true if the call did not end in time. It may still have its effect
	// later.
	Late bool

	// File is the file or folder with the problem, or nil.
	File *disk.FileError

	cause error // of a call that the caller ended, or nil
}

func (e *Error) Error() string {
	return fmt.Sprintf("the store %s %s", credential.Quote(e.Store), e.What)
}

func (e *Error) Unwrap() error { return e.cause }

// Options say how long to wait for a store. A person may have to unlock it first.
// With the zero value, a call takes at most three seconds.
type Options struct {
	// Interactive reports whether a person can unlock a store. Nil means that no
	// person can. It is called only for stores that can be locked.
	Interactive func() bool

	// Limit is the maximum time of a call. 0 means a minute if Interactive
	// returns true, and three seconds otherwise.
	Limit time.Duration

	// Waiting, if not nil, is called with the name of the store when a call has
	// taken a second. It runs in another goroutine. It is called only if
	// Interactive returns true or if there is a Limit.
	Waiting func(store string)

	// Session, if not nil, remembers which stores did not answer in time.
	Session *Session
}

// A Session remembers the stores that did not answer in time. Their later calls
// fail at once, so a program waits only once for each store. The zero value is
// ready for use.
type Session struct {
	timeouts sync.Map // *Error by the name of the store
}

const (
	shortLimit   = 3 * time.Second
	longLimit    = time.Minute // enough to find and type a password
	waitingAfter = time.Second
)

// wait calls f with a time limit. After the limit it returns a *Error and leaves
// f running.
func (o Options) wait(ctx context.Context, store string, f func(context.Context) (string, error)) (string, error) {
	if o.Session != nil {
		if timeout, ok := o.Session.timeouts.Load(store); ok {
			return "", timeout.(*Error)
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
		return "", err // f must not change anything after the caller has given up
	}
	parent := ctx
	ctx, cancel := context.WithTimeout(parent, limit)
	defer cancel()
	if o.Waiting != nil {
		timer := time.AfterFunc(waitingAfter, func() { o.Waiting(store) })
		defer timer.Stop()
	}
	type result struct {
		value string
		err   error
	}
	done := make(chan result, 1) // f does not block if it ends after the limit
	go func() {
		// go-keyring panics if the reply has unexpected types.
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
	if err := parent.Err(); err != nil {
		return "", &Error{Store: store, What: "did not answer: " + err.Error(), Late: true, cause: err}
	}
	timeout := Error{
		Store:  store,
		What:   fmt.Sprintf("did not answer within %v", limit),
		Advice: adviceUnlock,
	}
	if o.Session != nil {
		again := timeout // a call that is not made is not late
		o.Session.timeouts.Store(store, &again)
	}
	timeout.Late = true
	return "", &timeout
}

const adviceOther = "keep the token elsewhere with --store file"

// Open returns the store with the given name. dir is the folder of the records;
// some stores have files there.
func Open(name string, dir string, options Options) (Store, error) {
	switch scheme, rest, _ := strings.Cut(name, ":"); {
	case name == "keyring":
		return &keyring{options}, nil
	case name == "file":
		return &file{dir}, nil
	case scheme == "git" && isHelperLine(rest):
		return &gitHelper{name: name, line: rest, dir: dir, options: options}, nil
	case scheme == "env" && IsVariable(rest):
		return &environment{name: name, variable: rest}, nil
	case scheme == "cmd" && isCommandLine(rest):
		return &command{name: name, line: rest, options: options}, nil
	}
	return nil, fmt.Errorf("%s is not a store: use keyring, file, git:NAME, env:VARIABLE or cmd:COMMAND", credential.Quote(name))
}

// ReadOnly reports whether the store with the given name cannot be changed.
func ReadOnly(name string) bool {
	return strings.HasPrefix(name, "env:") || strings.HasPrefix(name, "cmd:")
}

// ProbeKey is a key that no record has. Get with this key shows whether a store
// works.
const ProbeKey = HelperHost + "/@/probe"

// Default returns the name of the store to use if the person chose none: "file"
// if this machine has no keyring, and "keyring" otherwise, even if the keyring
// is locked or slow.
func Default(ctx context.Context, options Options) string {
	var failed *Error
	_, err := (&keyring{options}).Get(ctx, ProbeKey)
	if errors.As(err, &failed) && failed.Absent {
		return "file"
	}
	return "keyring"
}
