package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
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

func TestEscape(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ segment, want string }{
		{"acme", "acme"},
		{"ACME-Corp_1.x", "acme-corp_1.x"},
		{"", "%"},
		{"%", "%25"},
		{".", "%2E"},
		{"..", "%2E%2E"},
		{"...", "%2E.%2E"},
		{".git", "%2Egit"},
		{".tmp-1", "%2Etmp-1"},
		{"a.", "a%2E"},
		{"@", "%40"},
		{"a/b", "a%2Fb"},
		{`a\b`, "a%5Cb"},
		{"a:8443", "a%3A8443"},
		{"[::1]", "%5B%3A%3A1%5D"},
		{"a b ", "a%20b%20"},
		{"a%2fb", "a%252fb"},
		{"\u00fc", "%C3%BC"},
		{"\u212a", "%E2%84%AA"}, // the Kelvin sign is not a k
		{"\x00\n\x7f\xff", "%00%0A%7F%FF"},
		{"con", "%63on"},
		{"CON", "%63on"},
		{"nul.tar.gz", "%6Eul.tar.gz"},
		{"com1", "%63om1"},
		{"lpt0.x", "%6Cpt0.x"},
		{"console", "console"},
		{"com10", "com10"},
		{"com\u00b9", "com%C2%B9"},
		{strings.Repeat("A", 200), strings.Repeat("a", 200)},
		{strings.Repeat("a", 201), strings.Repeat("a", 201)}, // too long for a record
	} {
		got := escape(test.segment)
		if got != test.want {
			t.Errorf("%q: got %q, want %q", test.segment, got, test.want)
		}
		if test.want[0] != '%' && unescape(got) != fold(test.segment) {
			t.Errorf("%q: unescaped: got %q", test.segment, unescape(got))
		}
	}
}

// fold converts ASCII letters to lower case.
func fold(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

// fitsAnySystem returns what is wrong with a file name on any system, or "".
func fitsAnySystem(name string) string {
	switch {
	case name == "", name == ".", name == "..":
		return "no name"
	case name == own:
		return "the folder of a place's own records"
	case strings.HasPrefix(name, "."):
		return "a dot at the start, as in the name of a disk.Temporary file"
	case strings.HasSuffix(name, "."), strings.HasSuffix(name, " "):
		return "a dot or blank at the end, which Windows drops"
	case strings.ContainsAny(name, `/\<>:"|?*@`):
		return "a character that is not for names"
	case strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return "a character that is not printable ASCII"
	case name != strings.ToLower(name) && !strings.Contains(name, "%"):
		return "upper case"
	}
	device, _, _ := strings.Cut(strings.ToUpper(name), ".")
	if slices.Contains([]string{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}, device) {
		return "a device of Windows"
	}
	if rest, ok := strings.CutPrefix(device, "COM"); ok && len(rest) == 1 && '0' <= rest[0] && rest[0] <= '9' {
		return "a device of Windows"
	}
	if rest, ok := strings.CutPrefix(device, "LPT"); ok && len(rest) == 1 && '0' <= rest[0] && rest[0] <= '9' {
		return "a device of Windows"
	}
	return ""
}

func FuzzEscape(f *testing.F) {
	for _, pair := range [][2]string{
		{"acme", "ACME"}, {"", "%"}, {".", ".."}, {"@", "%40"}, {"con", "%63on"}, {"com1.x", "COM1.X"},
		{"a%2Fb", "a/b"}, {"\u212a", "k"}, {"%-", "\xff"}, {"a.", "a"}, {"nul", "nul."},
		{strings.Repeat("%", 70), strings.Repeat("A", 201)}, {"aux ", "aux"},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := escape(a), escape(b)
		for _, name := range []string{x, y} {
			if fault := fitsAnySystem(name); fault != "" {
				t.Errorf("%q: %s", name, fault)
			}
		}
		if (x == y) != (fold(a) == fold(b)) {
			t.Errorf("%q and %q: got %q and %q", a, b, x, y)
		}
		// A file system may ignore the case of letters.
		if strings.EqualFold(x, y) != (x == y) {
			t.Errorf("%q and %q: got %q and %q, the same to some systems", a, b, x, y)
		}
	})
}

