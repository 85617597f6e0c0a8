package record

import (
	"slices"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A token gets another key in these steps:
//
//  1. The new record is written, with the key of the old one in From.
//  2. The secret is written under the new key.
//  3. The old record is marked as Moved.
//  4. The old secret and the old record are removed.
//  5. From is removed from the new record.
//
// Step 3 is atomic: before it only the old record answers, and after it only the
// new one. A program that is killed may leave a record that does not answer.
// Only Find and Survey return it.

// live returns the records that may answer, and whether one of the others has
// been replaced.
func (t *Tree) live(records []credential.Candidate) (live []credential.Candidate, moved bool) {
	changing := func(c credential.Candidate) bool { return c.Moved || c.From != "" }
	if !slices.ContainsFunc(records, changing) {
		return records, false
	}
	for _, c := range records {
		replaced := slices.ContainsFunc(records, func(n credential.Candidate) bool {
			return n.From == c.Key && n.Added.Equal(c.Added) && !t.IsUnfinished(n)
		})
		moved = moved || c.Moved
		if !replaced && !t.IsUnfinished(c) {
			live = append(live, c)
		}
	}
	return live, moved
}

// IsUnfinished reports whether a record does not answer, because another record
// of the same token does.
func (t *Tree) IsUnfinished(c credential.Candidate) bool {
	if c.Moved || c.From == "" || !isKey(c.From) {
		return c.Moved
	}
	old, err := parse(t.path(c.From, recordEnding))
	// A token that was added later has another time.
	return err == nil && !old.Moved && old.Added.Equal(c.Added)
}

// onlyLive returns a yield that skips records that do not answer.
func (t *Tree) onlyLive(yield func(credential.Candidate, error) bool) func(credential.Candidate, error) bool {
	return func(c credential.Candidate, err error) bool {
		return err == nil && t.IsUnfinished(c) || yield(c, err)
	}
}
