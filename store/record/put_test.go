package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

// The format of a record must not change.
func TestRecordFile(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	r := storetest.Record("ci", "acme/gadgets", "acme/widgets")
	r.Username, r.Expires = "alice", storetest.Noon().Add(time.Hour)
	put(t, tree, r)
	got, err := os.ReadFile(tree.path(Key(r), recordEnding))
	if err != nil {
		t.Fatal(err)
	}
	const want = `format=1
target=github.com/acme
path[]=acme/gadgets
path[]=acme/widgets
name=ci
username=alice
kind=fine-grained
added=2026-03-13T12:00:00Z
expires=2026-03-14T13:00:00Z
store=file
`
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// Unknown lines of a later version are ignored.
	more := strings.Replace(want, "target=", "later[]=1\ntarget=", 1)
	if err := os.WriteFile(tree.path(Key(r), recordEnding), []byte(more), 0o600); err != nil {
		t.Fatal(err)
	}
	c := find(t, tree, Key(r))
	if c.Damaged != nil {
		t.Error(c.Damaged)
	}
	storetest.SameRecord(t, "with an unknown field", c.Record, r)
}

func TestPutAndFind(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	r := storetest.Record("Laptop", "acme")
	if _, err := tree.Find(Key(r)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("find in no tree: got error %v, want fs.ErrNotExist", err)
	}
	if err := tree.Create(r); err != nil {
		t.Fatal(err)
	}
	c := find(t, tree, Key(r))
	storetest.SameRecord(t, "created", c.Record, r)
	if c.Key != Key(r) || c.Aside != nil || c.Damaged != nil || !c.Used.IsZero() || c.NoSecret {
		t.Errorf("got the key %q and %v, %v, %v, %v beside it", c.Key, c.Aside, c.Damaged, c.Used, c.NoSecret)
	}
	again := r
	again.Username = "alice"
	if err := tree.Create(again); !errors.Is(err, fs.ErrExist) {
		t.Errorf("create again: got error %v, want fs.ErrExist", err)
	}
	storetest.SameRecord(t, "created again", find(t, tree, Key(r)).Record, r)
	put(t, tree, again)
	storetest.SameRecord(t, "put", find(t, tree, Key(r)).Record, again)
	for _, key := range []string{"", "github.com/acme/@/other", "github.com/@/laptop", "../../../etc/@/passwd", "github.com/acme/@/laptop.record"} {
		if _, err := tree.Find(key); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("find %q: got error %v, want fs.ErrNotExist", key, err)
		}
	}
	if got := storetest.Files(t, tree.Dir()); !slices.Equal(got, []string{"tokens/github.com/acme/@/laptop.record"}) {
		t.Errorf("got %q", got)
	}
}

// If two records have the same key, Create does not replace the first.
func TestKeyIsTaken(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("d/", maxDepth)
	for _, test := range []struct {
		name string
		a, b credential.Record
	}{
		{"case of a name", storetest.Record("Laptop", "acme"), storetest.Record("laptop", "acme")},
		{"several repositories beside their owner", storetest.Record("x", "acme"), storetest.Record("x", "acme/a", "acme/b")},
		{"other repositories", storetest.Record("x", "acme/a", "acme/b"), storetest.Record("x", "acme/a", "acme/c")},
		{"a password beside a token", storetest.Opaque("github.com", "x", "acme"), storetest.Record("x", "acme")},
		{"very deep paths", storetest.Opaque("localhost", "x", deep+"one"), storetest.Opaque("localhost", "x", deep+"two")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if Key(test.a) != Key(test.b) {
				t.Skip("the keys are different")
			}
			tree := newTree(t)
			put(t, tree, test.a)
			if err := tree.Create(test.b); !errors.Is(err, fs.ErrExist) {
				t.Errorf("got error %v, want fs.ErrExist", err)
			}
			storetest.SameRecord(t, "the first", find(t, tree, Key(test.a)).Record, test.a)
			test.b.Name += "-2"
			if err := tree.Create(test.b); err != nil {
				t.Fatal(err)
			}
			storetest.SameRecord(t, "the first", find(t, tree, Key(test.a)).Record, test.a)
			storetest.SameRecord(t, "the second", find(t, tree, Key(test.b)).Record, test.b)
		})
	}
}

// A record that could not be read again is not written.
func TestPutRefuses(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	large := storetest.Opaque("localhost", "large", strings.Repeat(`"`, disk.MaxFile/2))
	invalid := storetest.Opaque("localhost", "invalid", "caf\xe9")
	invalidName := storetest.Opaque("localhost", "caf\xe9")
	invalidLogin := storetest.Opaque("localhost", "login")
	invalidLogin.Username = "caf\xe9"
	late := storetest.Record("late")
	late.Expires = time.Unix(1<<40, 0)
	for _, r := range []credential.Record{large, invalid, invalidName, invalidLogin, late} {
		if err := tree.Put(r); err == nil {
			c := find(t, tree, Key(r))
			if c.Damaged != nil {
				t.Errorf("%.20q: was written and cannot be read: %v", r.Name, c.Damaged)
			}
			storetest.SameRecord(t, fmt.Sprintf("%.20q", r.Name), c.Record, r)
		}
	}
}