func FuzzKey(f *testing.F) {
	for _, r := range []credential.Record{
		storetest.Record("laptop"), storetest.Record("laptop", "acme"), storetest.Record("ci", "acme/widgets.git"), storetest.Record("two", "acme/a", "acme/b"),
		storetest.Opaque("localhost:8443", "..", "../../etc/passwd"), storetest.Opaque("[::1]", "", "a//b"), storetest.Opaque("..", "@", "@/@/@"),
		storetest.Opaque(strings.Repeat("h", 300), strings.Repeat("n", 300), strings.Repeat("p/", 300)),
	} {
		f.Add(r.Host, strings.Join(r.Paths, "\n"), r.Name)
	}
	tree := NewTree(f.TempDir())
	f.Fuzz(func(t *testing.T, host, paths, name string) {
		r := credential.Record{Target: credential.Target{Host: host}, Name: name}
		if paths != "" {
			r.Paths = strings.Split(paths, "\n")
		}
		key := Key(r)
		long := slices.ContainsFunc(strings.Split(key, "/"), func(segment string) bool { return len(segment) > maxName })
		if isKey(key) == long {
			t.Fatalf("%q: is a key: %v", key, isKey(key))
		}
		if long {
			if err := tree.Put(storetest.With(r, func(r *credential.Record) { r.Kind, r.Store = credential.Other, "file" })); err == nil {
				t.Fatalf("%q: put", key)
			}
			return
		}
		for _, ending := range []string{recordEnding, asideEnding, usedEnding} {
			path := tree.path(key, ending)
			in, err := filepath.Rel(tree.tokens(), path)
			if err != nil || !filepath.IsLocal(in) || filepath.Clean(path) != path || filepath.ToSlash(in) != key+ending {
				t.Errorf("%q: got the file %q", key, path)
			}
		}
		segments := strings.Split(key, "/")
		if len(segments) > 1+maxDepth+2 {
			t.Errorf("%q: %d folders deep", key, len(segments))
		}
		for i, segment := range segments {
			if i == len(segments)-2 {
				if segment != own {
					t.Errorf("%q: not in a folder %s", key, own)
				}
			} else if fault := fitsAnySystem(segment); fault != "" {
				t.Errorf("%q: %q: %s", key, segment, fault)
			}
		}
		// Two keys are equal only if the records differ in nothing but case.
		upper := r
		upper.Name = strings.ToUpper(r.Name)
		if fold(upper.Name) == fold(r.Name) && Key(upper) != key {
			t.Errorf("got %q and, in upper case, %q", key, Key(upper))
		}
		upper.Name += "x"
		if Key(upper) == key {
			t.Errorf("two names have the key %q", key)
		}
	})
}

