package tokens

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// An Exchange gets a new secret for a token from its forge. The old secret is dead
// afterwards, unless there is an error. expires is zero if the new token does not
// expire or that is unknown.
type Exchange func(ctx context.Context, r credential.Record, old credential.Secret) (fresh credential.Secret, expires time.Time, err error)

// Renew puts the secret that an exchange returns in place of the secret of a token. It
// is for forges that kill the old token when they issue the new one, so nothing may go
// wrong between the two:
//
//   - Before the exchange, the record and the old secret are written again. If that
//     fails, nothing is exchanged.
//   - The new secret is stored before anything else is done with it. If its store
//     fails at this moment, the secret is stored in the file store, and the error is
//     a *FallbackError. If that fails too, the error is an *UnkeptError with the
//     secret.
//   - The lock is held meanwhile, because a second exchange of the same secret may
//     make the forge revoke the new token. Other commands wait for it.
//
// The error of the exchange is returned as it is. Other errors, except the two above
// and an *UnrecordedError, mean that nothing was exchanged. If the program is killed
// while the exchange runs, the new secret is lost.
func (t *Tokens) Renew(ctx context.Context, shown credential.Candidate, exchange Exchange) (credential.Record, error) {
	renewed := shown.Record
	err := t.IfUnchanged(ctx, shown, func(now credential.Candidate) (err error) {
		renewed, err = t.renew(ctx, now, exchange)
		return err
	})
	return renewed, err
}

func (t *Tokens) renew(ctx context.Context, now credential.Candidate, exchange Exchange) (credential.Record, error) {
	switch {
	case now.Damaged != nil:
		return now.Record, now.Damaged
	case store.ReadOnly(now.Store):
		return now.Record, &store.Error{Store: now.Store, What: "is read-only", Advice: "replace the token there"}
	}
	to, err := t.Open(now.Store)
	if err != nil {
		return now.Record, err
	}
	old, err := t.Secret(ctx, now)
	if err != nil {
		return now.Record, err
	}
	pending := now.Record
	pending.Expires = time.Time{} // the rest is true of either secret, if the program is killed
	if err := t.Tree.Put(pending); err != nil {
		return now.Record, err
	}
	err = to.Set(ctx, now.Key, old)
	var fresh credential.Secret
	var expires time.Time
	if err == nil {
		fresh, expires, err = exchange(ctx, now.Record, old)
	}
	if err != nil {
		return now.Record, errors.Join(err, t.Tree.Put(now.Record))
	}
	renewed := now.Record
	renewed.Added, renewed.Expires = t.Now.UTC(), expires
	return t.keepRenewed(context.WithoutCancel(ctx), to, renewed, now.Key, fresh)
}

// keepRenewed stores a new secret whose old one is dead.
func (t *Tokens) keepRenewed(ctx context.Context, to store.Store, r credential.Record, key string, fresh credential.Secret) (credential.Record, error) {
	err := to.Set(ctx, key, fresh)
	if err == nil {
		back, failed := to.Get(ctx, key)
		if errors.Is(failed, store.ErrNotFound) || failed == nil && !back.Equal(fresh) {
			err = &store.Error{Store: r.Store, What: "did not store the secret"}
		}
	}
	if err != nil {
		return t.keepInFile(ctx, r, key, fresh, err)
	}
	if err := errors.Join(t.Tree.Put(r), t.Tree.Restore(key)); err != nil {
		return r, &UnrecordedError{r, err}
	}
	return r, nil
}

// keepInFile stores a new secret in the file store because its own store failed.
func (t *Tokens) keepInFile(ctx context.Context, r credential.Record, key string, fresh credential.Secret, cause error) (credential.Record, error) {
	unkept := &UnkeptError{r, fresh, cause}
	if r.Store == "file" {
		return r, unkept
	}
	from := r.Store
	r.Store = "file"
	file, err := t.Open(r.Store)
	if err == nil {
		err = file.Set(ctx, key, fresh)
	}
	if err == nil {
		err = t.Tree.Put(r)
	}
	if err != nil {
		unkept.Err = errors.Join(cause, err)
		return unkept.Record, unkept
	}
	return r, errors.Join(&FallbackError{r, from, cause}, t.Tree.Restore(key))
}

// A FallbackError says that the store of a renewed token failed, and that the token is
// now in the file store: a plain file that only its owner can read. The old store may
// have the old secret, or a copy of the new one.
type FallbackError struct {
	Record credential.Record // with the file store
	Store  string            // the one that failed
	Err    error
}

func (e *FallbackError) Error() string {
	return fmt.Sprintf("the new token %s is in the store \"file\", because its own store failed: %v", e.Record.Title(), e.Err)
}

func (e *FallbackError) Unwrap() error { return e.Err }

// An UnkeptError says that a renewed token could not be stored anywhere. Only the
// error has its secret: whoever gets the error offers it to a person, or it is lost.
type UnkeptError struct {
	Record credential.Record
	Secret credential.Secret
	Err    error
}

func (e *UnkeptError) Error() string {
	return fmt.Sprintf("the new token %s could not be stored, and the old one is dead: %v", e.Record.Title(), e.Err)
}

func (e *UnkeptError) Unwrap() error { return e.Err }

// An UnrecordedError says that a renewed token is stored and answers, but that its
// record does not say yet when it was renewed and when it expires.
type UnrecordedError struct {
	Record credential.Record // as it should be
	Err    error
}

func (e *UnrecordedError) Error() string {
	return fmt.Sprintf("the new token %s is stored, but its record could not be written: %v", e.Record.Title(), e.Err)
}

func (e *UnrecordedError) Unwrap() error { return e.Err }
