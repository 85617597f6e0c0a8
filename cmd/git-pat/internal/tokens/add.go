package tokens

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// Existing says what Add does with a token that a new one may replace: the one with
// its name, or without a name the one with its target and login. The zero value keeps
// it. Then the new token gets a name that is free, or if the person chose the name,
// the error is an *ExistsError.
type Existing struct {
	Replace bool // replace it, also one with another login

	// Stage stores the new token beside it, set aside. A server or a person decides
	// later whether it replaces the other.
	Stage bool
}

// An Addition is the result of Add.
type Addition struct {
	Record   credential.Record
	Already  bool // the token was stored before, with the same secret
	Replaced bool // it replaced another token
	Default  bool // nobody chose the store

	// Old is the token that the new one may replace. It is nil unless the new one
	// is staged.
	Old *credential.Candidate
}

// Add stores a token that a person gave. A record without a name gets one, and
// without a store it gets the store of the token that it replaces, or the default.
//
// If a token of the same target has the same secret, it is the same token. Then its
// record gets what the person gave, and the token is no longer set aside.
func (t *Tokens) Add(ctx context.Context, r credential.Record, secret credential.Secret, existing Existing) (Addition, error) {
	// A person may have to unlock the keyring, which takes longer than others
	// should wait for the lock.
	same, err := t.For(r.Target)
	if err != nil {
		return Addition{}, err
	}
	names := []string{r.Store}
	for _, c := range same {
		names = append(names, c.Store)
	}
	usual := ""
	if r.Store == "" {
		usual = store.Default(ctx, t.Options)
		names = append(names, usual)
	}
	t.Unlock(ctx, names...)

	unlock, err := t.Tree.Lock(ctx)
	if err != nil {
		return Addition{}, err
	}
	defer unlock()
	if same, err = t.For(r.Target); err != nil {
		return Addition{}, err
	}
	for _, c := range same {
		var file *disk.FileError
		if errors.As(c.Damaged, &file) && file.Newer {
			return Addition{}, c.Damaged
		}
	}
	added := Addition{Record: r}
	old := t.holder(ctx, same, r, secret)
	if old != nil && IsStaged(*old) {
		// It was staged by a program that did not come to an end.
		if err := t.Remove(ctx, *old); err != nil {
			return added, err
		}
		same = slices.DeleteFunc(same, func(c credential.Candidate) bool { return c.Key == old.Key })
		old = nil
	}
	if added.Already = old != nil; added.Already {
		added.Record = updated(old.Record, r)
	} else if old, err = t.existing(ctx, same, r, secret, existing); err != nil {
		return added, err
	}
	beside := old == nil
	switch {
	case added.Already:
	case old != nil && existing.Stage && t.loses(ctx, *old, secret):
		added.Old, beside = old, true
	case old != nil && !existing.Replace && t.loses(ctx, *old, secret):
		return added, &ExistsError{*old}
	case old != nil:
		added.Record, added.Replaced = t.replacing(*old, r), true
	}
	if added.Default = added.Record.Store == ""; added.Default {
		added.Record.Store = usual
		if added.Old != nil && !store.ReadOnly(added.Old.Store) {
			added.Record.Store, added.Default = added.Old.Store, false
		}
	}
	switch {
	case !beside:
		return added, t.Keep(ctx, old, added.Record, secret)
	case added.Record.Name == "":
		added.Record.Name = record.DefaultName(r)
	}
	if added.Record.Name, err = t.FreeName(added.Record); err != nil {
		return added, err
	}
	return added, t.create(ctx, added.Record, secret, added.Old != nil)
}

// An ExistsError says that another token has the name of a new one.
type ExistsError struct{ Old credential.Candidate }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("there is a token %s for %s already", credential.Quote(e.Old.Name), e.Old.Target)
}

