package tokens

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// A ChangedError says that another program changed or removed a token after it was
// shown to a person.
type ChangedError struct {
	Record credential.Record // as it was shown
	Gone   bool              // it was removed
}

func (e *ChangedError) Error() string {
	what := "changed"
	if e.Gone {
		what = "removed"
	}
	return fmt.Sprintf("the token %s was %s meanwhile", e.Record.Title(), what)
}

// IfUnchanged takes the lock and calls do, if the record is still the one that was
// shown. Otherwise the error is a *ChangedError. A token that was used or set aside
// meanwhile is unchanged.
func (t *Tokens) IfUnchanged(ctx context.Context, shown credential.Candidate, do func(now credential.Candidate) error) error {
	t.Unlock(ctx, shown.Store)
	unlock, err := t.Tree.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	now, err := t.Tree.Find(shown.Key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &ChangedError{shown.Record, true}
	case err != nil:
		return err
	case !now.Record.Equal(shown.Record) || damage(now) != damage(shown):
		return &ChangedError{shown.Record, false}
	}
	return do(now)
}

// damage returns what is wrong with a record that cannot be read.
func damage(c credential.Candidate) string {
	if c.Damaged == nil {
		return ""
	}
	return c.Damaged.Error()
}

// SameSecret returns a *ChangedError unless a token has the secret that it had
// before; nil stands for no secret. The caller holds the lock.
func (t *Tokens) SameSecret(ctx context.Context, c credential.Candidate, before *credential.Secret) error {
	now, err := t.Secret(ctx, c)
	var lost *LostError
	switch {
	case errors.As(err, &lost) && before == nil:
		return nil
	case err != nil:
		return err
	case before == nil || !now.Equal(*before):
		return &ChangedError{c.Record, false}
	}
	return nil
}

// Keep writes a record and its secret, either in place of an old record with the
// same key, or, if old is nil, where there is none. In that case the error is
// fs.ErrExist if there is one. The token is not set aside afterwards. If the store
// changed, the secret is deleted from the old store, and a failure of that is a
// *CopyError. The caller holds the lock.
func (t *Tokens) Keep(ctx context.Context, old *credential.Candidate, r credential.Record, secret credential.Secret) error {
	if old == nil {
		return t.create(ctx, r, secret, false)
	}
	if err := t.write(ctx, old, r, secret); err != nil {
		return err
	}
	if err := t.Tree.Restore(record.Key(r)); err != nil {
		return err
	}
	switch {
	case old.Damaged == nil && old.Store != r.Store:
		return t.deleteOld(ctx, r, secret, old.Store)
	case old.Damaged != nil && r.Store != "file":
		return t.deleteOld(ctx, r, secret, "file") // where its secret may have been
	}
	return nil
}

// create writes a new record and its secret. The mark of a token that is to be set
// aside is written before the secret.
func (t *Tokens) create(ctx context.Context, r credential.Record, secret credential.Secret, aside bool) error {
	to, err := t.Open(r.Store)
	if err != nil {
		return err
	}
	if err := keeper.Clear(ctx, t.Tree, to, r); err != nil {
		return err
	}
	key := record.Key(r)
	if err := t.Tree.Create(r); err != nil {
		return err
	}
	if aside {
		err = t.Tree.SetAside(key, credential.Aside{Time: t.Now.UTC(), Reason: unchecked})
	} else {
		err = t.Tree.Restore(key)
	}
	if err == nil && !store.ReadOnly(r.Store) {
		err = to.Set(ctx, key, secret)
	}
	switch {
	case err == nil:
		return nil
	case isLate(err):
		return &LateError{r, err}
	}
	return errors.Join(err, t.Tree.Remove(key))
}

