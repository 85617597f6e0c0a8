package tokens

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// A fixture has tokens of its own.
type fixture struct {
	*Tokens
	t *testing.T
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	tree := record.NewTree(filepath.Join(t.TempDir(), "git-pat"))
	return &fixture{&Tokens{Tree: tree, Now: time.Now()}, t}
}

// laptop is a record of a token for acme, added at a time.
func laptop(added time.Time) credential.Record {
	return credential.Record{
		Target: credential.Target{Host: "github.com", Paths: []string{"acme"}}, Name: "laptop",
		Kind: credential.FineGrained, Store: "file", Added: added.UTC(),
	}
}

func (b *fixture) keeps(r credential.Record, secret string) {
	b.t.Helper()
	if err := b.Tree.Put(r); err != nil {
		b.t.Fatal(err)
	}
	s, err := b.Open(r.Store)
	if err == nil {
		err = s.Set(b.t.Context(), record.Key(r), credential.NewSecret(secret))
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *fixture) find(r credential.Record) credential.Candidate {
	b.t.Helper()
	c, err := b.Tree.Find(record.Key(r))
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// secret returns what a store has for a record, or nothing.
func (b *fixture) secret(r credential.Record, name string) string {
	b.t.Helper()
	s, err := b.Open(name)
	if err != nil {
		b.t.Fatal(err)
	}
	secret, err := s.Get(b.t.Context(), record.Key(r))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		b.t.Fatal(err)
	}
	return secret.Reveal()
}

// isFree fails if the lock is held.
func (b *fixture) isFree(when string) {
	b.t.Helper()
	unlock, err := b.Tree.Lock(b.t.Context())
	if err != nil {
		b.t.Fatalf("%s: %v", when, err)
	}
	unlock()
}

// meanwhile are what other programs do to a token while a person is asked.
var meanwhile = []struct {
	name    string
	do      func(b *fixture, r credential.Record) error
	changed bool
	gone    bool
}{
	{"nothing", func(*fixture, credential.Record) error { return nil }, false, false},
	{"it was refused", func(b *fixture, r credential.Record) error {
		return b.Tree.SetAside(record.Key(r), credential.Refused(r.Host, b.Now))
	}, false, false},
	{"it was used", func(b *fixture, r credential.Record) error { return b.Tree.NoteUse(record.Key(r), b.Now) }, false, false},
	{"it was warned of", func(b *fixture, r credential.Record) error {
		b.Tree.NoteWarning(record.Key(r), b.Now, true)
		return nil
	}, false, false},
	{"another is beside it", func(b *fixture, r credential.Record) error {
		r.Name = "desktop"
		return b.Tree.Create(r)
	}, false, false},

	{"it was rotated in the same second", func(b *fixture, r credential.Record) error {
		r.Added = r.Added.Add(time.Nanosecond)
		return b.Tree.Put(r)
	}, true, false},
	{"it was moved", func(b *fixture, r credential.Record) error {
		r.Store = "git:cache"
		return b.Tree.Put(r)
	}, true, false},
	{"its login was noted", func(b *fixture, r credential.Record) error {
		r.Username = "alice"
		return b.Tree.Put(r)
	}, true, false},
	{"its record was damaged", func(b *fixture, r credential.Record) error {
		return os.WriteFile(filepath.Join(b.Tree.Dir(), "tokens", filepath.FromSlash(record.Key(r))+".record"), []byte("{"), 0o600)
	}, true, false},
	{"it was removed", func(b *fixture, r credential.Record) error { return b.Tree.Remove(record.Key(r)) }, true, true},
}

func TestIfUnchanged(t *testing.T) {
	for _, test := range meanwhile {
		t.Run(test.name, func(t *testing.T) {
			b := newFixture(t)
			r := laptop(b.Now)
			b.keeps(r, "secret")
			shown := b.find(r)
			if err := test.do(b, r); err != nil {
				t.Fatal(err)
			}
			done := false
			err := b.IfUnchanged(t.Context(), shown, func(now credential.Candidate) error {
				done = true
				if !now.Record.Equal(shown.Record) {
					t.Errorf("got %+v, want %+v", now, shown)
				}
				return nil
			})
			b.isFree("after it")
			if done == test.changed {
				t.Errorf("done: %v", done)
			}
			var changed *ChangedError
			if errors.As(err, &changed) != test.changed || changed != nil && changed.Gone != test.gone {
				t.Errorf("got %v, want changed %v, gone %v", err, test.changed, test.gone)
			}
		})
	}
}

// A damaged record is still the same while nobody touches it.
func TestIfUnchangedDamaged(t *testing.T) {
	b := newFixture(t)
	r := laptop(b.Now)
	b.keeps(r, "secret")
	path := filepath.Join(b.Tree.Dir(), "tokens", filepath.FromSlash(record.Key(r))+".record")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	shown := b.find(r)
	nothing := func(credential.Candidate) error { return nil }
	if err := b.IfUnchanged(t.Context(), shown, nothing); err != nil {
		t.Error(err)
	}
	if err := b.Tree.Put(r); err != nil {
		t.Fatal(err)
	}
	var changed *ChangedError
	if err := b.IfUnchanged(t.Context(), shown, nothing); !errors.As(err, &changed) {
		t.Errorf("mended: got %v", err)
	}
}

func TestSameSecret(t *testing.T) {
	secret, other := credential.NewSecret("secret"), credential.NewSecret("other")
	var lost *LostError
	var changed *ChangedError
	for _, test := range []struct {
		name   string
		there  string // nothing: it is lost
		before *credential.Secret
		target any // of errors.As, or nil
	}{
		{"the same", "secret", &secret, nil},
		{"another", "secret", &other, &changed},
		{"lost since", "", &secret, &lost},
		{"lost before", "", nil, nil},
		{"back since", "secret", nil, &changed},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newFixture(t)
			r := laptop(b.Now)
			b.keeps(r, test.there)
			if test.there == "" {
				s, _ := b.Open(r.Store)
				if err := s.Delete(b.t.Context(), record.Key(r)); err != nil {
					t.Fatal(err)
				}
			}
			err := b.SameSecret(t.Context(), b.find(r), test.before)
			if (err == nil) != (test.target == nil) || test.target != nil && !errors.As(err, test.target) {
				t.Errorf("got %v, want %T", err, test.target)
			}
		})
	}
}

