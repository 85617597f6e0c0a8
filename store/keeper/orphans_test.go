package keeper

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// A secret in the file store is an orphan unless a record names it.
func TestOrphans(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	secrets := openStore(t, "file", tree)
	orphans := func() (keys []string) {
		t.Helper()
		records, _, _, err := tree.Survey()
		files, err2 := store.FindSecretFiles(tree.Dir())
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		for _, orphan := range Orphans(files, records) {
			keys = append(keys, orphan.Key)
		}
		return keys
	}
	for _, test := range []struct {
		what   string
		file   string // below secrets
		record string // the store of the record of its key, if there is one
		orphan bool
	}{
		{"with its record", "github.com/acme/@/laptop", "file", false},
		{"without one", "github.com/acme/@/lost", "", true},
		{"of a token that is elsewhere", "github.com/acme/@/moved", "keyring", true},
		{"under no key at all", "github.com/acme/laptop~", "", true},
		{"half written", "github.com/acme/@/" + disk.Temporary + "1", "", false},
	} {
		path := filepath.Join(tree.Dir(), "secrets", filepath.FromSlash(test.file))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		if test.record != "" {
			r := storetest.Record(filepath.Base(test.file), "acme")
			r.Store = test.record
			put(t, tree, r)
		}
		got, err := IsOrphan(tree, test.file)
		if disk.IsTemporary(filepath.Base(test.file)) {
			got = false
		}
		if found := orphans(); got != test.orphan || slices.Contains(found, test.file) != test.orphan || err != nil {
			t.Errorf("%s: got %v, %v and %q, want %v", test.what, got, err, found, test.orphan)
		}
		if !test.orphan {
			continue
		}
		if err := secrets.Delete(t.Context(), test.file); err != nil {
			t.Fatal(err)
		}
		if found := orphans(); len(found) > 0 {
			t.Errorf("%s, deleted: got %q, want none", test.what, found)
		}
	}
	// The record cannot be read, and may name the secret.
	put(t, tree, storetest.Record("laptop", "acme"))
	if err := os.WriteFile(recordFile(tree, "github.com/acme/@/laptop"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if found := orphans(); len(found) > 0 {
		t.Errorf("with a damaged record: got %q, want none", found)
	}
	if got, err := IsOrphan(tree, "github.com/acme/@/laptop"); got || err != nil {
		t.Errorf("with a damaged record: got %v, %v, want no orphan", got, err)
	}
	tree = newTree(t)
	if found := orphans(); len(found) > 0 {
		t.Errorf("without files: got %q, want none", found)
	}
}

// A secret under the key of a new record is deleted. One with a record is not.
func TestClear(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	secrets := openStore(t, "file", tree)
	r := storetest.Record("laptop", "acme")
	r.Store = "file"
	for _, recorded := range []bool{false, true} {
		if err := secrets.Set(t.Context(), record.Key(r), credential.NewSecret("left")); err != nil {
			t.Fatal(err)
		}
		if recorded {
			put(t, tree, r)
		}
		if err := Clear(t.Context(), tree, secrets, r); err != nil {
			t.Fatal(err)
		}
		if _, err := secrets.Get(t.Context(), record.Key(r)); errors.Is(err, store.ErrNotFound) == recorded {
			t.Errorf("with a record %v: got %v", recorded, err)
		}
	}
}
