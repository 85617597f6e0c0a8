package keeper

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// An Orphan is a secret in a plain file that no record names. There is
// one where a move to another store was cut short, or where somebody moved files
// by hand. Other stores cannot be asked what they have.
type Orphan struct {
	Key  string
	Path string // of the file

	// At has the target and the name of a record that would have the key, as far
	// as that tells them. It is nil if none could.
	At *credential.Record
}

// Orphans returns the secrets in plain files that none of the records names,
// which are all that there are.
func Orphans(files *store.SecretFiles, records []credential.Candidate) []Orphan {
	named := map[string]bool{}
	for _, c := range records {
		named[c.Key] = namesFile(c)
	}
	var found []Orphan
	for key, path := range files.Paths() {
		if named[key] {
			continue
		}
		orphan := Orphan{Key: key, Path: path}
		if at, ok := record.AtKey(key); ok {
			orphan.At = &at
		}
		found = append(found, orphan)
	}
	slices.SortFunc(found, func(x, y Orphan) int { return strings.Compare(x.Key, y.Key) })
	return found
}

// namesFile reports whether a record says that its secret is in a plain file. One
// that cannot be read may say so.
func namesFile(c credential.Candidate) bool {
	return c.Damaged != nil || c.Store == "file"
}

// IsOrphan reports whether no record names the secret of a key in a plain file.
func IsOrphan(t *record.Tree, key string) (bool, error) {
	c, err := t.Find(key)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return err == nil && !namesFile(c), err
}

// Clear deletes what the store of a new record has under its key while there is
// no record yet. A move that was killed may have left it there, and it must not
// answer for the new token. The caller holds the lock.
func Clear(ctx context.Context, t *record.Tree, s store.Store, r credential.Record) error {
	key := record.Key(r)
	if _, err := t.Find(key); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	err := s.Delete(ctx, key)
	if strings.HasPrefix(r.Store, "git:") {
		return nil // some helpers cannot erase
	}
	return err
}