// What is to be new takes nobody's place, and what fails leaves all as it was.
func TestKeep(t *testing.T) {
	b := newFixture(t)
	r, fresh := laptop(b.Now.Add(-time.Hour)), laptop(b.Now)
	b.keeps(r, "old")
	old := b.find(r)
	plain := filepath.Join(t.TempDir(), "plain")
	for _, test := range []struct {
		name  string
		old   *credential.Candidate
		store string
		fails bool
		want  string // the secret, in the store file
	}{
		{"new, where one is", nil, "file", true, "old"},
		{"in a store that fails", &old, "git:!exit 1;:", true, "old"},
		{"in a store that keeps nothing", &old, "git:!cat >/dev/null;:", true, "old"},
		{"in its place", &old, "file", false, "new"},
		{"in another store", &old, "git:store --file=" + plain, false, ""},
	} {
		b.keeps(r, "old")
		fresh.Store = test.store
		err := b.Keep(t.Context(), test.old, fresh, credential.NewSecret("new"))
		if (err != nil) != test.fails || test.old == nil && !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: got %v", test.name, err)
		}
		if got := b.secret(r, "file"); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
		want := fresh
		if test.fails {
			want = r
		}
		if got := b.find(r); !got.Record.Equal(want) {
			t.Errorf("%s: got %+v, want %+v", test.name, got.Record, want)
		}
	}
	if got := b.secret(r, "git:store --file="+plain); got != "new" {
		t.Errorf("got %q in the other store, want the new one", got)
	}
}

// A record that cannot be written leaves the old secret where it is.
func TestKeepImpossible(t *testing.T) {
	b := newFixture(t)
	r := laptop(b.Now)
	b.keeps(r, "old")
	old, fresh := b.find(r), r
	fresh.Expires = time.Date(10000, time.January, 1, 0, 0, 0, 0, time.UTC)
	if err := b.Keep(t.Context(), &old, fresh, credential.NewSecret("new")); err == nil {
		t.Error("there was no error")
	}
	if got := b.secret(r, "file"); got != "old" || !b.find(r).Record.Equal(r) {
		t.Errorf("got %q and %+v, want what was there", got, b.find(r).Record)
	}
}