// holder returns the token, among those of a target, that has a secret, or nil. A
// store that cannot be read does not count.
func (t *Tokens) holder(ctx context.Context, same []credential.Candidate, r credential.Record, secret credential.Secret) *credential.Candidate {
	for _, c := range same {
		switch has, err := t.Secret(ctx, c); {
		case c.Damaged != nil || c.Kind != r.Kind || store.ReadOnly(c.Store) != store.ReadOnly(r.Store):
		case store.ReadOnly(c.Store):
			if c.Store == r.Store {
				return &c
			}
		case err == nil && has.Equal(secret):
			return &c
		}
	}
	return nil
}

// updated returns an old record with what the person gave for it.
func updated(old, r credential.Record) credential.Record {
	old.Added = r.Added
	if r.Store != "" {
		old.Store = r.Store
	}
	if r.Username != "" {
		old.Username = r.Username
	}
	if r.Forge != "" {
		old.Forge = r.Forge
	}
	if r.Access != "" {
		old.Access = r.Access
	}
	if !r.Expires.IsZero() {
		old.Expires = r.Expires
	}
	return old
}

// existing returns the token that a new one may replace, or nil.
func (t *Tokens) existing(ctx context.Context, same []credential.Candidate, r credential.Record, secret credential.Secret, existing Existing) (*credential.Candidate, error) {
	if r.Name == "" {
		var found []credential.Candidate
		for _, c := range same {
			like := existing.Replace || c.Kind == r.Kind && (c.Username == "" || r.Username == "" || credential.EqualFold(c.Username, r.Username))
			if c.Damaged != nil || !like || r.Access != "" && r.Access != c.Access {
				continue
			}
			// One that lost its secret is completed in any case.
			if existing != (Existing{}) || !t.loses(ctx, c, secret) {
				found = append(found, c)
			}
		}
		switch {
		case len(found) == 1:
			return &found[0], nil
		case len(found) > 1 && existing.Replace:
			return nil, &SeveralError{r.Target, found}
		case !existing.Replace:
			return nil, nil
		}
		r.Name = record.DefaultName(r)
	}
	old, err := t.Tree.Find(record.Key(r))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case old.Damaged == nil && !old.Target.Equal(r.Target):
		return nil, &ExistsError{old}
	}
	return &old, nil
}

// loses reports whether a secret would be lost if a new one replaced the token. It is
// false only if that is certain.
func (t *Tokens) loses(ctx context.Context, c credential.Candidate, secret credential.Secret) bool {
	names := []string{c.Store}
	if c.Damaged != nil {
		names = []string{"file", "keyring"} // the record does not say which
	} else if store.ReadOnly(c.Store) {
		return false
	}
	for _, name := range names {
		s, err := t.Open(name)
		if err != nil {
			return true
		}
		has, err := s.Get(ctx, c.Key)
		var failed *store.Error
		if err == nil && has.Equal(secret) {
			continue
		}
		if !errors.Is(err, store.ErrNotFound) && !(c.Damaged != nil && errors.As(err, &failed) && failed.Absent) {
			return true
		}
	}
	return false
}

// replacing completes a record with what is known of the token that it replaces.
func (t *Tokens) replacing(old credential.Candidate, r credential.Record) credential.Record {
	if r.Name == "" {
		r.Name = old.Name
	}
	if old.Damaged != nil {
		return r
	}
	if r.Store == "" && !store.ReadOnly(old.Store) {
		r.Store = old.Store
	}
	if r.Username == "" {
		r.Username = old.Username
	}
	if r.Access == "" {
		r.Access = old.Access
	}
	if r.Forge == "" {
		r.Forge = old.Forge
	}
	return r
}

// FreeName returns a name for a new record that no record has: its own, or that with
// a number.
func (t *Tokens) FreeName(r credential.Record) (string, error) {
	near, err := t.Tree.Near(r.Host, t.firstPath(r.Target))
	var taken []string
	for _, c := range near {
		if path.Dir(c.Key) == path.Dir(record.Key(r)) {
			taken = append(taken, c.Name)
		}
	}
	return record.FreeName(r.Name, taken), err
}
