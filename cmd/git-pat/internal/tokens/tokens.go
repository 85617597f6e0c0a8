// Package tokens finds, adds, replaces, moves and removes tokens. A token is a
// record and, in the store that the record names, a secret.
//
// # What it promises
//
// No secret without a record: a new record is written before its secret, and a
// record is removed after its secret. A secret is replaced only if the caller says
// so. If a change fails, what was there before is still there. If the program is
// killed, the old or the new token answers, and its record is true of it. A store
// that does not answer in time may still change later, so the record stays.
//
// Renew is the exception: the forge has killed the old secret before the new one is
// stored. So it stores the new one in a plain file rather than nowhere, and says so.
//
// Every change is made under the lock of the tree, so two programs that change
// tokens wait for each other.
package tokens

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// Tokens are the tokens of a person.
type Tokens struct {
	Tree    *record.Tree
	Options store.Options // how long to wait for a store
	Now     time.Time
}

// Open returns the store of a name. The error says which names there are.
func (t *Tokens) Open(name string) (store.Store, error) {
	return store.Open(name, t.Tree.Dir(), t.Options)
}

// Secret returns the secret of a record. The error is a *LostError if the store of
// the record does not have it.
func (t *Tokens) Secret(ctx context.Context, c credential.Candidate) (credential.Secret, error) {
	s, err := t.Open(c.Store)
	if err != nil {
		return credential.Secret{}, err
	}
	secret, err := s.Get(ctx, c.Key)
	if errors.Is(err, store.ErrNotFound) {
		return secret, &LostError{c.Record}
	}
	return secret, err
}

// A LostError says that the store of a record does not have its secret.
type LostError struct{ Record credential.Record }

func (e *LostError) Error() string {
	return fmt.Sprintf("the token %s is no longer in its store, %s", e.Record.Title(), credential.Quote(e.Record.Store))
}

// Probe asks a store for a secret that nobody has kept. It returns the error of a
// store that cannot answer, and nil for one that can. The second error is for a
// name that no store has.
func (t *Tokens) Probe(ctx context.Context, name string) (*store.Error, error) {
	s, err := t.Open(name)
	if err != nil {
		return nil, err
	}
	var failed *store.Error
	_, err = s.Get(ctx, store.ProbeKey)
	errors.As(err, &failed)
	return failed, nil
}

// Unlock lets a person unlock the keyring, if it is among some stores. It is
// called before the lock is taken, because typing a password takes long. An error
// shows when the store is used.
func (t *Tokens) Unlock(ctx context.Context, names ...string) {
	if slices.Contains(names, "keyring") {
		t.Probe(ctx, "keyring")
	}
}

// Within returns the records for a target or for a part of it.
func (t *Tokens) Within(target credential.Target) iter.Seq2[credential.Candidate, error] {
	return func(yield func(credential.Candidate, error) bool) {
		for c, err := range t.Tree.Within(target.Host, t.firstPath(target)) {
			if (err != nil || isWithin(c, target)) && !yield(c, err) {
				return
			}
		}
	}
}

// For returns the records for exactly a target.
func (t *Tokens) For(target credential.Target) ([]credential.Candidate, error) {
	near, err := t.Tree.Near(target.Host, t.firstPath(target))
	return slices.DeleteFunc(near, func(c credential.Candidate) bool {
		wanted, err := target.On(c.On())
		return err != nil || !c.Target.Equal(wanted)
	}), err
}

// Find returns the token for a target and, unless it is empty, with a name. The
// error is a *NotFoundError or a *SeveralError.
func (t *Tokens) Find(target credential.Target, name string) (credential.Candidate, error) {
	records, err := t.Tree.Near(target.Host, t.firstPath(target))
	if err != nil {
		return credential.Candidate{}, err
	}
	return find(records, target, name)
}

// find is Find among some records.
func find(records []credential.Candidate, target credential.Target, name string) (credential.Candidate, error) {
	var none credential.Candidate
	var found, near []credential.Candidate
	for _, c := range records {
		wanted, err := target.On(c.On())
		switch {
		case err != nil:
		case !c.Target.Equal(wanted):
			if covers(c, wanted) {
				near = append(near, c)
			}
		case name == "" || strings.EqualFold(c.Name, name):
			found = append(found, c)
		default:
			near = append(near, c)
		}
	}
	switch len(found) {
	case 0:
		return none, &NotFoundError{target, name, near}
	case 1:
		return found[0], nil
	}
	return none, &SeveralError{target, found}
}

// A NotFoundError says that there is no token for a target.
type NotFoundError struct {
	Target credential.Target
	Name   string                 // empty if any name would do
	Near   []credential.Candidate // tokens for the target with another name, or that include the target
}

func (e *NotFoundError) Error() string {
	if e.Name != "" {
		return fmt.Sprintf("there is no token %s for %s", credential.Quote(e.Name), e.Target)
	}
	return fmt.Sprintf("there is no token for %s", e.Target)
}

// A SeveralError says that there are several tokens for a target.
type SeveralError struct {
	Target credential.Target
	Found  []credential.Candidate
}

func (e *SeveralError) Error() string {
	return fmt.Sprintf("there are %d tokens for %s", len(e.Found), e.Target)
}

// firstPath returns the path of a target that leads to the folders of its records.
// The records for several repositories are in the folder of the owner. On Bitbucket
// Data Center people may type other paths than those of the records.
func (t *Tokens) firstPath(target credential.Target) string {
	if len(target.Paths) == 0 {
		return ""
	}
	f := forge.Of(target.Host)
	if f == forge.Other && t.Tree.Forge(target.Host) == forge.Bitbucket {
		f = forge.Bitbucket
	}
	if ordered, err := target.On(f); err == nil {
		target = ordered
	}
	return target.Paths[0]
}

// isWithin reports whether a record is for the target or for a part of it.
func isWithin(c credential.Candidate, target credential.Target) bool {
	if c.Host != target.Host {
		return false
	}
	wanted, err := target.On(c.On())
	if err != nil {
		return false
	}
	if len(wanted.Paths) == 0 {
		return true
	}
	return slices.ContainsFunc(c.Paths, func(path string) bool {
		return path == wanted.Paths[0] || strings.HasPrefix(path, wanted.Paths[0]+"/")
	})
}

// covers reports whether a token may answer for a target.
func covers(c credential.Candidate, target credential.Target) bool {
	if len(c.Paths) == 0 || len(target.Paths) == 0 {
		return len(c.Paths) == 0
	}
	return slices.ContainsFunc(c.Paths, func(path string) bool {
		return path == target.Paths[0] || strings.HasPrefix(target.Paths[0], path+"/")
	})
}

// Read returns what a read-only store has. It is empty if the store has nothing.
func (t *Tokens) Read(ctx context.Context, name string) (credential.Secret, error) {
	s, err := t.Open(name)
	if err != nil {
		return credential.Secret{}, err
	}
	secret, err := s.Get(ctx, store.ProbeKey)
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return secret, err
}