// A token that was added before anybody knew whose it is, and is pasted again
// when GitHub has said so, takes its own place.
// someTokens puts records of all sorts where the commands look for them.
func someTokens(t *testing.T, now time.Time) *record.Tree {
	t.Helper()
	dir := t.TempDir()
	tree := record.NewTree(dir)
	put := func(r credential.Record) string {
		t.Helper()
		if err := tree.Put(r); err != nil {
			t.Fatal(err)
		}
		return record.Key(r)
	}
	in := func(days int) time.Time { return now.AddDate(0, 0, days).UTC() }
	target := func(host string, paths ...string) credential.Target {
		return credential.Target{Host: host, Paths: paths}
	}
	used := put(credential.Record{Target: target("github.com", "acme"), Name: "laptop", Username: "alice", Kind: credential.FineGrained, Added: in(-30).Add(123456789 * time.Nanosecond), Expires: in(12), Store: "keyring"})
	if err := tree.NoteUse(used, in(-1)); err != nil {
		t.Fatal(err)
	}
	put(credential.Record{Target: target("github.com", "acme/gadgets", "acme/widgets"), Name: "ci", Kind: credential.FineGrained, Store: "env:CI_TOKEN"})
	put(credential.Record{Target: target("github.com"), Name: "old", Kind: credential.Classic, Expires: in(-3), Store: "file"})
	refused := put(credential.Record{Target: target("ghes.example:8443", "acme"), Name: "my laptop", Username: "alice", Kind: credential.FineGrained, Store: "git:cache --timeout=60"})
	if err := tree.SetAside(refused, credential.Aside{Time: in(-2), Reason: "refused by ghes.example:8443"}); err != nil {
		t.Fatal(err)
	}
	put(credential.Record{Target: target("forge.example", "Team/Thing.git"), Name: "b\u00f6b", Username: "b\u00f6b", Kind: credential.Other, Store: "keyring"})
	damaged := put(credential.Record{Target: target("github.com", "globex/reactor"), Name: "gone", Kind: credential.Classic, Store: "file"})
	if err := os.WriteFile(filepath.Join(dir, "tokens", filepath.FromSlash(damaged)+".record"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	return tree
}

// The few records that are read for a target tell the same as all of them.
func TestFindReadsFew(t *testing.T) {
	now := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
	kept := &Tokens{Tree: someTokens(t, now)}
	tree := kept.Tree
	for i := range 20 {
		target := credential.Target{Host: "github.com", Paths: []string{fmt.Sprintf("owner-%d", i)}}
		if err := tree.Put(credential.Record{Target: target, Name: "alice", Kind: credential.FineGrained, Store: "file"}); err != nil {
			t.Fatal(err)
		}
	}
	all, _, _, err := tree.Survey()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		targets []string
		reads   int // records
	}{
		{[]string{"github.com"}, 1},
		{[]string{"acme"}, 3},
		{[]string{"ACME"}, 3},
		{[]string{"acme/widgets"}, 3},
		{[]string{"acme/widgets", "acme/gadgets"}, 3},
		{[]string{"acme/{gadgets,widgets}"}, 3},
		{[]string{"acme/widgets", "acme/other"}, 3},
		{[]string{"https://github.com/acme/Gadgets.git"}, 3},
		{[]string{"globex"}, 1},
		{[]string{"globex/reactor"}, 2},
		{[]string{"owner-7"}, 2},
		{[]string{"nobody"}, 1},
		{[]string{"nobody/nothing"}, 1},
		{[]string{"ghes.example:8443/acme"}, 1},
		{[]string{"ghes.example:8443/acme/widgets"}, 1},
		{[]string{"ghes.example"}, 0},
		{[]string{"forge.example/Team/Thing.git"}, 1},
		{[]string{"forge.example/team"}, 0},
		{[]string{"forge.example/Team/Thing.git/deeper/than/that"}, 1},
		{[]string{"gist.github.com"}, 0},
	} {
		target, err := credential.ParseTarget(test.targets[0])
		if err != nil {
			t.Fatal(err)
		}
		near, err := tree.Near(target.Host, kept.firstPath(target))
		if err != nil || len(near) != test.reads {
			t.Errorf("%v: %d records are read, %v, want %d", test.targets, len(near), err, test.reads)
		}
		var ofHost []credential.Candidate
		for _, c := range all {
			if c.Host == target.Host {
				ofHost = append(ofHost, c)
			}
		}
		for _, name := range []string{"", "laptop", "ci", "old", "gone", "alice", "nobody"} {
			got, err := kept.Find(target, name)
			want, wantErr := find(ofHost, target, name)
			if got.Key != want.Key || !reflect.DeepEqual(err, wantErr) {
				t.Errorf("%v, %q: got %q, %+v, want %q, %+v", test.targets, name, got.Key, err, want.Key, wantErr)
			}
		}
		var listed, wanted []string
		for c, err := range kept.Within(target) {
			if err != nil {
				t.Fatal(err)
			}
			listed = append(listed, c.Key)
		}
		for _, c := range all {
			if isWithin(c, target) {
				wanted = append(wanted, c.Key)
			}
		}
		if !slices.Equal(listed, wanted) {
			t.Errorf("%v: lists %q, want %q", test.targets, listed, wanted)
		}
	}
}
