package main

// While a person thinks about a question, or a server is asked, other programs
// may rotate, move or remove the token that it is about. What is done then is
// done to the very token that was shown, or not at all.

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// A changedError says that a token is not what it was when it was shown.
type changedError struct {
	record credential.Record // as it was shown
	gone   bool              // it is not there any more
	so     string            // what that means, as in "nothing is removed"
}

func (e *changedError) Error() string {
	what := "changed"
	if e.gone {
		what = "removed"
	}
	return fmt.Sprintf("the token %s was %s meanwhile, so %s", e.record.Title(), what, e.so)
}

// Unwrap says what helps.
func (e *changedError) Unwrap() error {
	return &hintError{hint: "to see what there is now:", commands: []string{"git pat list " + shellWord(e.record.Target.Short())}}
}

// ifUnchanged takes the lock and does something if a token's record is still
// the one that was shown. Otherwise the error is a *changedError. Marks beside
// the record do not count: that a token was used or refused does not make it
// another one.
func (a *app) ifUnchanged(tree *record.Tree, shown credential.Candidate, so string, do func(now credential.Candidate) error) error {
	a.wake(tree, shown.Store)
	unlock, err := tree.Lock(a.ctx)
	if err != nil {
		return err
	}
	defer unlock()
	now, err := tree.Find(shown.Key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &changedError{shown.Record, true, so}
	case err != nil:
		return err
	case !now.Record.Equal(shown.Record) || damageText(now) != damageText(shown):
		return &changedError{shown.Record, false, so}
	}
	return do(now)
}

// wake has the keyring unlocked, if it is among some stores, before the lock is
// taken: a person may have to type a password. What is the matter with it is
// said when it is used.
func (a *app) wake(tree *record.Tree, names ...string) {
	if slices.Contains(names, "keyring") {
		a.trouble(tree, "keyring")
	}
}

// damageText tells one record that cannot be read from another, as far as that
// can be told.
func damageText(c credential.Candidate) string {
	if c.Damaged == nil {
		return ""
	}
	return c.Damaged.Error()
}

// sameSecret makes sure that a token's secret is the one that was read before;
// nil is for none. The caller holds the lock.
func (a *app) sameSecret(tree *record.Tree, c credential.Candidate, before *credential.Secret, so string) error {
	now, err := a.secretOf(tree, c)
	var lost *lostError
	switch {
	case errors.As(err, &lost) && before == nil:
		return nil
	case err != nil:
		return err
	case before == nil || !now.Equal(*before):
		return &changedError{c.Record, false, so}
	}
	return nil
}
