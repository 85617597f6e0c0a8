package record

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

// Names that Windows reserves, folders of any name and paths of more than 260
// characters work on every system. Names that differ in case only are one name.
func TestNamesOfWindows(t *testing.T) {
	t.Parallel()
	tree := NewTree(filepath.Join(t.TempDir(), "J\u00f6rg M\u00fcller & S\u00f6hne (1)%x% \u4e16", "git-pat"))
	secrets := openStore(t, "file", tree)
	long := strings.Repeat("d", 150)
	for i, path := range []string{"con", "con.txt", "aux/nul", "com1", "lpt9.txt/x", "prn", "conin$/conout$", strings.Repeat("/"+long, 8)[1:]} {
		r := storetest.Record(fmt.Sprint("aux", i), path)
		r.Host, r.Kind = "git.example.com", credential.Other
		put(t, tree, r)
		secret := storetest.NewSecret(40)
		if err := secrets.Set(t.Context(), Key(r), secret); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		storetest.SameRecord(t, path, find(t, tree, Key(r)).Record, r)
		got, err := secrets.Get(t.Context(), Key(r))
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		storetest.Same(t, path, got, secret)
		if found := lookup(t, tree, r.Host, strings.ToUpper(path)); len(found) == 0 || found[len(found)-1].Damaged != nil {
			t.Errorf("%s in upper case: got %v", path, found)
		}
		if err := tree.Remove(Key(r)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}