func TestIsKey(t *testing.T) {
	t.Parallel()
	for _, r := range []credential.Record{
		storetest.Record("laptop", "acme"),
		storetest.Opaque("[2001:db8::1]:8443", "a b=c%d", "e/f g/h@i"),
		storetest.Opaque("localhost", "con", "../..", "nul.txt/aux"),
		storetest.Opaque(strings.Repeat("a.", 96)+"example", strings.Repeat("n", 200), strings.Repeat("p/", 30)+strings.Repeat("q", 200)),
	} {
		if key := Key(r); !isKey(key) {
			t.Errorf("%q is no key", key)
		}
	}
	for _, key := range []string{
		"", "@", "a", "a/@", "@/a", "a/b", "a/b/c", "a/@/", "/@/a", "a//@/b", "./@/a", "../@/a", "a/../@/b", "a/@/..",
		"a/@/.tmp-1", "a/@/@", "@/@/@", "a/@/b/c", "a/@/b/@/c", "/a/@/b", `a/@/b\c`, "a/@/b\x00", "A/@/G", "a/@/\u00fc", "a/@/b c", "a/@/b:c",
	} {
		if isKey(key) {
			t.Errorf("%q is a key", key)
		}
	}
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
		{"case of an opaque path", storetest.Opaque("localhost", "x", "acme"), storetest.Opaque("localhost", "x", "Acme")},
		{"ending of an opaque path", storetest.Opaque("localhost", "x", "a/b.git"), storetest.Opaque("localhost", "x", "a/b")},
		{"very deep paths", storetest.Opaque("localhost", "x", deep+"one"), storetest.Opaque("localhost", "x", deep+"two")},
		{"slashes in an opaque path", storetest.Opaque("localhost", "x", deep+"a//b"), storetest.Opaque("localhost", "x", deep+"a/b")},
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

func TestLookup(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	for _, r := range []credential.Record{
		storetest.Record("host"),
		storetest.Record("owner", "acme"),
		storetest.Record("owner-2", "acme"),
		storetest.Record("several", "acme/gadgets", "acme/widgets"),
		storetest.Record("repo", "acme/widgets"),
		storetest.Opaque("github.com", "dotted", "acme/widgets.wiki.git"),
		storetest.Record("other-owner", "umbrella"),
		storetest.Record("other-repo", "acme/gadgets"),
		storetest.Opaque("gitlab.example", "site"),
		storetest.Opaque("gitlab.example", "deep", "group/sub/sub2/project.git"),
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

func TestHostAndAll(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	put(t, tree,
		storetest.Record("z-whole"), storetest.Record("a-owner", "acme"), storetest.Record("a-repo", "acme/widgets"), storetest.Record("b-owner", "umbrella"),
		storetest.Opaque("gitlab.example:8443", "site"), storetest.Opaque("[::1]", "six"),
		storetest.Opaque("gitlab.example:8443", "deepest", "1/2/3/4/5/6/7/8/9/10"),
	)
	if err := tree.NoteUse("github.com/acme/@/a-owner", storetest.Noon()); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ host, want string }{
		{"github.com", "z-whole a-owner a-repo b-owner"}, // the records for the whole host come first
		{"gitlab.example:8443", "site deepest"},
		{"gitlab.example", ""},
		{"github", ""},
		{"", ""},
	} {
		var got []string
		for c, err := range tree.Host(test.host) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, c.Name)
			if used := c.Name == "a-owner"; c.Used.Equal(storetest.Noon()) != used {
				t.Errorf("%s: got used %v", c.Name, c.Used)
			}
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s: got %q, want %q", test.host, got, test.want)
		}
	}
	var all []string
	for c, err := range tree.All() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c.Host+" "+c.Name)
	}
	slices.Sort(all)
	want := []string{"[::1] six", "github.com a-owner", "github.com a-repo", "github.com b-owner", "github.com z-whole", "gitlab.example:8443 deepest", "gitlab.example:8443 site"}
	if !slices.Equal(all, want) {
		t.Errorf("got %q, want %q", all, want)
	}
	hosts := tree.Hosts()
	slices.Sort(hosts)
	if want := []string{"[::1]", "github.com", "gitlab.example:8443"}; !slices.Equal(hosts, want) {
		t.Errorf("got the hosts %q, want %q", hosts, want)
	}
	// The sequence ends when the caller stops.
	for range 7 {
		n := 0
		for range tree.All() {
			n++
			break
		}
		for range tree.Host("github.com") {
			n++
			break
		}
		if n != 2 {
			t.Errorf("got %d records, want 2", n)
		}
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

func TestSetAside(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	r, beside := storetest.Record("laptop", "acme"), storetest.Record("laptop-2", "acme")
	put(t, tree, r, beside)
	before := storetest.Snapshot(t, tree.Dir())
	for _, aside := range []credential.Aside{
		{Time: storetest.Noon(), Reason: "rejected by github.com", Refusals: 1, Added: r.Added},
		{Time: storetest.Noon().Add(time.Hour), Reason: "a \"quoted\" reason=", Fingerprint: "0123456789abcdef"},
		{Time: storetest.Noon(), Reason: "refused", Owners: []string{"", "acme", "/x"}, Refusals: 3, Offered: storetest.Noon().Add(time.Minute + 1)},
	} {
		if err := tree.SetAside(Key(r), aside); err != nil {
			t.Fatal(err)
		}
		for _, c := range []credential.Candidate{find(t, tree, Key(r)), lookup(t, tree, "github.com", "acme")[1]} {
			if c.Aside == nil || !reflect.DeepEqual(*c.Aside, aside) {
				t.Errorf("got %+v, want %+v", c.Aside, aside)
			}
			storetest.SameRecord(t, "set aside", c.Record, r)
		}
		if c := find(t, tree, Key(beside)); c.Aside != nil {
			t.Errorf("beside: got %+v", c.Aside)
		}
	}
	for range 2 {
		if err := tree.Restore(Key(r)); err != nil {
			t.Fatal(err)
		}
		if c := find(t, tree, Key(r)); c.Aside != nil {
			t.Errorf("restored: got %+v", c.Aside)
		}
	}
	storetest.Unchanged(t, "restored", tree.Dir(), before)
}

// A mark that cannot be read counts, because a rejected token must not be used
// again by accident.
func TestAsideDamaged(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(path string) error{
		"empty":     func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"garbage":   func(path string) error { return os.WriteFile(path, []byte("\x00\xff{"), 0o600) },
		"cut short": func(path string) error { return os.WriteFile(path, []byte("time=2026-03-14T12:0"), 0o600) },
		"no count":  func(path string) error { return os.WriteFile(path, []byte("time=2026-03-14T12:00:00Z\n"), 0o600) },
		"twice": func(path string) error {
			return os.WriteFile(path, []byte("time=2026-03-14T12:00:00Z\nrefusals=1\noffered=now\n"), 0o600)
		},
		"too large":   func(path string) error { return os.WriteFile(path, []byte(strings.Repeat(" ", disk.MaxFile+1)), 0o600) },
		"JSON":        func(path string) error { return os.WriteFile(path, []byte(`{"time":"2026-03-14T12:00:00Z"}`), 0o600) },
		"a folder":    func(path string) error { return os.Mkdir(path, 0o700) },
		"a link":      func(path string) error { return os.Symlink(strings.TrimSuffix(path, asideEnding)+recordEnding, path) },
		"a dead link": func(path string) error { return os.Symlink("nowhere", path) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := newTree(t)
			r := storetest.Record("laptop", "acme")
			put(t, tree, r)
			if err := make(tree.path(Key(r), asideEnding)); err != nil {
				t.Skip(err) // Windows may not allow links
			}
			for _, c := range []credential.Candidate{find(t, tree, Key(r)), lookup(t, tree, "github.com", "acme/widgets")[0]} {
				if c.Aside == nil {
					t.Error("not set aside")
				}
				if c.Damaged != nil {
					t.Error(c.Damaged)
				}
			}
			if err := tree.Restore(Key(r)); err != nil {
				t.Error(err)
			}
			if c := find(t, tree, Key(r)); c.Aside != nil {
				t.Errorf("restored: got %+v", c.Aside)
			}
		})
	}
}

