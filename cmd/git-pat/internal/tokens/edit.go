package tokens

import (
	"context"
	"errors"
	"io/fs"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// Edit changes the record of a token, and moves its secret if that is necessary. The
// error is a *ChangedError if the record is no longer the one that was shown, and an
// *ExistsError if another token has the new target and name.
//
// If the program is killed, the token answers as before or as it was to be. The error
// is a *CopyError if the token was changed and the old store still has the secret too.
func (t *Tokens) Edit(ctx context.Context, shown credential.Candidate, r credential.Record) error {
	r.From, r.Moved = "", false
	return t.IfUnchanged(ctx, shown, func(now credential.Candidate) error {
		if record.Key(r) != now.Key {
			return t.replace(ctx, now, r)
		}
		if r.Store == now.Store {
			return t.Tree.Put(r)
		}
		secret, err := t.Secret(ctx, now)
		if err != nil {
			return err
		}
		if err := t.write(ctx, &now, r, secret); err != nil {
			return err
		}
		return t.deleteOld(ctx, r, secret, now.Store)
	})
}

// replace gives a token another key, in the steps that package record describes. The
// caller holds the lock.
func (t *Tokens) replace(ctx context.Context, old credential.Candidate, r credential.Record) error {
	fresh := credential.Candidate{Record: r, Key: record.Key(r)}
	fresh.From = old.Key
	if err := t.makeRoom(ctx, fresh.Key); err != nil {
		return err
	}
	if old.From != "" { // an interrupted replace has not removed it
		old.From = ""
		if err := t.Tree.Put(old.Record); err != nil {
			return err
		}
	}
	if err := t.copyTo(ctx, old, fresh); err != nil {
		return err
	}
	moved := old.Record
	moved.Moved = true
	if err := t.Tree.Put(moved); err != nil {
		// It may fail after it changed the record.
		if now, failed := t.Tree.Find(old.Key); failed != nil || !now.Moved {
			t.Remove(ctx, fresh) // if it stays, RemoveCopy can remove it
			return err
		}
	}
	if err := t.Remove(ctx, old); err != nil {
		return &CopyError{r, old.Store, err}
	}
	return t.Tree.Put(r)
}

// makeRoom makes sure that no token has a key. It removes what an interrupted replace
// left there.
func (t *Tokens) makeRoom(ctx context.Context, key string) error {
	c, err := t.Tree.Find(key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case t.Tree.IsUnfinished(c):
		return t.Remove(ctx, c)
	case c.Damaged != nil:
		return c.Damaged
	}
	return &ExistsError{c}
}

// copyTo writes a new record with the secret and the marks of an old one. After an
// error, neither is there any more if the stores allow it.
func (t *Tokens) copyTo(ctx context.Context, old, fresh credential.Candidate) error {
	to, err := t.Open(fresh.Store)
	if err != nil {
		return err
	}
	var secret credential.Secret
	readOnly := store.ReadOnly(fresh.Store)
	if !readOnly {
		if secret, err = t.Secret(ctx, old); err != nil {
			return err
		}
		if err := keeper.Clear(ctx, t.Tree, to, fresh.Record); err != nil {
			return err
		}
	}
	if err := t.Tree.Create(fresh.Record); err != nil {
		return err
	}
	if !readOnly {
		err = to.Set(ctx, fresh.Key, secret)
		if err == nil {
			err = t.readBack(ctx, to, fresh.Record, secret)
		}
	}
	if err == nil && old.Aside != nil {
		err = t.Tree.SetAside(fresh.Key, *old.Aside)
	}
	if err == nil && !old.Used.IsZero() {
		err = t.Tree.NoteUse(fresh.Key, old.Used)
	}
	if err != nil {
		t.Remove(ctx, fresh) // if it stays, RemoveCopy can remove it
	}
	return err
}

// RemoveCopy removes a record that is left of an interrupted change, with its secret.
// The error is a *ChangedError if it answers by now or is gone.
func (t *Tokens) RemoveCopy(ctx context.Context, shown credential.Candidate) error {
	return t.IfUnchanged(ctx, shown, func(now credential.Candidate) error {
		if !t.Tree.IsUnfinished(now) {
			return &ChangedError{now.Record, false}
		}
		return t.Remove(ctx, now)
	})
}
