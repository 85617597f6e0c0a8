package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// A fixture is a tree of one's own, with an app that works on it.
type fixture struct {
	*app
	t    *testing.T
	tree *record.Tree
	said *bytes.Buffer
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "git-pat")
	t.Setenv("GIT_PAT_DIR", dir)
	b := &fixture{t: t, tree: record.NewTree(dir), said: &bytes.Buffer{}}
	b.app = &app{ctx: t.Context(), ui: &ui{out: b.said, errOut: b.said}, now: time.Now()}
	return b
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
	if err := b.tree.Put(r); err != nil {
		b.t.Fatal(err)
	}
	s, err := b.open(b.tree, r.Store)
	if err == nil {
		err = s.Set(b.ctx, record.Key(r), credential.NewSecret(secret))
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *fixture) find(r credential.Record) credential.Candidate {
	b.t.Helper()
	c, err := b.tree.Find(record.Key(r))
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// secret returns what a store has for a record, or nothing.
func (b *fixture) secret(r credential.Record, name string) string {
	b.t.Helper()
	s, err := b.open(b.tree, name)
	if err != nil {
		b.t.Fatal(err)
	}
	secret, err := s.Get(b.ctx, record.Key(r))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		b.t.Fatal(err)
	}
	return secret.Reveal()
}

// isFree fails if the lock is held.
func (b *fixture) isFree(when string) {
	b.t.Helper()
	unlock, err := b.tree.Lock(b.ctx)
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
		return b.tree.SetAside(record.Key(r), credential.Refused(r.Host, b.now))
	}, false, false},
	{"it was used", func(b *fixture, r credential.Record) error { return b.tree.NoteUse(record.Key(r), b.now) }, false, false},
	{"it was warned of", func(b *fixture, r credential.Record) error {
		b.tree.NoteWarning(record.Key(r), b.now)
		return nil
	}, false, false},
	{"another is beside it", func(b *fixture, r credential.Record) error {
		r.Name = "desktop"
		return b.tree.Create(r)
	}, false, false},

	{"it was rotated in the same second", func(b *fixture, r credential.Record) error {
		r.Added = r.Added.Add(time.Nanosecond)
		return b.tree.Put(r)
	}, true, false},
	{"it was moved", func(b *fixture, r credential.Record) error {
		r.Store = "git:cache"
		return b.tree.Put(r)
	}, true, false},
	{"its login was noted", func(b *fixture, r credential.Record) error {
		r.Username = "alice"
		return b.tree.Put(r)
	}, true, false},
	{"its record was damaged", func(b *fixture, r credential.Record) error {
		return os.WriteFile(filepath.Join(b.tree.Dir(), "tokens", filepath.FromSlash(record.Key(r))+".record"), []byte("{"), 0o600)
	}, true, false},
	{"it was removed", func(b *fixture, r credential.Record) error { return b.tree.Remove(record.Key(r)) }, true, true},
}

func TestIfUnchanged(t *testing.T) {
	for _, test := range meanwhile {
		t.Run(test.name, func(t *testing.T) {
			b := newFixture(t)
			r := laptop(b.now)
			b.keeps(r, "secret")
			shown := b.find(r)
			if err := test.do(b, r); err != nil {
				t.Fatal(err)
			}
			done := false
			err := b.ifUnchanged(b.tree, shown, "nothing is removed", func(now credential.Candidate) error {
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
			if !test.changed {
				if err != nil {
					t.Error(err)
				}
				return
			}
			what := "changed"
			if test.gone {
				what = "removed"
			}
			want := `git pat: the token "laptop" for github.com/acme was ` + what + " meanwhile, so nothing is removed\n" +
				"hint: to see what there is now:\nhint:   git pat list acme\n"
			if status := b.ui.exit(err); status != exitCannot || b.said.String() != want {
				t.Errorf("got %d and %q, want %q", status, b.said, want)
			}
		})
	}
}

// A damaged record is still the same while nobody touches it.
func TestIfUnchangedDamaged(t *testing.T) {
	b := newFixture(t)
	r := laptop(b.now)
	b.keeps(r, "secret")
	path := filepath.Join(b.tree.Dir(), "tokens", filepath.FromSlash(record.Key(r))+".record")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	shown := b.find(r)
	nothing := func(credential.Candidate) error { return nil }
	if err := b.ifUnchanged(b.tree, shown, "", nothing); err != nil {
		t.Error(err)
	}
	if err := b.tree.Put(r); err != nil {
		t.Fatal(err)
	}
	var changed *changedError
	if err := b.ifUnchanged(b.tree, shown, "", nothing); !errors.As(err, &changed) {
		t.Errorf("mended: got %v", err)
	}
}

func TestSameSecret(t *testing.T) {
	secret, other := credential.NewSecret("secret"), credential.NewSecret("other")
	var lost *lostError
	var changed *changedError
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
			r := laptop(b.now)
			b.keeps(r, test.there)
			if test.there == "" {
				s, _ := b.open(b.tree, r.Store)
				if err := s.Delete(b.ctx, record.Key(r)); err != nil {
					t.Fatal(err)
				}
			}
			err := b.sameSecret(b.tree, b.find(r), test.before, "")
			if (err == nil) != (test.target == nil) || test.target != nil && !errors.As(err, test.target) {
				t.Errorf("got %v, want %T", err, test.target)
			}
		})
	}
}