// A mark does not apply to a secret that replaced the rejected one.
func TestAsideOfAnOlderSecret(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	r := storetest.Record("laptop", "acme")
	r.Added = storetest.Noon().Add(1)
	put(t, tree, r)
	for _, test := range []struct {
		added time.Time
		aside bool
	}{{r.Added, true}, {r.Added.Add(-1), false}, {time.Time{}, true}} {
		if err := tree.SetAside(Key(r), credential.Aside{Time: storetest.Noon(), Reason: "refused", Added: test.added}); err != nil {
			t.Fatal(err)
		}
		if c := find(t, tree, Key(r)); (c.Aside != nil) != test.aside {
			t.Errorf("of %v: got %+v", test.added, c.Aside)
		}
	}
}

// The note of a question is valid for ten minutes and for one use.
func TestAsked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		asked, then credential.Request
		after       time.Duration
		want, by    bool
	}{
		{"the same", at("acme/widgets"), at("acme/widgets"), time.Minute, true, false},
		{"with a name that was typed", at("acme/widgets"), by("alice", "acme/widgets"), time.Minute, true, false},
		{"by name", by("alice", "acme/widgets"), by("alice", "acme/widgets"), time.Minute, true, true},
		{"by name, in other letters", by("alice", "acme/widgets"), by("Alice", "Acme/widgets"), time.Minute, true, true},
		{"by another name", by("alice", "acme/widgets"), by("bob", "acme/widgets"), time.Minute, false, false},
		{"by a name, and then without", by("alice", "acme/widgets"), at("acme/widgets"), time.Minute, false, false},
		{"another repository", at("acme/widgets"), at("acme/gadgets"), time.Minute, false, false},
		{"the owner", at("acme/widgets"), at("acme"), time.Minute, false, false},
		{"without a path", at(""), at(""), time.Minute, true, false},
		{"a path, and then without", at("acme/widgets"), at(""), time.Minute, false, false},
		{"another host", at("acme/widgets"), credential.Request{Host: "github.com:8443", Path: "acme/widgets"}, time.Minute, false, false},
		{"a name that looks like a path", by("b", "a"), at("a\x00b"), time.Minute, false, false},
		{"in time", at("acme/widgets"), at("acme/widgets"), 10*time.Minute - 1, true, false},
		{"too late", at("acme/widgets"), at("acme/widgets"), 10 * time.Minute, false, false},
		{"a clock that went back", at("acme/widgets"), at("acme/widgets"), -time.Hour, false, false},
	} {
		tree := newTree(t)
		if err := tree.NoteAsked(test.asked, storetest.Noon()); err != nil {
			t.Fatal(err)
		}
		if asked, byName := tree.TakeAsked(test.then, storetest.Noon().Add(test.after)); asked != test.want || byName != test.by {
			t.Errorf("%s: got %v, %v, want %v, %v", test.name, asked, byName, test.want, test.by)
		}
		if asked, _ := tree.TakeAsked(test.then, storetest.Noon().Add(test.after)); asked {
			t.Errorf("%s: used twice", test.name)
		}
	}
}

