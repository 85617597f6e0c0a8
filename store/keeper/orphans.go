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

// An Orphan is a secret in the file store without a record. It remains if a move
// was killed or a person moved files. Other stores cannot list their secrets.
type Orphan struct {
	Key  string
	Path string // of the file

	// At has the target and name of the record that the key belongs to. It is
	// nil if the key is not valid.
	At *credential.Record
}

// Orphans returns the secrets in the file store that have no record. The argument
// records must hold all records.
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

// namesFile reports whether the secret of a record may be in the file store.
func namesFile(c credential.Candidate) bool {
	return c.Damaged != nil || c.Store == "file"
}

// IsOrphan reports whether a key in the file store has no record now.
func IsOrphan(t *record.Tree, key string) (bool, error) {
	c, err := t.Find(key)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return err == nil && !namesFile(c), err
}

// Clear deletes the secret under the key of a new record, unless the record
// exists. A move that was killed may have left an old secret there, and it must
// not be used for the new token. The caller must hold the lock.
func Clear(ctx context.Context, t *record.Tree, s store.Store, r credential.Record) error {
	key := record.Key(r)
	if _, err := t.Find(key); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	err := s.Delete(ctx, key)
	if strings.HasPrefix(r.Store, "git:") {
		return nil // some helpers cannot delete
	}
	return err
}
