package tokens

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// An Addition is the result of Add.
type Addition struct {
	Record   credential.Record
	Replaced bool // there was a token with its target and name
	Default  bool // nobody chose the store
}

// Add keeps a token that a person gave. A record without a name gets one, and
// without a store it gets the store of the token that it replaces, or the default.
//
// A token that the server rejected replaces none: the error is an *ExistsError
// then. Otherwise it is kept, because a server shows a token only once and may be
// wrong, and set aside.
func (t *Tokens) Add(ctx context.Context, r credential.Record, secret credential.Secret, rejected bool) (Addition, error) {
	// A person may have to unlock the keyring, which takes longer than others
	// should wait for the lock.
	ahead, _, err := t.complete(r, rejected)
	if err != nil {
		return Addition{}, err
	}
	usual := ""
	if ahead.Store == "" {
		usual = store.Default(ctx, t.Options)
	}
	t.Unlock(ctx, ahead.Store)

	unlock, err := t.Tree.Lock(ctx)
	if err != nil {
		return Addition{}, err
	}
	defer unlock()
	r, old, err := t.complete(r, rejected)
	if err != nil {
		return Addition{}, err
	}
	added := Addition{Replaced: old != nil, Default: r.Store == ""}
	if added.Default {
		if usual == "" { // the token whose store it was to have is gone
			usual = store.Default(ctx, t.Options)
		}
		r.Store = usual
	}
	added.Record = r
	if err := t.Keep(ctx, old, r, secret); err != nil {
		return added, err
	}
	if rejected {
		err = t.Tree.SetAside(record.Key(r), credential.Refused(r.Host, t.Now))
	}
	return added, err
}

// An ExistsError says that another token is in the way of a new one.
type ExistsError struct{ Old credential.Candidate }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("there is a token %s for %s already", credential.Quote(e.Old.Name), e.Old.Target)
}

// complete completes a record with what is known of the token that it replaces,
// and returns that token. If nobody chose a store, it stays empty.
func (t *Tokens) complete(r credential.Record, rejected bool) (credential.Record, *credential.Candidate, error) {
	var err error
	if r.Name == "" {
		if r.Name, err = t.defaultName(r); err != nil {
			return r, nil, err
		}
	}
	old, err := t.Tree.Find(record.Key(r))
	var file *disk.FileError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return r, nil, nil
	case err != nil:
		return r, nil, err
	case errors.As(old.Damaged, &file) && file.Newer:
		return r, nil, old.Damaged
	case old.Damaged != nil:
		return r, &old, nil
	case rejected || !old.Target.Equal(r.Target):
		return r, nil, &ExistsError{old}
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
	return r, &old, nil
}

// defaultName returns the name of a token for which nobody chose one. It is the
// name of a token with the same target and kind that was named before its login was
// known. Otherwise it is the login or the kind.
func (t *Tokens) defaultName(r credential.Record) (string, error) {
	same, err := t.For(r.Target)
	if err != nil {
		return "", err
	}
	unnamed := record.DefaultName(credential.Record{Kind: r.Kind, Access: r.Access})
	for _, c := range same {
		if c.Kind == r.Kind && c.Name == unnamed && (c.Username == "" || credential.EqualFold(c.Username, r.Username)) {
			return c.Name, nil
		}
	}
	return record.DefaultName(r), nil
}