func TestAskedSweeps(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	for i := range 3 {
		if err := tree.NoteAsked(at(fmt.Sprint("acme/", i)), storetest.Noon().Add(time.Duration(i)*9*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if got := storetest.Files(t, tree.Dir()); len(got) != 2 {
		t.Errorf("got %q, want the two that are young", got)
	}
	if err := tree.NoteAsked(at(strings.Repeat("x", 300)), storetest.Noon()); err == nil {
		t.Error("a path too long for a file: got no error")
	}
}

func TestNoteUse(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	r := storetest.Record("laptop", "acme")
	put(t, tree, r)
	for _, test := range []struct {
		at, want time.Duration // after storetest.Noon
	}{
		{0, 0},
		{time.Minute, 0},
		{24*time.Hour - time.Second, 0},
		{24 * time.Hour, 24 * time.Hour},
		{30 * time.Hour, 24 * time.Hour},
		{100 * 24 * time.Hour, 100 * 24 * time.Hour},
		{99*24*time.Hour + time.Second, 100 * 24 * time.Hour}, // the clock was set back
		{0, 0}, // far back
	} {
		if err := tree.NoteUse(Key(r), storetest.Noon().Add(test.at)); err != nil {
			t.Fatal(err)
		}
		if got, want := find(t, tree, Key(r)).Used, storetest.Noon().Add(test.want); !got.Equal(want) {
			t.Errorf("at %v: got %v, want %v", test.at, got, want)
		}
	}
	if err := tree.NoteUse("github.com/nobody/@/x", storetest.Noon()); err == nil {
		t.Error("of no record: got no error")
	}
	if got := storetest.Files(t, tree.Dir()); len(got) != 2 {
		t.Errorf("got %q, want the record and its use", got)
	}
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

func TestNoteOthers(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	note := func(host, path string, at time.Duration) {
		t.Helper()
		if err := tree.NoteOthers(host, path, storetest.Noon().Add(at)); err != nil {
			t.Fatal(err)
		}
	}
	note("github.com", "acme/widgets.git", 0)
	note("github.com", "acme/gadgets", time.Hour) // the same owner, the same day
	note("github.com", "", 2*time.Hour)
	for _, test := range []struct {
		host, path string
		want       time.Time
	}{
		{"github.com", "acme", storetest.Noon()},
		{"github.com", "ACME/anything", storetest.Noon()},
		{"github.com", "", storetest.Noon().Add(2 * time.Hour)},
		{"github.com", "umbrella", time.Time{}},
		{"gist.github.com", "acme", time.Time{}},
		{"github.com@acme", "", time.Time{}},
	} {
		if got := tree.Others(test.host, test.path); !got.Equal(test.want) {
			t.Errorf("%s/%s: got %v, want %v", test.host, test.path, got, test.want)
		}
	}
	note("github.com", "acme", 25*time.Hour)
	if got, want := tree.Others("github.com", "acme"), storetest.Noon().Add(25*time.Hour); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNoteOthersSweeps(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	for i, path := range []string{"old", "young", "young", "new"} { // the third is not written
		if err := tree.NoteOthers("github.com", path, storetest.Noon().Add(time.Duration(i)*10*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if at := tree.Others("github.com", "old"); !at.IsZero() {
		t.Errorf("an old note: got one of %v, want none", at)
	}
	for path, want := range map[string]time.Duration{"young": 10 * time.Hour, "new": 30 * time.Hour} {
		if got, want := tree.Others("github.com", path), storetest.Noon().Add(want); !got.Equal(want) {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	if got := storetest.Files(t, tree.Dir()); len(got) != 2 {
		t.Errorf("got %q, want the two that are young", got)
	}
}

func TestNotedLately(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		at   time.Time
		want bool
	}{
		{time.Time{}, false},
		{storetest.Noon(), true},
		{storetest.Noon().Add(-23 * time.Hour), true},
		{storetest.Noon().Add(-24 * time.Hour), false},
		{storetest.Noon().Add(23 * time.Hour), true}, // the clock was wrong
		{storetest.Noon().Add(24 * time.Hour), false},
	} {
		if got := NotedLately(test.at, storetest.Noon()); got != test.want {
			t.Errorf("%v: got %v, want %v", test.at, got, test.want)
		}
	}
}

// damages returns ways to damage the file of a record. Each function gets the path
// and the old content.
func damages() map[string]func(path string, was []byte) error {
	write := func(text func(was string) string) func(path string, was []byte) error {
		return func(path string, was []byte) error { return os.WriteFile(path, []byte(text(string(was))), 0o600) }
	}
	instead := func(old, new string) func(path string, was []byte) error {
		return func(path string, was []byte) error {
			text := strings.Replace(string(was), old, new, 1)
			if text == string(was) {
				return fmt.Errorf("no %s in %s", old, was)
			}
			return os.WriteFile(path, []byte(text), 0o600)
		}
	}
	const target = "target=github.com/acme"
	return map[string]func(path string, was []byte) error{
		"empty":              write(func(string) string { return "" }),
		"garbage":            write(func(string) string { return "\x00\x01\xff" }),
		"zeros":              write(func(was string) string { return strings.Repeat("\x00", len(was)) }),
		"another format":     write(func(string) string { return `{"format": 1, "host": "github.com", "paths": ["acme"]}` + "\n" }),
		"no lines":           write(func(string) string { return "\n" }),
		"cut short":          write(func(was string) string { return was[:len(was)/2] }),
		"cut at its end":     write(func(was string) string { return was[:len(was)-1] }),
		"without its end":    write(func(was string) string { return was[:strings.LastIndex(was, "store=")] }),
		"text behind":        write(func(was string) string { return was + "x" }),
		"a line without =":   write(func(was string) string { return was + "x\n" }),
		"too large":          write(func(was string) string { return was + strings.Repeat(" ", disk.MaxFile) }),
		"newer format":       instead("format=1", "format=2"),
		"format of a text":   instead("format=1", "format=one"),
		"no format":          instead("format=1\n", ""),
		"no target":          instead(target+"\n", ""),
		"no host":            instead(target, "target=/acme"),
		"host in upper case": instead(target, "target=GitHub.com/acme"),
		"host with its port": instead(target, "target=github.com:443/acme"),
		"no such host":       instead(target, "target=git hub.com/acme"),
		"two owners":         instead(target, target+"\npath[]=acme/a\npath[]=umbrella/b"),
		"owner beside own":   instead(target, target+"\npath[]=acme\npath[]=acme/b"),
		"another owner":      instead(target, target+"\npath[]=umbrella/a\npath[]=umbrella/b"),
		"one of several":     instead(target, target+"\npath[]=acme/a"),
		"path twice":         instead(target, target+"\npath[]=acme/a\npath[]=acme/a"),
		"paths out of order": instead(target, target+"\npath[]=acme/b\npath[]=acme/a"),
		"path in upper case": instead(target, "target=github.com/Acme"),
		"path with slashes":  instead(target, target+"/"),
		"path with dots":     instead(target, target+"/../umbrella"),
		"path with endings":  instead(target, target+"/a.git"),
		"empty path":         instead(target, "target=github.com/"),
		"unknown kind":       instead("fine-grained", "coarse-grained"),
		"no kind":            instead("kind=fine-grained\n", ""),
		"no name":            instead("name=laptop", "name="),
		"no store":           instead("store=file", "store="),
		"no such time":       instead("added=2026-", "added=2026-99-"),
		"a folder in its place": func(path string, _ []byte) error {
			return errors.Join(os.Remove(path), os.Mkdir(path, 0o700))
		},
		"a full folder in its place": func(path string, _ []byte) error {
			return errors.Join(os.Remove(path), os.MkdirAll(filepath.Join(path, "x"), 0o700))
		},
		"a link in its place": func(path string, was []byte) error {
			elsewhere := filepath.Join(filepath.Dir(path), "elsewhere")
			return errors.Join(os.Remove(path), os.WriteFile(elsewhere, was, 0o600), os.Symlink(elsewhere, path))
		},
		"a dead link in its place": func(path string, _ []byte) error {
			return errors.Join(os.Remove(path), os.Symlink("nowhere", path))
		},
	}
}

// The error names a damaged record. Other records in the folder are still found,
// but no broader record answers.
func TestDamaged(t *testing.T) {
	t.Parallel()
	for name, damage := range damages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := newTree(t)
			r := storetest.Record("laptop", "acme")
			others := []credential.Record{storetest.Record("whole"), storetest.Record("beside", "acme"), storetest.Record("below", "acme/widgets")}
			put(t, tree, others...)
			put(t, tree, r)
			path := tree.path(Key(r), recordEnding)
			was, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := damage(path, was); err != nil {
				if strings.Contains(name, "link") {
					t.Skip(err) // on Windows
				}
				t.Fatal(err)
			}
			before := storetest.Snapshot(t, tree.Dir())

			sees := func(what string, found []credential.Candidate) {
				t.Helper()
				if got := strings.Join(names(found), " "); got != "whole beside laptop below" {
					t.Fatalf("%s: got %q", what, got)
				}
				for i, r := range []credential.Record{others[0], others[1], {}, others[2]} {
					if i == 2 {
						continue
					}
					if found[i].Damaged != nil {
						t.Errorf("%s: %v", what, found[i].Damaged)
					}
					storetest.SameRecord(t, what, found[i].Record, r)
				}
				damaged(t, what, found[2], path)
			}
			sees("lookup", lookup(t, tree, "github.com", "acme/widgets"))
			var host, all []credential.Candidate
			for c, err := range tree.Host("github.com") {
				if err != nil {
					t.Fatal(err)
				}
				host = append(host, c)
			}
			sees("host", host)
			for c, err := range tree.All() {
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, c)
			}
			sees("all", all)
			c := find(t, tree, Key(r))
			damaged(t, "find", c, path)
			var fault *disk.FileError
			if errors.As(c.Damaged, &fault) && fault.Newer != (name == "newer format") {
				t.Errorf("got newer %v", fault.Newer)
			}
			storetest.Unchanged(t, "reading", tree.Dir(), before)

			// No broader record answers.
			d := credential.Choose(credential.Request{Host: "github.com", Path: "acme/gadgets"}, []credential.Candidate{lookup(t, tree, "github.com", "")[0], find(t, tree, Key(r))}, storetest.Noon())
			if d.Outcome != credential.Unusable || d.Considered[1].Verdict != credential.Unreadable {
				t.Errorf("got the outcome %v and verdict %q", d.Outcome, d.Considered[1].Verdict)
			}
			// Create does not replace it.
			if err := tree.Create(r); !errors.Is(err, fs.ErrExist) {
				t.Errorf("create: got error %v, want fs.ErrExist", err)
			}
		})
	}
}

func damaged(t *testing.T, what string, c credential.Candidate, path string) {
	t.Helper()
	var fault *disk.FileError
	if !errors.As(c.Damaged, &fault) {
		t.Errorf("%s: got %v, want a *FileError", what, c.Damaged)
		return
	}
	if fault.Path != path || fault.Reason == "" || !strings.HasPrefix(fault.Error(), path+" ") {
		t.Errorf("%s: got %+v, want the path %s", what, *fault, path)
	}
	if c.Host != "github.com" || !slices.Equal(c.Paths, []string{"acme"}) || c.Name != "laptop" || c.Key != "github.com/acme/@/laptop" {
		t.Errorf("%s: got %#v, want the target of its place", what, c.Record)
	}
}

func TestDamagedIsShownByItsPlace(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	for _, r := range []credential.Record{
		storetest.Opaque("git.example.com:8443", "a b", "x y/z"), storetest.Opaque("[::1]", "six"),
	} {
		path := tree.path(Key(r), recordEnding)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		c := find(t, tree, Key(r))
		if c.Damaged == nil || !c.Target.Equal(r.Target) || c.Name != r.Name {
			t.Errorf("got %#v, %v, want %#v", c.Record, c.Damaged, r)
		}
	}
}

// Other files are not read as records.
func TestStrangeFiles(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	put(t, tree, storetest.Record("laptop", "acme"))
	dir := filepath.Dir(tree.path("github.com/acme/@/laptop", recordEnding))
	for _, name := range []string{"laptop.record~", ".laptop.record.swp", disk.Temporary + "123", disk.Temporary + "123.record", "README", "laptop.recordx", "x.aside", "x.used", ".DS_Store"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"tokens/.DS_Store", "tokens/github.com/.DS_Store"} {
		if err := os.WriteFile(filepath.Join(tree.Dir(), filepath.FromSlash(name)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(lookup(t, tree, "github.com", "acme/widgets")); !slices.Equal(got, []string{"laptop"}) {
		t.Errorf("got %q, want only the record", got)
	}
	n := 0
	for _, err := range tree.All() {
		if n++; err != nil {
			t.Error(err)
		}
	}
	if n != 1 {
		t.Errorf("all: got %d, want 1", n)
	}
	if got := tree.Hosts(); !slices.Equal(got, []string{"github.com"}) {
		t.Errorf("got the hosts %q", got)
	}
}

// FuzzRecord checks that a record does not change when it is written and read
// again, unless it is damaged.
func FuzzRecord(f *testing.F) {
	full := storetest.Record("laptop", "acme/gadgets", "acme/widgets")
	full.Username, full.Expires, full.Form = "alice", storetest.Noon(), "attributes"
	for _, r := range []credential.Record{storetest.Record("laptop"), storetest.Record("laptop", "acme"), full, storetest.Opaque("[::1]:8443", "a/b", "x\u00fc//Y.git")} {
		data, err := formatRecord(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Add([]byte("format=1\ntarget=a\nname=<>&\nkind=other\nstore=\u2028\n"))
	f.Add([]byte("format=1\r\ntarget=a//b/\r\npath[]=\r\nname=n\r\nkind=other\r\nadded=0000-01-01T00:00:00+23:59\r\nstore=s\r\n"))
	f.Add([]byte("format=1\ntarget=a/b\tc\nname=n\nkind=other\nstore=s\n"))
	dir := f.TempDir()
	n := 0
	f.Fuzz(func(t *testing.T, data []byte) {
		n++
		tree := NewTree(filepath.Join(dir, fmt.Sprint(os.Getpid(), "-", n)))
		defer os.RemoveAll(tree.Dir())
		const key = "github.com/acme/@/laptop"
		path := tree.path(key, recordEnding)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		c := find(t, tree, key)
		if c.Key != key {
			t.Errorf("got the key %q", c.Key)
		}
		if c.Damaged != nil {
			damaged(t, "", c, path)
			return
		}
		if host, err := credential.ParseHost(c.Host); err != nil || host != c.Host {
			t.Errorf("got the host %q, which is read as %q, %v", c.Host, host, err)
		}
		// The record may be too large now. Then it is not written.
		if err := tree.Put(c.Record); err != nil {
			var fault *disk.FileError
			if !errors.As(err, &fault) {
				t.Errorf("put: %v", err)
			}
			return
		}
		back := find(t, tree, Key(c.Record))
		if back.Damaged != nil {
			t.Fatalf("put back: %v", back.Damaged)
		}
		storetest.SameRecord(t, "put back", back.Record, c.Record)
	})
}

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
	if got := storetest.Files(t, tree.Dir()); !slices.Equal(got, []string{"secrets/", "tokens/"}) {
		t.Errorf("left: %q", got)
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
	_, got, err := tree.Survey()
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