// What is to be new takes nobody's place, and what fails leaves all as it was.
func TestKeep(t *testing.T) {
	b := newFixture(t)
	r, fresh := laptop(b.now.Add(-time.Hour)), laptop(b.now)
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
		err := b.keep(b.tree, test.old, fresh, credential.NewSecret("new"))
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

// What another token is replaced by is decided by what is there when it is: a
// move in the meantime is not undone.
func TestAddKeep(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	elsewhere := "git:store --file=" + plain
	there := laptop(time.Now().Add(-time.Hour))
	there.Store, there.Username, there.Access = elsewhere, "alice", credential.WriteAccess
	for _, test := range []struct {
		name    string
		has     []credential.Record
		verdict github.Result
		want    string // its store, login and access, or the error
	}{
		{"nothing there", nil, github.ResultGood, "file  "},
		{"one there", []credential.Record{there}, github.ResultGood, elsewhere + " alice write"},
		{"one there, and a bad one comes", []credential.Record{there}, github.ResultRefused,
			`github.com does not take this token (it is bad), so the one there is, "laptop", stays`},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newFixture(t)
			for _, r := range test.has {
				b.keeps(r, "old")
			}
			r := laptop(b.now)
			r.Store = ""
			if len(test.has) == 0 {
				r.Store = "file" // else it is the keyring's, if there is one
			}
			kept, err := (&addCommand{}).keep(b.app, b.tree, r, credential.NewSecret("new"), verdict{Result: test.verdict, What: "it is bad"})
			b.isFree("after it")
			got := strings.Join([]string{kept.record.Store, kept.record.Username, string(kept.record.Access)}, " ")
			want := "new"
			if err != nil {
				got, want = err.Error(), "old"
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			now := b.find(r)
			if secret := b.secret(r, now.Store); secret != want || err == nil && !now.Record.Equal(kept.record) {
				t.Errorf("got %q and %+v, want %q and %+v", secret, now, want, kept)
			}
		})
	}
}

// A token that is refused when it comes is aside as soon as it is there.
func TestAddKeepRefused(t *testing.T) {
	b := newFixture(t)
	r := laptop(b.now)
	if _, err := (&addCommand{}).keep(b.app, b.tree, r, credential.NewSecret("bad"), verdict{Result: github.ResultRefused}); err != nil {
		t.Fatal(err)
	}
	if got := b.find(r); got.Aside == nil {
		t.Errorf("got %+v, want it set aside", got)
	}
}

// Where a new token cannot be put in the place of the old one, the hint leads
// to one where it can.
func TestNotRotated(t *testing.T) {
	b := newFixture(t)
	r := laptop(b.now)
	second := r
	second.Name = "laptop-2"
	b.keeps(r, "a")
	b.keeps(second, "b")
	for _, test := range []struct {
		gone bool
		hint string
		want []string
	}{
		{true, "the new one is not kept; to add it:", []string{"git pat add acme --name laptop"}},
		{false, "the new one is not kept; to put it in the place of what there is now, or to add it beside that:",
			[]string{"git pat rotate acme --name laptop", "git pat add acme --name laptop-3"}},
	} {
		var f *hintError
		err := notRotated(b.tree, &changedError{r, test.gone, "it is not"})
		if !errors.As(err, &f) || f.hint != test.hint || !slices.Equal(f.commands, test.want) {
			t.Errorf("gone %v: got %+v, want %q", test.gone, err, test.want)
		}
	}
}

// A file is mended only while it is what was shown.
func TestOnFile(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(path string) error
		done bool
	}{
		{"nothing", func(string) error { return nil }, true},
		{"it is gone", os.Remove, false},
		{"its mode was changed", func(path string) error { return os.Chmod(path, 0o400) }, false},
		{"it was written", func(path string) error { return os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)) }, false},
		{"another is in its place", func(path string) error {
			return errors.Join(os.WriteFile(path+"2", nil, 0o600), os.Rename(path+"2", path))
		}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newFixture(t)
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			done := false
			mend := (&doctor{app: b.app, tree: b.tree}).onFile(path, func() error { done = true; return nil })
			if err := test.do(path); err != nil {
				t.Fatal(err)
			}
			if err := mend(); err != nil || done != test.done {
				t.Errorf("got %v, %v, want %v", done, err, test.done)
			}
			want := ""
			if !test.done {
				want = "git pat: " + quote(path) + " was changed meanwhile, so it stays as it is\n"
			}
			if b.said.String() != want {
				t.Errorf("got %q, want %q", b.said, want)
			}
		})
	}
}

// Doctor removes the record of a lost secret only if it is still lost.
func TestRemoveEmpty(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(b *fixture, r credential.Record)
		want string // the secret then, or nothing for no record
	}{
		{"still lost", func(*fixture, credential.Record) {}, ""},
		{"added again", func(b *fixture, r credential.Record) { r.Added = r.Added.Add(time.Second); b.keeps(r, "new") }, "new"},
		{"its secret is back", func(b *fixture, r credential.Record) { b.keeps(r, "old") }, "old"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newFixture(t)
			r := laptop(b.now)
			if err := b.tree.Put(r); err != nil {
				t.Fatal(err)
			}
			shown := b.find(r)
			test.do(b, r)
			err := (&doctor{app: b.app, tree: b.tree}).removeEmpty(shown)
			var changed *changedError
			if (err == nil) != (test.want == "") || err != nil && !errors.As(err, &changed) {
				t.Errorf("got %v", err)
			}
			_, err = b.tree.Find(record.Key(r))
			if got := b.secret(r, "file"); got != test.want || errors.Is(err, fs.ErrNotExist) != (test.want == "") {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}
