package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

func TestIsAtLeast(t *testing.T) {
	for _, test := range []struct {
		version string
		want    []int
		is      bool
	}{
		{"2.39.5", []int{2, 9}, true},
		{"2.9", []int{2, 9}, true},
		{"2.9.0", []int{2, 9}, true},
		{"2.8.6", []int{2, 9}, false},
		{"1.10", []int{2, 9}, false},
		{"3.0", []int{2, 9}, true},
		{"2.10.1 (Apple Git-78)", []int{2, 9}, true},
		{"2.8 (Apple Git-99)", []int{2, 9}, false},
		{"2.47.1.windows.1", []int{2, 47, 1}, true},
		{"2.47.rc1", []int{2, 47, 1}, false},
		{"3.7.1", []int{3, 7, 2}, false},
		{"3.7.2", []int{3, 7, 2}, true},
		{"4.0.0-pre", []int{3, 7, 2}, true},
		{"3.10.0-pre", []int{3, 7, 2}, true},
		{"3", []int{3, 7}, false},
		{"", []int{2, 9}, false},
		{"unknown", []int{2, 9}, false},
	} {
		if got := isAtLeast(test.version, test.want...); got != test.is {
			t.Errorf("%q, %v: got %v, want %v", test.version, test.want, got, test.is)
		}
	}
}

func TestNetrcEntry(t *testing.T) {
	for _, test := range []struct {
		name, text, want string // nothing: there is none
	}{
		{"empty", "", ""},
		{"one line", "machine github.com login alice password x\n", "github.com"},
		{"lines", "machine\n\tgithub.com\nlogin alice\npassword x", "github.com"},
		{"upper case", "machine GitHub.COM login alice password x\n", "github.com"},
		{"quoted", "machine \"github.com\" login alice\n", "github.com"},
		{"another", "machine gist.github.com login alice password x\n", ""},
		{"a longer one", "machine github.com.example login alice password x\n", ""},
		{"after another", "machine a login b password c\nmachine github.com login alice\n", "github.com"},
		{"as a value", "machine a login machine password github.com\nmachine b login default password machine\n", ""},
		{"all", "machine a login b password c\ndefault login alice password x\n", "all hosts"},
		{"a comment", "# machine github.com\n", ""},
		{"a macro", "macdef init\nmachine github.com\ndefault\n\n", ""},
		{"after a macro", "macdef init\ncd /\n\nmachine github.com login alice\n", "github.com"},
		{"cut short", "machine", ""},
	} {
		got, ok := netrcEntry(test.text, "github.com")
		if got != test.want || ok != (test.want != "") {
			t.Errorf("%s: got %q and %v, want %q", test.name, got, ok, test.want)
		}
	}
}

// A fixture has tokens of its own, and keeps what is said.
type fixture struct {
	*tokens.Tokens
	t    *testing.T
	said *bytes.Buffer
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	tree := record.NewTree(filepath.Join(t.TempDir(), "git-pat"))
	return &fixture{&tokens.Tokens{Tree: tree, Now: time.Now()}, t, &bytes.Buffer{}}
}

func (b *fixture) doctor() *doctor {
	return &doctor{ctx: b.t.Context(), t: &term.Terminal{Err: b.said}, kept: b.Tokens}
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
			mend := b.doctor().onFile(path, func() error { done = true; return nil })
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
			r := laptop(b.Now)
			if err := b.Tree.Put(r); err != nil {
				t.Fatal(err)
			}
			shown := b.find(r)
			test.do(b, r)
			err := b.doctor().removeEmpty(shown)
			var changed *tokens.ChangedError
			if (err == nil) != (test.want == "") || err != nil && !errors.As(err, &changed) {
				t.Errorf("got %v", err)
			}
			_, err = b.Tree.Find(record.Key(r))
			if got := b.secret(r, "file"); got != test.want || errors.Is(err, fs.ErrNotExist) != (test.want == "") {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

// The hint of a token that could not replace another leads to a place where it can
// be kept.
func TestNotRotated(t *testing.T) {
	b := newFixture(t)
	r := laptop(b.Now)
	second := r
	second.Name = "laptop-2"
	b.keeps(r, "a")
	b.keeps(second, "b")
	for _, test := range []struct {
		gone bool
		hint string
		want []string
	}{
		{true, "the new token is not kept; to add it:", []string{"git pat add acme --name laptop"}},
		{false, "the new token is not kept; to replace the token that is there now, or to add the new one beside it:",
			[]string{"git pat rotate acme --name laptop", "git pat add acme --name laptop-3"}},
	} {
		var e *hintError
		err := notRotated(b.Tokens, &tokens.ChangedError{Record: r, Gone: test.gone})
		if !errors.As(err, &e) || e.hint != test.hint || !slices.Equal(e.commands, test.want) {
			t.Errorf("gone %v: got %+v, want %q", test.gone, err, test.want)
		}
	}
}
