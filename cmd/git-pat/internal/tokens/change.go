package tokens

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

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
	if err := t.write(ctx, old, r, secret); err != nil {
		return err
	}
	if err := t.Tree.Restore(record.Key(r)); err != nil {
		return err
	}
	if old != nil && old.Damaged == nil && old.Store != r.Store {
		return t.deleteOld(ctx, r, secret, old.Store)
	}
	return nil
}

// write writes a record and its secret. If there is a record, it changes only after
// its store has the new secret: first the old record is written once more, to see
// that records can be written at all, and last the new one.
func (t *Tokens) write(ctx context.Context, old *credential.Candidate, r credential.Record, secret credential.Secret) error {
	to, err := t.Open(r.Store)
	if err != nil {
		return err
	}
	key := record.Key(r)
	moved := old != nil && old.Damaged == nil && old.Store != r.Store
	switch {
	case old == nil:
		if err := keeper.Clear(ctx, t.Tree, to, r); err != nil {
			return err
		}
		err = t.Tree.Create(r)
	case old.Damaged == nil:
		err = t.Tree.Put(old.Record)
	}
	if err != nil {
		return err
	}
	if !store.ReadOnly(r.Store) {
		err = to.Set(ctx, key, secret)
		if err == nil && moved {
			err = t.readBack(ctx, to, r, secret)
		}
	}
	if err == nil && old != nil {
		err = t.Tree.Put(r)
	}
	if err == nil {
		return nil
	}
	if old == nil {
		return errors.Join(err, t.Tree.Remove(key))
	}
	if moved {
		// Put may fail after it changed the record. Then the record needs the new secret.
		if now, failed := t.Tree.Find(key); failed == nil && now.Record.Equal(old.Record) {
			to.Delete(ctx, key)
		}
	}
	return err
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