// write writes a record and its secret in place of an old record. The old record
// changes only after the store has the new secret. Before that, the record is
// written without what is true of only one of the two secrets: if the program is
// killed, it is true of either. That also shows that records can be written at all.
func (t *Tokens) write(ctx context.Context, old *credential.Candidate, r credential.Record, secret credential.Secret) error {
	to, err := t.Open(r.Store)
	if err != nil {
		return err
	}
	if err := t.Tree.Check(r); err != nil {
		return err // before the old secret is gone
	}
	key := record.Key(r)
	moved := old.Damaged == nil && old.Store != r.Store
	if old.Damaged == nil {
		if err := t.Tree.Put(common(old.Record, r)); err != nil {
			return err
		}
	}
	if !store.ReadOnly(r.Store) {
		err = to.Set(ctx, key, secret)
		if err == nil && moved {
			err = t.readBack(ctx, to, r, secret)
		}
	}
	switch {
	case err == nil:
	case isLate(err) && !moved:
		return &LateError{r, err}
	case old.Damaged != nil:
		return err
	case !moved:
		return errors.Join(err, t.Tree.Put(old.Record))
	}
	if err == nil {
		err = t.Tree.Put(r)
	}
	if err != nil && moved {
		// Put may fail after it changed the record. Then the record needs the new secret.
		if now, failed := t.Tree.Find(key); failed == nil && now.Record.Equal(old.Record) {
			to.Delete(ctx, key)
		}
	}
	return err
}

// common returns an old record without what is not true of the new one too.
func common(old, r credential.Record) credential.Record {
	if old.Store != r.Store {
		return old // its secret stays in the old store
	}
	if old.Username != r.Username {
		old.Username = ""
	}
	if !old.Expires.Equal(r.Expires) {
		old.Expires = time.Time{}
	}
	return old
}

// A LateError says that a store did not answer in time when a secret was written.
// It may still write the secret, so the record stays.
type LateError struct {
	Record credential.Record
	Err    error
}

func (e *LateError) Error() string { return e.Err.Error() }

func (e *LateError) Unwrap() error { return e.Err }

func isLate(err error) bool {
	var failed *store.Error
	return errors.As(err, &failed) && failed.Late
}

// readBack makes sure that a store has the secret that was written to it.
func (t *Tokens) readBack(ctx context.Context, from store.Store, r credential.Record, secret credential.Secret) error {
	back, err := from.Get(ctx, record.Key(r))
	if errors.Is(err, store.ErrNotFound) || err == nil && !back.Equal(secret) {
		return &store.Error{Store: r.Store, What: "did not store the secret", Advice: "choose another --store"}
	}
	return err
}

// A CopyError says that a token was moved, and that the old store may still have a
// copy of its secret.
type CopyError struct {
	Record credential.Record // with the new store
	Store  string            // the old one
	Err    error
}

func (e *CopyError) Error() string {
	return fmt.Sprintf("an old copy of the token %s is still in the store %s: %v", e.Record.Title(), credential.Quote(e.Store), e.Err)
}

func (e *CopyError) Unwrap() error { return e.Err }

// deleteOld deletes the secret of a token from the store that it was in before. Two
// names of stores may mean one place, such as git:store and git:!git
// credential-store. Then the secret is gone from there too, and is written again.
func (t *Tokens) deleteOld(ctx context.Context, r credential.Record, secret credential.Secret, from string) error {
	old, err := t.Open(from)
	if err == nil {
		err = old.Delete(ctx, record.Key(r))
	}
	if err != nil {
		return &CopyError{r, from, err}
	}
	if store.ReadOnly(r.Store) {
		return nil
	}
	s, err := t.Open(r.Store)
	if err != nil {
		return err
	}
	if _, err = s.Get(ctx, record.Key(r)); errors.Is(err, store.ErrNotFound) {
		return s.Set(ctx, record.Key(r), secret)
	}
	return err
}

// Remove deletes the secret of a token and then its record. The caller holds the
// lock.
func (t *Tokens) Remove(ctx context.Context, c credential.Candidate) error {
	names := []string{c.Store}
	if c.Store != "file" {
		names = append(names, "file") // a move that was interrupted may have left a copy
	}
	if c.Damaged != nil {
		names = []string{"file", "keyring"} // the record does not say which
	}
	for _, name := range names {
		s, err := t.Open(name)
		if err != nil {
			return err
		}
		err = s.Delete(ctx, c.Key)
		var failed *store.Error
		if c.Damaged != nil && errors.As(err, &failed) && failed.Absent {
			continue
		}
		if err != nil {
			return err
		}
	}
	return t.Tree.Remove(c.Key)
}
