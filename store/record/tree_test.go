package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

// newTree returns a tree whose folder does not exist yet.
func newTree(t *testing.T) *Tree {
	t.Helper()
	return NewTree(filepath.Join(t.TempDir(), "git-pat"))
}

// openStore opens a store beside the records of a tree.
func openStore(t *testing.T, name string, tree *Tree) store.Store {
	t.Helper()
	s, err := store.Open(name, tree.Dir(), store.Options{Limit: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, tree *Tree, records ...credential.Record) {
	t.Helper()
	for _, r := range records {
		if err := tree.Put(r); err != nil {
			t.Fatalf("put %q: %v", r.Name, err)
		}
	}
}

func at(path string) credential.Request {
	return credential.Request{Host: "github.com", Path: path}
}

// by returns a request with a user name.
func by(login, path string) credential.Request {
	r := at(path)
	r.Username = login
	return r
}

func names(candidates []credential.Candidate) []string {
	var list []string
	for _, c := range candidates {
		list = append(list, c.Name)
	}
	return list
}

func lookup(t *testing.T, tree *Tree, host, path string) []credential.Candidate {
	t.Helper()
	found, err := tree.Lookup(host, path)
	if err != nil {
		t.Fatalf("lookup %s/%s: %v", host, path, err)
	}
	return found
}

func find(t *testing.T, tree *Tree, key string) credential.Candidate {
	t.Helper()
	c, err := tree.Find(key)
	if err != nil {
		t.Fatalf("find %q: %v", key, err)
	}
	return c
}

// TestLayout checks the file names in the comment of Tree.
func TestLayout(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	whole := storetest.Record("classic")
	whole.Kind = credential.Classic
	owner := storetest.Record("laptop", "acme")
	put(t, tree, whole, owner, storetest.Record("ci", "acme/widgets"))
	if err := tree.SetAside(Key(owner), credential.Aside{Time: storetest.Noon(), Reason: "refused"}); err != nil {
		t.Fatal(err)
	}
	if err := tree.NoteUse(Key(owner), storetest.Noon()); err != nil {
		t.Fatal(err)
	}
	if err := tree.NoteOthers("github.com", "Acme/widgets.git", storetest.Noon()); err != nil {
		t.Fatal(err)
	}
	if err := tree.NoteOthers("git.example.com:8443", "", storetest.Noon()); err != nil {
		t.Fatal(err)
	}
	if err := openStore(t, "file", tree).Set(t.Context(), Key(owner), storetest.NewSecret(40)); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"others/git.example.com%3A8443",
		"others/github.com@acme",
		"secrets/github.com/acme/@/laptop",
		"tokens/github.com/@/classic.record",
		"tokens/github.com/acme/@/laptop.aside",
		"tokens/github.com/acme/@/laptop.record",
		"tokens/github.com/acme/@/laptop.used",
		"tokens/github.com/acme/widgets/@/ci.record",
	}
	if got := storetest.Files(t, tree.Dir()); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := Key(owner), "github.com/acme/@/laptop"; got != want {
		t.Errorf("key: got %q, want %q", got, want)
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	for _, r := range []credential.Record{
		storetest.Record("host"),
		storetest.Record("owner", "acme"),
		storetest.Record("owner-2", "acme"),
		storetest.Record("several", "acme/gadgets", "acme/widgets"),
		storetest.Record("repo", "acme/widgets"),
		storetest.Opaque("github.com", "dotted", "acme/widgets"),
		storetest.Record("other-owner", "umbrella"),
		storetest.Record("other-repo", "acme/gadgets"),
		storetest.Opaque("gitlab.example", "site"),
		storetest.Opaque("gitlab.example", "deep", "group/sub/sub2/project"),
		storetest.Opaque("gitlab.example", "deep-2", "group/sub/sub2"),
		storetest.Opaque("gitlab.example", "deepest", "1/2/3/4/5/6/7/8/9/10"),
		storetest.Opaque("gitlab.example", "deepest-2", "1/2/3/4/5/6/7/8/9/11"),
		storetest.Opaque("gitlab.example", "eight", "1/2/3/4/5/6/7/8"),
		storetest.Opaque("github.com:8443", "port"),
	} {
		put(t, tree, r)
	}
	for _, test := range []struct {
		host, path string
		want       string
	}{
		{"github.com", "", "host"},
		{"github.com", "/", "host"},
		{"github.com", "acme", "host owner-2 owner several"},
		{"github.com", "ACME", "host owner-2 owner several"},
		{"github.com", "acme/", "host owner-2 owner several"},
		{"github.com", "acme/widgets", "host owner-2 owner several dotted repo"},
		{"github.com", "/acme/widgets/", "host owner-2 owner several dotted repo"},
		{"github.com", "acme/Widgets.GIT", "host owner-2 owner several dotted repo"},
		{"github.com", "acme/widgets.wiki.git", "host owner-2 owner several dotted repo"},
		{"github.com", "acme/widgets.git/info/lfs", "host owner-2 owner several dotted repo"},
		{"github.com", "acme/sprockets", "host owner-2 owner several"},
		{"github.com", "acme/.git", "host owner-2 owner several"},
		{"github.com", "acme/..", "host owner-2 owner several"},
		{"github.com", "acme/../umbrella", "host owner-2 owner several"},
		{"github.com", "../github.com/acme", "host"},
		{"github.com", "acme//widgets", "host owner-2 owner several"},
		{"github.com", "acme/@", "host owner-2 owner several"},
		{"github.com", "@", "host"},
		{"github.com", "nobody", "host"},
		{"github.com", "nobody/widgets", "host"},
		{"github.com:8443", "acme/widgets", "port"},
		{"gist.github.com", "acme", ""},
		{"gitlab.example", "group", "site"},
		{"gitlab.example", "group/sub", "site"},
		{"gitlab.example", "group/sub/sub2", "site deep-2"},
		{"gitlab.example", "group/sub/sub2/project.git", "site deep-2 deep"},
		{"gitlab.example", "1/2/3/4/5/6/7/8/9/10", "site deepest-2 deepest eight"},
		{"gitlab.example", "1/2/3/4/5/6/7", "site"},
		{"gitlab.example", strings.Repeat("a/", 30000), "site"},
		{"gitlab.example", strings.Repeat("/", 60000) + "a", "site"},
		{"unknown.example", "acme", ""},
		{"", "", ""},
		{"..", "acme", ""},
		{"../tokens/github.com", "acme", ""},
	} {
		found := lookup(t, tree, test.host, test.path)
		if got := strings.Join(names(found), " "); got != test.want {
			t.Errorf("%s/%.40s: got %q, want %q", test.host, test.path, got, test.want)
		}
		for _, c := range found {
			if c.Damaged != nil || c.Key != Key(c.Record) {
				t.Errorf("%s/%.40s: got %#v, %v, with the key %q", test.host, test.path, c.Record, c.Damaged, c.Key)
			}
		}
	}
}

// Lookups and lists create no folders.
func TestLookupMakesNothing(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	if found := lookup(t, tree, "github.com", "acme/widgets"); len(found) > 0 {
		t.Errorf("got %v", found)
	}
	for c, err := range tree.All() {
		t.Errorf("got %v, %v", c, err)
	}
	for c, err := range tree.Host("github.com") {
		t.Errorf("got %v, %v", c, err)
	}
	if hosts := tree.Hosts(); len(hosts) > 0 {
		t.Errorf("got the hosts %q", hosts)
	}
	if !tree.Others("github.com", "acme").IsZero() {
		t.Error("others: got a time")
	}
	for _, err := range []error{tree.Remove("github.com/@/a"), tree.Restore("github.com/@/a")} {
		if err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Lstat(tree.Dir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is %s", tree.Dir())
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	owner, repo, second := storetest.Record("laptop", "acme"), storetest.Record("ci", "acme/widgets"), storetest.Record("second", "acme")
	put(t, tree, owner, repo, second)
	for _, r := range []credential.Record{owner, second} {
		if err := tree.SetAside(Key(r), credential.Aside{Time: storetest.Noon(), Reason: "refused"}); err != nil {
			t.Fatal(err)
		}
		if err := tree.NoteUse(Key(r), storetest.Noon()); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(r credential.Record, left ...string) {
		t.Helper()
		if err := tree.Remove(Key(r)); err != nil {
			t.Error(err)
		}
		if _, err := tree.Find(Key(r)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got error %v, want fs.ErrNotExist", err)
		}
		if got := storetest.Files(t, tree.Dir()); !slices.Equal(got, left) {
			t.Errorf("left: got %q, want %q", got, left)
		}
	}
	remove(owner, "tokens/github.com/acme/@/second.aside", "tokens/github.com/acme/@/second.record", "tokens/github.com/acme/@/second.used",
		"tokens/github.com/acme/widgets/@/ci.record")
	remove(owner, "tokens/github.com/acme/@/second.aside", "tokens/github.com/acme/@/second.record", "tokens/github.com/acme/@/second.used",
		"tokens/github.com/acme/widgets/@/ci.record")
	remove(second, "tokens/github.com/acme/widgets/@/ci.record")
	remove(repo, "tokens/")
}

// The number of records in a folder is limited.
func TestFull(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	first := storetest.Record("n0", "acme/a", "acme/b")
	put(t, tree, first)
	dir := filepath.Dir(tree.path(Key(first), recordEnding))
	data, err := os.ReadFile(tree.path(Key(first), recordEnding))
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < maxRecords; i++ {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("n%d%s", i, recordEnding)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(lookup(t, tree, "github.com", "acme/a")); got != maxRecords {
		t.Errorf("got %d records, want %d", got, maxRecords)
	}
	var full *disk.FileError
	for _, write := range []func(credential.Record) error{tree.Put, tree.Create} {
		if err := write(storetest.Record("more", "acme/a", "acme/c")); !errors.As(err, &full) || full.Path != dir {
			t.Errorf("one more: got %v", err)
		}
	}
	put(t, tree, first, storetest.Record("elsewhere", "acme/a"))
	if err := os.WriteFile(filepath.Join(dir, "by-hand"+recordEnding), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Lookup("github.com", "acme/a"); !errors.As(err, &full) || full.Path != dir {
		t.Errorf("too full: got %v", err)
	}
}

func TestShellQuote(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{"/home/alice/.local/share/git-pat", "/home/alice/.local/share/git-pat"},
		{"", "''"},
		{"/a b", "'/a b'"},
		{"/it's", `'/it'\''s'`},
		{"/$HOME;x", "'/$HOME;x'"},
		{"~", "'~'"},
		{"/\u00fc", "'/\u00fc'"},
	} {
		if got := credential.ShellWord(test.in); got != test.want {
			t.Errorf("%q: got %q, want %q", test.in, got, test.want)
		}
	}
}
