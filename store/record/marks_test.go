package record

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

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
		"too large": func(path string) error { return os.WriteFile(path, []byte(strings.Repeat(" ", disk.MaxFile+1)), 0o600) },
		"JSON":      func(path string) error { return os.WriteFile(path, []byte(`{"time":"2026-03-14T12:00:00Z"}`), 0o600) },
		"a folder":  func(path string) error { return os.Mkdir(path, 0o700) },
		"a link": func(path string) error {
			return storetest.Symlink(strings.TrimSuffix(path, asideEnding)+recordEnding, path)
		},
		"a dead link": func(path string) error { return storetest.Symlink("nowhere", path) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := newTree(t)
			r := storetest.Record("laptop", "acme")
			put(t, tree, r)
			if err := make(tree.path(Key(r), asideEnding)); err != nil {
				t.Skip(err)
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
