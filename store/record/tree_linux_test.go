package record

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

// A lookup reads only the folders along the path. In this test no other folder can
// be listed.
func TestLookupListsNoSiblings(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	put(t, tree, storetest.Record("whole"), storetest.Record("owner", "acme"), storetest.Record("repo", "acme/widgets"), storetest.Record("other", "umbrella"), storetest.Record("other", "acme/gadgets"))
	folder := func(name string) string { return filepath.Join(tree.Dir(), filepath.FromSlash(name)) }
	storetest.Frozen(t, 0o300, folder("tokens/github.com/acme"), folder("tokens/github.com"), folder("tokens"), tree.Dir())
	storetest.Frozen(t, 0, folder("tokens/github.com/umbrella"), folder("tokens/github.com/acme/gadgets"))
	storetest.Unprivileged(t, func() {
		if _, err := os.ReadDir(folder("tokens/github.com")); !errors.Is(err, fs.ErrPermission) {
			t.Fatalf("got error %v, want fs.ErrPermission", err)
		}
		for path, want := range map[string][]string{
			"":                          {"whole"},
			"acme":                      {"whole", "owner"},
			"acme/widgets":              {"whole", "owner", "repo"},
			"acme/widgets.git/info/lfs": {"whole", "owner", "repo"},
			"acme/unknown":              {"whole", "owner"},
		} {
			if got := names(lookup(t, tree, "github.com", path)); !slices.Equal(got, want) {
				t.Errorf("%q: got %q, want %q", path, got, want)
			}
		}
		// Adding and removing records works too.
		if err := errors.Join(tree.Put(storetest.Record("second", "acme/widgets")), tree.Remove("github.com/acme/widgets/@/second")); err != nil {
			t.Error(err)
		}
		// A folder without permission is an error, not an empty folder.
		if found, err := tree.Lookup("github.com", "umbrella/x"); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("umbrella: got %q and error %v, want fs.ErrPermission", names(found), err)
		}
		for _, err := range tree.Host("github.com") {
			if err != nil && !errors.Is(err, fs.ErrPermission) {
				t.Error(err)
			}
		}
	})
}

// A mark that cannot be read counts. The error names a record that cannot be read.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	r, s := storetest.Record("laptop", "acme"), storetest.Record("other", "acme")
	put(t, tree, r, s)
	if err := tree.SetAside(Key(r), credential.Aside{Time: storetest.Noon(), Reason: "refused"}); err != nil {
		t.Fatal(err)
	}
	storetest.Frozen(t, 0, tree.path(Key(r), asideEnding), tree.path(Key(s), recordEnding))
	storetest.Unprivileged(t, func() {
		found := lookup(t, tree, "github.com", "acme")
		if found[0].Aside == nil || found[0].Damaged != nil {
			t.Errorf("mark: got %v and %v", found[0].Aside, found[0].Damaged)
		}
		if !errors.Is(found[1].Damaged, fs.ErrPermission) || !strings.Contains(found[1].Damaged.Error(), tree.path(Key(s), recordEnding)) {
			t.Errorf("record: got %v, want fs.ErrPermission and its path", found[1].Damaged)
		}
	})
}
