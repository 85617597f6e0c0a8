package tokens

import (
	"context"
	"errors"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// unchecked is the reason why a staged token is set aside.
const unchecked = "added but not confirmed"

// IsStaged reports whether a token is staged. It stays so if the program is killed.
func IsStaged(c credential.Candidate) bool { return c.Aside != nil && c.Aside.Reason == unchecked }

// Stage stores a new token beside the one that it may replace. It is set aside, so
// the old one answers meanwhile, also if the program is killed. Complete, Replace or
// Discard follow.
func (t *Tokens) Stage(ctx context.Context, r credential.Record, secret credential.Secret) (credential.Record, error) {
	t.Unlock(ctx, r.Store)
	unlock, err := t.Tree.Lock(ctx)
	if err != nil {
		return r, err
	}
	defer unlock()
	same, err := t.For(r.Target)
	if err != nil {
		return r, err
	}
	if left := t.holder(ctx, same, r, secret); left != nil && IsStaged(*left) {
		return left.Record, nil
	}
	if r.Name, err = t.FreeName(r); err != nil {
		return r, err
	}
	return r, t.create(ctx, r, secret, true)
}

// Complete writes the record of a token that was just added, with what became known
// meanwhile. A staged token answers afterwards.
func (t *Tokens) Complete(ctx context.Context, stored, known credential.Record) error {
	return t.IfUnchanged(ctx, candidate(stored), func(credential.Candidate) error {
		if !known.Equal(stored) {
			if err := t.Tree.Put(known); err != nil {
				return err
			}
		}
		return t.Tree.Restore(record.Key(stored))
	})
}

// Replace puts a staged token in place of an old one, if both are unchanged. known
// is the new record, with any name and store.
func (t *Tokens) Replace(ctx context.Context, old credential.Candidate, staged, known credential.Record, secret credential.Secret) (credential.Record, error) {
	known.Name = old.Name
	known = t.replacing(old, known)
	err := t.IfUnchanged(ctx, old, func(now credential.Candidate) error {
		return t.ReplaceLocked(ctx, now, &staged, known, secret)
	})
	return known, err
}

// ReplaceLocked is Replace for a caller that holds the lock. There may be no staged
// token.
func (t *Tokens) ReplaceLocked(ctx context.Context, old credential.Candidate, staged *credential.Record, known credential.Record, secret credential.Secret) error {
	err := t.Keep(ctx, &old, known, secret)
	var copied *CopyError
	if staged == nil || err != nil && !errors.As(err, &copied) {
		return err
	}
	return errors.Join(err, t.Remove(ctx, candidate(*staged)))
}

// Discard removes a token that was just added, if it is unchanged.
func (t *Tokens) Discard(ctx context.Context, stored credential.Record) error {
	err := t.IfUnchanged(ctx, candidate(stored), func(now credential.Candidate) error { return t.Remove(ctx, now) })
	var changed *ChangedError
	if errors.As(err, &changed) {
		return nil
	}
	return err
}

func candidate(r credential.Record) credential.Candidate {
	return credential.Candidate{Record: r, Key: record.Key(r)}
}
