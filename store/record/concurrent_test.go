package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

// Several programs add and remove the only record of a folder at the same time.
// Nobody gets an error because a folder is missing.
func TestConcurrentFolders(t *testing.T) {
	t.Parallel()
	const rounds = 40
	tree := newTree(t)
	secrets := openStore(t, "file", tree)
	var all sync.WaitGroup
	for who := range 4 {
		r := storetest.Record(fmt.Sprint("who", who), "acme")
		if who%2 == 1 {
			r = storetest.Record(fmt.Sprint("who", who), "acme/widgets")
		}
		all.Go(func() {
			for round := range rounds {
				secret := storetest.NewSecret(40)
				if err := tree.Create(r); err != nil {
					t.Errorf("%s, round %d: create: %v", r.Name, round, err)
					return
				}
				if err := secrets.Set(t.Context(), Key(r), secret); err != nil {
					t.Errorf("%s, round %d: set: %v", r.Name, round, err)
					return
				}
				found, err := tree.Lookup("github.com", "acme/widgets")
				if err != nil {
					t.Errorf("%s, round %d: lookup: %v", r.Name, round, err)
				}
				if !slices.Contains(names(found), r.Name) {
					t.Errorf("%s, round %d: got %q", r.Name, round, names(found))
				}
				for _, c := range found {
					// Another program may have removed it meanwhile.
					if c.Damaged != nil && !errors.Is(c.Damaged, fs.ErrNotExist) {
						t.Errorf("%s, round %d: %v", r.Name, round, c.Damaged)
					}
				}
				got, err := secrets.Get(t.Context(), Key(r))
				if err != nil {
					t.Errorf("%s, round %d: get: %v", r.Name, round, err)
				}
				storetest.Same(t, r.Name, got, secret)
				if err := secrets.Delete(t.Context(), Key(r)); err != nil {
					t.Errorf("%s, round %d: delete: %v", r.Name, round, err)
				}
				if err := tree.Remove(Key(r)); err != nil {
					t.Errorf("%s, round %d: remove: %v", r.Name, round, err)
				}
			}
		})
	}
	all.Wait()
	left := storetest.Files(t, tree.Dir())
	if runtime.GOOS == "windows" {
		// A folder that is listed while it is removed may stay there, empty. Then the top
		// folder is not empty, and its name is not among these.
		for i, name := range left {
			if top, _, _ := strings.Cut(name, "/"); strings.HasSuffix(name, "/@/") {
				left[i] = top + "/"
			}
		}
		slices.Sort(left)
		left = slices.Compact(left)
	}
	if !slices.Equal(left, []string{"secrets/", "tokens/"}) && len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// If several programs create the same record, one succeeds, and the record is
// always complete.
func TestConcurrentCreate(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	const many = 20
	created := make([]error, many)
	var all sync.WaitGroup
	for i := range many {
		r := storetest.Record("laptop", "acme")
		r.Username = fmt.Sprint("user", i)
		all.Go(func() {
			created[i] = tree.Create(r)
			c, err := tree.Find(Key(r))
			if err != nil || c.Damaged != nil {
				t.Errorf("got errors %v and %v", err, c.Damaged)
			}
		})
	}
	all.Wait()
	winner := -1
	for i, err := range created {
		switch {
		case err == nil && winner < 0:
			winner = i
		case err == nil:
			t.Errorf("both %d and %d got it", winner, i)
		case !errors.Is(err, fs.ErrExist):
			t.Error(err)
		}
	}
	if got, want := find(t, tree, "github.com/acme/@/laptop").Username, fmt.Sprint("user", winner); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := storetest.Files(t, tree.Dir()); !slices.Equal(got, []string{"tokens/github.com/acme/@/laptop.record"}) {
		t.Errorf("got %q", got)
	}
}

// Marks and a record can be written at the same time, because they are separate
// files.
func TestConcurrentMarks(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	r := storetest.Record("laptop", "acme")
	put(t, tree, r)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			switch i % 4 {
			case 0:
				if err := tree.Put(r); err != nil {
					t.Error(err)
				}
			case 1:
				if err := tree.NoteUse(Key(r), storetest.Noon()); err != nil {
					t.Error(err)
				}
			case 2:
				if err := tree.SetAside(Key(r), credential.Aside{Time: storetest.Noon(), Reason: "refused"}); err != nil {
					t.Error(err)
				}
			case 3:
				for _, c := range lookup(t, tree, "github.com", "acme") {
					if c.Damaged != nil {
						t.Error(c.Damaged)
					}
				}
			}
		})
	}
	all.Wait()
	c := find(t, tree, Key(r))
	if c.Aside == nil || c.Aside.Reason != "refused" || !c.Used.Equal(storetest.Noon()) || c.Damaged != nil {
		t.Errorf("got %v, %v and %v", c.Aside, c.Used, c.Damaged)
	}
}

// A writer removes old temporary files in its folder, and no young ones.
func TestSweep(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	r := storetest.Record("laptop", "acme")
	put(t, tree, r)
	secrets := openStore(t, "file", tree)
	if err := secrets.Set(t.Context(), Key(r), storetest.NewSecret(40)); err != nil {
		t.Fatal(err)
	}
	folders := []string{
		filepath.Dir(tree.path(Key(r), recordEnding)),
		filepath.Join(tree.Dir(), "secrets", filepath.FromSlash(path.Dir(Key(r)))),
	}
	for _, dir := range folders {
		for name, age := range map[string]time.Duration{
			disk.Temporary + "old": 61 * time.Minute, disk.Temporary + "older": 400 * 24 * time.Hour,
			disk.Temporary + "young": 30 * time.Minute, disk.Temporary + "from-the-future": -time.Hour,
			"no" + disk.Temporary + "old": 400 * 24 * time.Hour, "old": 400 * 24 * time.Hour,
		} {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			at := time.Now().Add(-age)
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	var want []string
	for _, dir := range folders {
		want = append(want, filepath.Join(dir, disk.Temporary+"old"), filepath.Join(dir, disk.Temporary+"older"))
	}
	_, _, got, err := tree.Survey()
	found, err2 := store.FindSecretFiles(tree.Dir())
	got = append(got, found.Leftovers...)
	if errors.Join(err, err2) != nil || !slices.Equal(got, want) {
		t.Errorf("got %q and %v, want %q", got, err, want)
	}
	lookup(t, tree, "github.com", "acme") // reading removes nothing
	if got := len(storetest.Files(t, tree.Dir())); got != 14 {
		t.Errorf("got %d files, want 14", got)
	}
	put(t, tree, storetest.Record("laptop-2", "acme"))
	if err := secrets.Set(t.Context(), Key(r), storetest.NewSecret(40)); err != nil {
		t.Fatal(err)
	}
	want = []string{
		"secrets/github.com/acme/@/.tmp-from-the-future", "secrets/github.com/acme/@/.tmp-young",
		"secrets/github.com/acme/@/laptop", "secrets/github.com/acme/@/no.tmp-old", "secrets/github.com/acme/@/old",
		"tokens/github.com/acme/@/.tmp-from-the-future", "tokens/github.com/acme/@/.tmp-young",
		"tokens/github.com/acme/@/laptop-2.record", "tokens/github.com/acme/@/laptop.record",
		"tokens/github.com/acme/@/no.tmp-old", "tokens/github.com/acme/@/old",
	}
	if got := storetest.Files(t, tree.Dir()); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
