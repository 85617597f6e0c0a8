package keeper

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// fake is a store in memory that fails on demand and writes down what it was
// asked.
type fake struct {
	mu       sync.Mutex
	secrets  map[string]credential.Secret
	calls    []string // such as "get github.com/@/classic"
	get, set error
}

var _ store.Store = (*fake)(nil)

func (f *fake) called(what, key string) {
	f.calls = append(f.calls, what+" "+key)
}

func (f *fake) Get(_ context.Context, key string) (credential.Secret, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.called("get", key)
	secret, ok := f.secrets[key]
	switch {
	case f.get != nil:
		return credential.Secret{}, f.get
	case !ok:
		return credential.Secret{}, fmt.Errorf("fake: %w", store.ErrNotFound)
	}
	return secret, nil
}

func (f *fake) Set(_ context.Context, key string, secret credential.Secret) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.called("set", key)
	if f.set == nil {
		f.secrets[key] = secret
	}
	return f.set
}

func (f *fake) Delete(_ context.Context, key string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.called("delete", key)
	delete(f.secrets, key)
	return nil
}

// count returns how many calls there were of some operations.
func (f *fake) count(operations ...string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, call := range f.calls {
		operation, _, _ := strings.Cut(call, " ")
		if slices.Contains(operations, operation) {
			n++
		}
	}
	return n
}

// newTree returns a tree that is not there yet.
func newTree(t *testing.T) *record.Tree {
	t.Helper()
	return record.NewTree(filepath.Join(t.TempDir(), "git-pat"))
}

func put(t *testing.T, tree *record.Tree, records ...credential.Record) {
	t.Helper()
	for _, r := range records {
		if err := tree.Put(r); err != nil {
			t.Fatalf("put %q: %v", r.Name, err)
		}
	}
}

// recordFile is the file of the record of a key.
func recordFile(tree *record.Tree, key string) string {
	return filepath.Join(tree.Dir(), "tokens", filepath.FromSlash(key)+".record")
}

func find(t *testing.T, tree *record.Tree, key string) credential.Candidate {
	t.Helper()
	c, err := tree.Find(key)
	if err != nil {
		t.Fatalf("find %q: %v", key, err)
	}
	return c
}

func names(candidates []credential.Candidate) []string {
	var list []string
	for _, c := range candidates {
		list = append(list, c.Name)
	}
	return list
}

// openStore opens a store beside the records of a tree.
func openStore(t *testing.T, name string, tree *record.Tree) store.Store {
	t.Helper()
	s, err := store.Open(name, tree.Dir(), store.Options{Limit: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// isStoreError returns the *store.Error that an error is, and fails the test if it
// is none or is, at the same time, store.ErrNotFound.
func isStoreError(t *testing.T, what string, err error) *store.Error {
	t.Helper()
	var trouble *store.Error
	if !errors.As(err, &trouble) || errors.Is(err, store.ErrNotFound) {
		t.Errorf("%s: got error %v, want a *store.Error", what, err)
		return &store.Error{}
	}
	return trouble
}

func lockedUp() error { return &store.Error{Store: "locked", What: "is locked", Advice: "unlock it"} }

// bench is a keeper with a tree of its own, at noon. Its stores are the real
// ones, "memory", and "locked", which is in trouble.
type bench struct {
	*Keeper
	t              *testing.T
	memory, locked *fake
	now            time.Time
	defaults       int // calls of DefaultStore
}

func newBench(t *testing.T, save Save) *bench {
	t.Helper()
	b := &bench{
		t:      t,
		memory: &fake{secrets: map[string]credential.Secret{}},
		locked: &fake{secrets: map[string]credential.Secret{}, get: lockedUp(), set: lockedUp()},
		now:    storetest.Noon(),
	}
	tree := newTree(t)
	b.Keeper = &Keeper{
		Tree: tree,
		Open: func(name string) (store.Store, error) {
			switch name {
			case "memory":
				return b.memory, nil
			case "locked":
				return b.locked, nil
			case "keyring":
				return nil, errors.New("no keyring in this test")
			}
			return store.Open(name, tree.Dir(), store.Options{Limit: time.Minute})
		},
		DefaultStore: func(context.Context) string {
			b.defaults++
			return "file"
		},
		Save: save,
		Now:  func() time.Time { return b.now },
	}
	return b
}

// add adds a token to the keeper, as git pat add does.
func (b *bench) add(r credential.Record, secret credential.Secret) credential.Record {
	b.t.Helper()
	put(b.t, b.Tree, r)
	s, err := b.Open(r.Store)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := s.Set(b.t.Context(), record.Key(r), secret); err != nil && r.Store != "locked" && !store.ReadOnly(r.Store) {
		b.t.Fatal(err)
	}
	return r
}

func (b *bench) setAside(r credential.Record) {
	b.t.Helper()
	if err := b.Tree.SetAside(record.Key(r), credential.Aside{Time: storetest.Noon().Add(-time.Minute), Reason: "refused", Refusals: 1}); err != nil {
		b.t.Fatal(err)
	}
}

// forget makes the fakes forget what they were asked.
func (b *bench) forget() { b.memory.calls, b.locked.calls = nil, nil }

func (b *bench) snapshot() map[string]string {
	b.t.Helper()
	return storetest.Snapshot(b.t, b.Tree.Dir())
}

func (b *bench) unchanged(what string, was map[string]string) {
	b.t.Helper()
	storetest.Unchanged(b.t, what, b.Tree.Dir(), was)
}

// fill asks for a path of github.com, and returns the name of the record that
// answers, or "" with the outcome.
func (b *bench) fill(path string) (string, credential.Decision) {
	b.t.Helper()
	d, login, err := b.Fill(b.t.Context(), at(path))
	if err != nil {
		b.t.Errorf("%q: %v", path, err)
		return "", d
	}
	if (d.Outcome == credential.Answer) != (login != nil) {
		b.t.Errorf("%q: got the outcome %v and a login: %v", path, d.Outcome, login != nil)
	}
	if d.Winner < 0 {
		return "", d
	}
	return d.Considered[d.Winner].Name, d
}

// answers fails the test unless a path of github.com is answered with a
// secret.
func (b *bench) answers(path string, want credential.Secret) {
	b.t.Helper()
	d, login, err := b.Fill(b.t.Context(), at(path))
	if err != nil || login == nil || login.Password == nil {
		b.t.Errorf("%q: got the outcome %v and error %v, want an answer", path, d.Outcome, err)
		return
	}
	storetest.Same(b.t, path, *login.Password, want)
}

// is fails the test unless a path of github.com comes to an outcome.
func (b *bench) is(path string, want credential.Outcome) {
	b.t.Helper()
	if _, d := b.fill(path); d.Outcome != want {
		b.t.Errorf("%q: got the outcome %v, want %v", path, d.Outcome, want)
	}
}

func (b *bench) approve(r Report) Approval {
	b.t.Helper()
	a, err := b.Approve(b.t.Context(), r)
	if err != nil {
		b.t.Errorf("approve: %v", err)
	}
	return a
}

func (b *bench) reject(r Report) Rejection {
	b.t.Helper()
	rejection, err := b.Reject(b.t.Context(), r)
	if err != nil {
		b.t.Errorf("reject: %v", err)
	}
	return rejection
}

// records returns the names of all records with their targets.
func (b *bench) records() []string {
	b.t.Helper()
	var list []string
	for c, err := range b.Tree.All() {
		if err != nil {
			b.t.Fatal(err)
		}
		name := c.Target.String() + " " + c.Name
		if c.Aside != nil {
			name += " aside"
		}
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func (b *bench) has(what string, want ...string) {
	b.t.Helper()
	slices.Sort(want)
	if got := b.records(); !slices.Equal(got, want) {
		b.t.Errorf("%s: got the records %q, want %q", what, got, want)
	}
}

// holds fails the test unless a store has the secret of a record.
func (b *bench) holds(r credential.Record, want credential.Secret) {
	b.t.Helper()
	s, err := b.Open(r.Store)
	if err != nil {
		b.t.Fatal(err)
	}
	got, err := s.Get(b.t.Context(), record.Key(r))
	if err != nil {
		b.t.Errorf("%s: %v", r.Name, err)
		return
	}
	storetest.Same(b.t, r.Name, got, want)
}

func at(path string) credential.Request {
	return credential.Request{Host: "github.com", Path: path}
}

// by is a request that names a login.
func by(login, path string) credential.Request {
	r := at(path)
	r.Username = login
	return r
}

// typed is the report of a password that was typed at Git's prompt.
func typed(request credential.Request, password credential.Secret) Report {
	return Report{Request: request, Login: Login{Username: request.Username, Named: request.Username != "", Password: &password}}
}

// asked is typed, after Git asked and had no answer.
func asked(request credential.Request, password credential.Secret) Report {
	r := typed(request, password)
	r.Asked = true
	return r
}

func in(name string, r credential.Record) credential.Record {
	r.Store = name
	return r
}

func classic(name string, paths ...string) credential.Record {
	r := storetest.Record(name, paths...)
	r.Kind = credential.Classic
	return r
}

func of(login string, r credential.Record) credential.Record {
	r.Username = login
	return r
}

func TestSaveText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"tokens", "any", "never"} {
		var s Save
		if err := s.UnmarshalText([]byte(text)); err != nil || string(s) != text {
			t.Errorf("%q: got %q and error %v", text, s, err)
		}
		if back, err := s.MarshalText(); err != nil || string(back) != text {
			t.Errorf("%q: got back %q and error %v", text, back, err)
		}
	}
	for _, text := range []string{"", "Any", "all", "tokens "} {
		s := SaveNever
		if err := s.UnmarshalText([]byte(text)); err == nil || s != SaveNever {
			t.Errorf("%q: got %q and error %v", text, s, err)
		}
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	gone := func(b *bench, r credential.Record) { put(b.t, b.Tree, r) }
	has := func(b *bench, r credential.Record) { b.add(r, storetest.NewToken(r.Kind)) }
	expired := func(r credential.Record) credential.Record {
		r.Expires = storetest.Noon()
		return r
	}
	for _, test := range []struct {
		name    string
		setup   func(b *bench)
		request credential.Request
		outcome credential.Outcome
		winner  string // the name of the record
		verdict string // of all, in order
	}{
		{"nothing", func(*bench) {}, at("acme/widgets"), credential.NoToken, "", ""},
		{"of the owner", func(b *bench) { has(b, storetest.Record("a", "acme")) }, at("acme/widgets.git"), credential.Answer, "a", "answers"},
		{"of the repository, then the owner, then the host", func(b *bench) {
			has(b, storetest.Record("whole"))
			has(b, storetest.Record("owner", "acme"))
			has(b, storetest.Record("repo", "acme/widgets"))
		}, at("acme/widgets"), credential.Answer, "repo", "less specific, less specific, answers"},
		{"in any store", func(b *bench) { has(b, in("memory", storetest.Record("a", "acme"))) }, at("acme/widgets"), credential.Answer, "a", "answers"},

		{"gone", func(b *bench) { gone(b, storetest.Record("a", "acme")) }, at("acme/widgets"), credential.Unusable, "", "secret missing"},
		{"gone, and nothing broader steps in", func(b *bench) {
			has(b, classic("whole"))
			gone(b, storetest.Record("a", "acme"))
		}, at("acme/widgets"), credential.Unusable, "", "less specific, secret missing"},
		{"gone, and one beside it", func(b *bench) {
			gone(b, storetest.Record("a", "acme"))
			has(b, storetest.Record("b", "acme"))
		}, at("acme/widgets"), credential.Answer, "b", "secret missing, answers"},
		{"fine-grained is gone, classic is there", func(b *bench) {
			gone(b, storetest.Record("fine", "acme"))
			has(b, classic("classic", "acme"))
		}, at("acme/widgets"), credential.Answer, "classic", "answers, secret missing"},
		{"one after the other is gone", func(b *bench) {
			gone(b, storetest.Record("a", "acme"))
			gone(b, in("memory", storetest.Record("b", "acme")))
			gone(b, classic("c", "acme"))
			has(b, classic("d", "acme"))
		}, at("acme/widgets"), credential.Answer, "d", "secret missing, secret missing, secret missing, answers"},
		{"all are gone", func(b *bench) {
			gone(b, storetest.Record("a", "acme"))
			gone(b, storetest.Record("b", "acme"))
			gone(b, classic("c", "acme"))
		}, at("acme/widgets"), credential.Unusable, "", "secret missing, secret missing, secret missing"},

		{"two", func(b *bench) {
			has(b, storetest.Record("a", "acme"))
			has(b, storetest.Record("b", "acme"))
		}, at("acme/widgets"), credential.Ambiguous, "", "one of several, one of several"},
		{"two of three", func(b *bench) {
			has(b, storetest.Record("a", "acme"))
			gone(b, storetest.Record("b", "acme"))
			has(b, storetest.Record("c", "acme"))
		}, at("acme/widgets"), credential.Ambiguous, "", "one of several, secret missing, one of several"},
		{"two, of which one may be there", func(b *bench) {
			has(b, storetest.Record("a", "acme"))
			has(b, in("locked", storetest.Record("b", "acme")))
		}, at("acme/widgets"), credential.Ambiguous, "", "one of several, one of several"},
		{"two, by login", func(b *bench) {
			has(b, of("alice", storetest.Record("a", "acme")))
			has(b, of("bob", storetest.Record("b", "acme")))
		}, by("Bob", "acme/widgets"), credential.Answer, "b", "other login, answers"},
		{"expired", func(b *bench) { has(b, expired(storetest.Record("a", "acme"))) }, at("acme/widgets"), credential.Unusable, "", "expired"},
		{"expired beside one that is gone", func(b *bench) {
			has(b, expired(storetest.Record("a", "acme")))
			gone(b, storetest.Record("b", "acme"))
		}, at("acme/widgets"), credential.Unusable, "", "expired, secret missing"},
		{"set aside", func(b *bench) {
			has(b, storetest.Record("a", "acme"))
			b.setAside(storetest.Record("a", "acme"))
		}, at("acme/widgets"), credential.Unusable, "", "set aside"},

		{"without a path, the only one", func(b *bench) { has(b, storetest.Record("a", "acme")) }, at(""), credential.Answer, "a", "answers"},
		{"without a path, two owners", func(b *bench) {
			has(b, storetest.Record("a", "acme"))
			has(b, storetest.Record("b", "umbrella"))
		}, at(""), credential.Unspecified, "", "one of several, one of several"},
		{"without a path, the others are gone", func(b *bench) {
			gone(b, storetest.Record("a", "acme"))
			gone(b, storetest.Record("b", "beta"))
			has(b, storetest.Record("c", "gamma"))
			gone(b, storetest.Record("d", "delta"))
			gone(b, storetest.Record("e", "epsilon"))
		}, at("/"), credential.Answer, "c", "secret missing, secret missing, secret missing, secret missing, answers"},
		{"without a path, the whole host's", func(b *bench) {
			has(b, storetest.Record("a", "acme"))
			has(b, storetest.Record("b", "beta"))
			has(b, storetest.Record("whole"))
		}, at(""), credential.Answer, "whole", "answers, for some repositories"},
		{"without a path, all are gone", func(b *bench) {
			for _, owner := range []string{"a", "b", "c", "d"} {
				gone(b, storetest.Record("x", owner))
			}
		}, at(""), credential.Unusable, "", "secret missing, secret missing, secret missing, secret missing"},

		{"a gist", func(b *bench) {
			has(b, storetest.Record("a", "acme"))
			has(b, classic("whole"))
		}, credential.Request{Host: credential.GistHost, Path: "0123abcd.git"}, credential.Answer, "whole", "answers"},
		{"a gist, without a path", func(b *bench) { has(b, classic("whole")) }, credential.Request{Host: credential.GistHost}, credential.Answer, "whole", "answers"},
		{"a gist, gone", func(b *bench) { gone(b, classic("whole")) }, credential.Request{Host: credential.GistHost, Path: "0123abcd"}, credential.Unusable, "", "secret missing"},
		{"a gist, with a token of its own", func(b *bench) {
			has(b, classic("whole"))
			has(b, storetest.With(classic("own"), func(r *credential.Record) { r.Host = credential.GistHost }))
		}, credential.Request{Host: credential.GistHost, Path: "0123abcd"}, credential.Answer, "own", "answers, less specific"},
		{"another host", func(b *bench) { has(b, classic("whole")) }, credential.Request{Host: "github.com.example.org"}, credential.NoToken, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, SaveTokens)
			test.setup(b)
			before := b.snapshot()
			b.forget()
			d, login, err := b.Fill(t.Context(), test.request)
			if err != nil {
				t.Fatal(err)
			}
			b.unchanged("fill", before)
			if n := b.memory.count("set", "delete") + b.locked.count("set", "delete"); n > 0 {
				t.Errorf("changed secrets %d times", n)
			}
			var verdicts []string
			for _, look := range d.Considered {
				verdicts = append(verdicts, string(look.Verdict))
			}
			if got := strings.Join(verdicts, ", "); d.Outcome != test.outcome || got != test.verdict {
				t.Errorf("got the outcome %v and %q, want %v and %q", d.Outcome, got, test.outcome, test.verdict)
			}
			if test.winner == "" {
				if login != nil || d.Winner >= 0 {
					t.Error("got a login")
				}
				return
			}
			if login == nil || d.Winner < 0 || d.Considered[d.Winner].Name != test.winner {
				t.Fatalf("got the winner %d, want %q", d.Winner, test.winner)
			}
			b.holds(d.Considered[d.Winner].Record, *login.Password)
		})
	}
}

// Trouble is never missing: no other token steps in, and it is said which one
// it is about.
func TestFillStoreError(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		store string
		what  string
	}{
		{"locked", "locked", "is locked"},
		{"no such store", "keyring", "is none that this version knows"},
		{"a name that is none", "nonsense", "is none that this version knows"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, SaveAny)
			put(t, b.Tree, in(test.store, storetest.Record("a", "acme")))
			b.add(classic("beside", "acme"), storetest.NewToken(credential.Classic))
			b.add(classic("whole"), storetest.NewToken(credential.Classic))
			before := b.snapshot()
			d, login, err := b.Fill(t.Context(), at("acme/widgets"))
			trouble := isStoreError(t, "fill", err)
			if login != nil || d.Winner < 0 || d.Considered[d.Winner].Name != "a" {
				t.Errorf("got the winner %d and a login: %v", d.Winner, login != nil)
			}
			if trouble.Store != test.store || trouble.What != test.what {
				t.Errorf("got %+v", *trouble)
			}
			b.unchanged("fill", before)
		})
	}
	t.Run("the tree", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, SaveAny)
		b.Tree = record.NewTree(filepath.Join(b.Tree.Dir(), "\x00"))
		if d, login, err := b.Fill(t.Context(), at("acme/widgets")); err == nil || login != nil || d.Winner >= 0 {
			t.Errorf("got error %v, the winner %d and a login: %v", err, d.Winner, login != nil)
		}
	})
	// The rival that is there is asked for, the one in trouble is not forgotten.
	t.Run("one of two is gone, the other in trouble", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, SaveAny)
		put(t, b.Tree, storetest.Record("a", "acme"), in("locked", storetest.Record("b", "acme")))
		d, login, err := b.Fill(t.Context(), at("acme/widgets"))
		isStoreError(t, "fill", err)
		if login != nil || d.Winner < 0 || d.Considered[d.Winner].Name != "b" {
			t.Errorf("got the winner %d and a login: %v", d.Winner, login != nil)
		}
	})
}

// What a store has may be no token, whoever put it there. Git is not handed it.
// A token that is moved to another store after its record was read is looked
// for there.
func TestFillMovedMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBench(t, SaveTokens)
	secret := storetest.NewToken(credential.FineGrained)
	b.add(in("memory", storetest.Record("a", "acme")), secret)
	open := b.Open
	b.Open = func(name string) (store.Store, error) {
		if name == "memory" {
			b.add(storetest.Record("a", "acme"), secret)
			if err := b.memory.Delete(t.Context(), record.Key(storetest.Record("a", "acme"))); err != nil {
				t.Error(err)
			}
		}
		return open(name)
	}
	if got, d := b.fill("acme/widgets"); got != "a" {
		t.Errorf("got %q with the outcome %v, want the token", got, d.Outcome)
	}
}

func TestFillErrSecret(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		kind   credential.Kind
		form   string
		secret string
		ok     bool
	}{
		{"empty", credential.FineGrained, "", "", false},
		{"a newline", credential.FineGrained, "", "a\nhost=evil.example", false},
		{"a newline at the end", credential.Classic, "", "a\n", false},
		{"CR", credential.Classic, "", "a\rb", false},
		{"NUL", credential.Classic, "", "a\x00b", false},
		{"a tab", credential.Classic, "", "a\tb", false},
		{"DEL", credential.Classic, "", "a\x7f", false},
		{"blanks", credential.Other, "", "a b ", true},
		{"a newline in a password", credential.Other, "", "a\n", false},
		{"a newline in an attribute", credential.Other, attributesForm, "password=a&oauth_refresh_token=b%0Ac", false},
		{"a newline in a credential", credential.Other, attributesForm, "authtype=Bearer&credential=b%0D", false},
		{"an empty password", credential.Other, attributesForm, "password=", true},
		{"an empty token", credential.Classic, attributesForm, "password=", false},
		{"an empty token that is no attribute", credential.Other, "", "", true},
	} {
		b := newBench(t, SaveTokens)
		r := storetest.With(in("memory", storetest.Record("a")), func(r *credential.Record) { r.Kind, r.Form = test.kind, test.form })
		b.add(r, credential.NewSecret(test.secret))
		d, login, err := b.Fill(t.Context(), at(""))
		switch {
		case test.ok && (err != nil || login == nil):
			t.Errorf("%s: %v", test.name, err)
		case !test.ok && (!errors.Is(err, ErrSecret) || d.Winner < 0):
			t.Errorf("%s: got error %v and the winner %d, want ErrSecret", test.name, err, d.Winner)
		case !test.ok && strings.Contains(err.Error(), "evil"):
			t.Errorf("%s: the error shows the secret", test.name)
		}
	}
	// A form from the future is trouble.
	b := newBench(t, SaveTokens)
	b.add(storetest.With(storetest.Record("a"), func(r *credential.Record) { r.Form = "cbor" }), storetest.NewSecret(40))
	_, _, err := b.Fill(t.Context(), at(""))
	isStoreError(t, "form", err)
}

// A token from the environment is set aside as the value that was refused; the
// next one answers.
func TestFillEnvironment(t *testing.T) {
	const variable = "STORE_TEST_FILL"
	for name, path := range map[string]string{"with a path": "acme/widgets", "without": ""} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, SaveTokens)
			r := in("env:"+variable, storetest.Record("ci", "acme"))
			put(t, b.Tree, r)
			b.is(path, credential.Unusable) // not set

			first, second := storetest.NewToken(credential.FineGrained), storetest.NewToken(credential.FineGrained)
			t.Setenv(variable, first.Reveal())
			b.answers(path, first)
			if got := b.reject(typed(at(path), first)); len(got.SetAside) != 1 {
				t.Errorf("rejected: got %d set aside, want 1", len(got.SetAside))
			}
			b.is(path, credential.Unusable)
			c := find(t, b.Tree, record.Key(r))
			if c.Aside == nil || c.Aside.Fingerprint == "" || strings.Contains(first.Reveal(), c.Aside.Fingerprint) {
				t.Errorf("got the mark %+v, want one with a fingerprint", c.Aside)
			}

			t.Setenv(variable, second.Reveal())
			b.answers(path, second)
			if a := b.approve(typed(at(path), second)); !a.known {
				t.Errorf("approved: got %+v", a)
			}
			b.answers(path, second)

			// The next refusal is about the next value, and the first is not back.
			b.reject(typed(at(path), second))
			b.is(path, credential.Unusable)
			if got := find(t, b.Tree, record.Key(r)).Aside; got == nil || c.Aside == nil || got.Fingerprint == c.Aside.Fingerprint {
				t.Errorf("got the mark %+v, want another", got)
			}

			// Unset, it is not there; set again, still refused.
			t.Setenv(variable, "")
			b.is(path, credential.Unusable)
			t.Setenv(variable, second.Reveal())
			b.is(path, credential.Unusable)

			// A success brings it back.
			if a := b.approve(typed(at("acme/widgets"), second)); !a.known {
				t.Errorf("approved: got %+v", a)
			}
			b.answers(path, second)
			if s := b.records(); len(s) != 1 {
				t.Errorf("got %q", s)
			}
		})
	}
}

// A store with a secret we hold writes nothing but, once a day, that it was
// used.
func TestApproveKnown(t *testing.T) {
	t.Parallel()
	for _, save := range []Save{SaveTokens, SaveAny, SaveNever} {
		b := newBench(t, save)
		secret := storetest.NewToken(credential.FineGrained)
		r := b.add(of("alice", storetest.Record("laptop", "acme")), secret)
		b.add(storetest.Record("beside", "umbrella"), storetest.NewToken(credential.FineGrained))
		used := "tokens/" + record.Key(r) + ".used"
		for _, test := range []struct {
			name   string
			after  time.Duration
			report Report
			writes bool
		}{
			{"the first time", 0, typed(at("acme/widgets"), secret), true},
			{"again", time.Second, typed(at("acme/widgets"), secret), false},
			{"by its login", time.Hour, typed(by("alice", "acme/widgets"), secret), false},
			{"by what Git makes of no login", time.Hour, typed(by("x-access-token", "acme/widgets"), secret), false},
			{"for another repository", time.Hour, typed(at("acme/gadgets.git/info/lfs"), secret), false},
			{"as the one it has from us", time.Hour, reportWith(typed(at("acme/widgets"), secret), func(r *Report) { r.Key = "github.com/acme/@/laptop" }), false},
			{"as another one", time.Hour, reportWith(typed(at("acme/widgets"), secret), func(r *Report) { r.Key = "../../@/x" }), false},
			{"with an expiry", time.Hour, reportWith(typed(at("acme/widgets"), secret), func(r *Report) { r.Expires = storetest.Noon().Add(24 * time.Hour) }), false},
			{"the next day", 25 * time.Hour, typed(at("acme/widgets"), secret), true},
			{"again", 26 * time.Hour, typed(at("acme/widgets"), secret), false},
		} {
			b.now = storetest.Noon().Add(test.after)
			before := b.snapshot()
			if a := b.approve(test.report); !a.known || a.Kept != nil || a.NeedsPath || a.Occupied != nil || a.Seen {
				t.Errorf("%s, %s: got %+v", save, test.name, a)
			}
			if !test.writes {
				b.unchanged(test.name, before)
				continue
			}
			after := b.snapshot()
			if before[used] == after[used] {
				t.Errorf("%s, %s: the use was not noted", save, test.name)
			}
			before[used] = after[used]
			b.unchanged(test.name, before)
			if c := find(t, b.Tree, record.Key(r)); !c.Used.Equal(b.now) {
				t.Errorf("%s, %s: got used %v, want %v", save, test.name, c.Used, b.now)
			}
		}
		if b.defaults != 0 {
			t.Errorf("%s: the default store was asked for", save)
		}
	}
}

func reportWith(r Report, change func(r *Report)) Report {
	change(&r)
	return r
}

// A success brings back what was set aside, and leaves the rest as it is.
func TestApproveRestores(t *testing.T) {
	t.Parallel()
	b := newBench(t, SaveNever)
	first, second := storetest.NewToken(credential.FineGrained), storetest.NewToken(credential.FineGrained)
	r, s := b.add(storetest.Record("a", "acme"), first), b.add(storetest.Record("b", "acme"), second)
	b.setAside(r)
	b.setAside(s)
	b.is("acme/widgets", credential.Unusable)
	if a := b.approve(typed(at("acme/widgets"), first)); !a.known {
		t.Errorf("got %+v", a)
	}
	b.answers("acme/widgets", first)
	b.has("restored", "github.com/acme a", "github.com/acme b aside")
}

// What is kept of the credentials that others gave Git, if Git asked us first.
func TestApproveKeeps(t *testing.T) {
	t.Parallel()
	const (
		nothing = "nothing"
		needs   = "needs a path"
	)
	hex40 := credential.NewSecret(strings.Repeat("0123456789abcdef", 3)[:40])
	gist := func(path string) credential.Request {
		return credential.Request{Host: credential.GistHost, Path: path}
	}
	elsewhere := func(path string) credential.Request {
		return credential.Request{Host: "git.example.com:8443", Path: path, Username: "Alice"}
	}
	for _, test := range []struct {
		name    string
		request credential.Request
		secret  credential.Secret
		tokens  string // what becomes of it with SaveTokens: the record, or why not
		any     string // and with SaveAny
		unasked bool   // SaveAny keeps it also where Git did not ask
	}{
		{"fine-grained", at("acme/widgets.git"), storetest.NewToken(credential.FineGrained), "github.com/acme/widgets fine-grained", "github.com/acme/widgets fine-grained", false},
		{"fine-grained, for an owner", at("acme"), storetest.NewToken(credential.FineGrained), needs, needs, false},
		{"fine-grained, of a login", by("Alice-A", "Acme/widgets"), storetest.NewToken(credential.FineGrained), "github.com/acme/widgets alice-a", "github.com/acme/widgets alice-a", false},
		{"fine-grained, of any login", by("x-access-token", "acme/widgets"), storetest.NewToken(credential.FineGrained), "github.com/acme/widgets fine-grained", "github.com/acme/widgets fine-grained", false},
		{"fine-grained, for LFS", at("acme/widgets.git/info/lfs"), storetest.NewToken(credential.FineGrained), "github.com/acme/widgets fine-grained", "github.com/acme/widgets fine-grained", false},
		{"fine-grained, without a path", at(""), storetest.NewToken(credential.FineGrained), needs, needs, false},
		{"fine-grained, with a slash for a path", at("/"), storetest.NewToken(credential.FineGrained), needs, needs, false},
		{"fine-grained, with a path that cannot be", at("acme/../x"), storetest.NewToken(credential.FineGrained), needs, needs, false},
		{"classic", at("acme/widgets"), storetest.NewToken(credential.Classic), "github.com/acme/widgets classic", "github.com/acme/widgets classic", false},
		{"classic, of a login", by("alice", "acme/widgets"), storetest.NewToken(credential.Classic), "github.com/acme/widgets alice", "github.com/acme/widgets alice", false},
		{"fine-grained, for a push", by("git-push", "acme/widgets"), storetest.NewToken(credential.FineGrained), "github.com/acme/widgets fine-grained-write", "github.com/acme/widgets fine-grained-write", false},
		{"a password for a push", by("git-push", "a/b/c"), storetest.NewSecret(20), nothing, "github.com/a/b/c other-write", false},
		{"classic, without a path", at(""), storetest.NewToken(credential.Classic), needs, needs, false},
		{"classic, of the old form", at("acme/widgets"), hex40, "github.com/acme/widgets classic", "github.com/acme/widgets classic", false},
		{"the old form elsewhere", elsewhere("acme/widgets"), hex40, nothing, "git.example.com:8443/acme/widgets alice", true},
		{"fine-grained elsewhere", elsewhere("acme/widgets"), storetest.NewToken(credential.FineGrained), "git.example.com:8443/acme/widgets alice", "git.example.com:8443/acme/widgets alice", false},
		{"classic for a gist", gist("0123abcd.git"), storetest.NewToken(credential.Classic), "gist.github.com/0123abcd.git classic", "gist.github.com/0123abcd.git classic", false},
		{"OAuth", at("acme/widgets"), storetest.NewToken(credential.OAuth), nothing, "github.com/acme/widgets oauth", false},
		{"of an app for a user", at("acme/widgets"), storetest.NewToken(credential.AppUser), nothing, "github.com/acme/widgets app-user", false},
		{"of an installed app", at("acme/widgets.git"), storetest.NewToken(credential.AppInstallation), nothing, "github.com/acme/widgets app-installation", false},
		{"a password at GitHub", by("alice", "acme/widgets.git"), storetest.NewSecret(20), nothing, "github.com/acme/widgets.git alice", false},
		{"a password at GitHub without a path", by("alice", ""), storetest.NewSecret(20), nothing, "github.com alice", false},
		{"a password", elsewhere("/group/sub/project.git/"), storetest.NewSecret(20), nothing, "git.example.com:8443/group/sub/project.git alice", true},
		{"a password without a path", elsewhere(""), storetest.NewSecret(20), nothing, "git.example.com:8443 alice", true},
	} {
		for save, want := range map[Save]string{SaveTokens: test.tokens, SaveAny: test.any, SaveNever: nothing} {
			for _, how := range []string{"by state", "by a mark", "not asked", "known by its key"} {
				want := want
				switch {
				case how == "known by its key", how == "not asked" && !(test.unasked && save == SaveAny), save == SaveNever:
					want = nothing
				}
				t.Run(strings.Join([]string{test.name, string(save), how}, "/"), func(t *testing.T) {
					t.Parallel()
					b := newBench(t, save)
					report := typed(test.request, test.secret)
					switch how {
					case "by state":
						report.Asked = true
					case "by a mark":
						if err := b.Tree.NoteAsked(test.request, storetest.Noon()); err != nil {
							t.Fatal(err)
						}
					case "known by its key":
						report.Asked, report.Key = true, "github.com/acme/@/laptop"
					}
					checkKept(t, b, report, want, want == needs)
				})
			}
		}
	}
}

// checkKept approves a report, of which a record is wanted, or none.
func checkKept(t *testing.T, b *bench, report Report, want string, needsPath bool) {
	secret := *report.Login.Password
	a := b.approve(report)
	if a.known || a.Occupied != nil || a.Seen || a.NeedsPath != needsPath || (a.Kept == nil) != (want == "nothing" || needsPath) {
		t.Fatalf("got %+v, want %s", a, want)
	}
	if a.Kept == nil {
		b.has("not kept")
		if b.defaults != 0 {
			t.Error("the default store was asked for")
		}
		return
	}
	b.has("kept", want)
	if a.Kept.Store != "file" || !a.Kept.Added.Equal(storetest.Noon()) || !a.Kept.Expires.IsZero() || a.Kept.Form != "" || b.defaults != 1 {
		t.Errorf("got %#v, asked for the default store %d times", *a.Kept, b.defaults)
	}
	storetest.SameRecord(t, "kept", find(t, b.Tree, record.Key(*a.Kept)).Record, *a.Kept)
	b.holds(*a.Kept, secret)
	d, login, err := b.Fill(t.Context(), report.Request)
	if err != nil || login == nil {
		t.Fatalf("got the outcome %v and error %v, want an answer", d.Outcome, err)
	}
	storetest.Same(t, "fill", *login.Password, secret)
	if again := b.approve(report); !again.known {
		t.Errorf("again: got %+v", again)
	}
	if got := b.reject(report); len(got.SetAside) != 1 {
		t.Errorf("rejected: got %d set aside", len(got.SetAside))
	}
}

// Who answers what Git asked us for is noted, so that no hint comes with each
// fetch. Nothing is noted of a log-in that stood in a URL, or of other hosts.
func TestApproveNotesOthers(t *testing.T) {
	t.Parallel()
	elsewhere := credential.Request{Host: "git.example.com", Path: "a/b"}
	for _, test := range []struct {
		name   string
		report Report
		want   bool
	}{
		{"asked", asked(at("acme/widgets"), storetest.NewSecret(20)), true},
		{"an OAuth token", asked(at("acme/widgets"), storetest.NewToken(credential.OAuth)), true},
		{"in a URL", typed(at("acme/widgets"), storetest.NewSecret(20)), false},
		{"a token in a URL", typed(at("acme/widgets"), storetest.NewToken(credential.FineGrained)), false},
		{"at another host", asked(elsewhere, storetest.NewSecret(20)), false},
		{"from us, before it was removed", reportWith(asked(at("acme/widgets"), storetest.NewToken(credential.FineGrained)), func(r *Report) { r.Key = "github.com/acme/@/x" }), false},
	} {
		b := newBench(t, SaveTokens)
		for i, seen := range []bool{false, test.want} {
			if a := b.approve(test.report); a.Kept != nil || a.Seen != seen {
				t.Errorf("%s, %d: got %+v, want seen %v", test.name, i, a, seen)
			}
		}
		if got := b.AnsweredByOthers(test.report.Request); got != test.want {
			t.Errorf("%s: answered by others: got %v, want %v", test.name, got, test.want)
		}
	}
}

// A token typed when pushing stands beside the one for reading that was not
// offered then.
func TestApprovePush(t *testing.T) {
	t.Parallel()
	b := newBench(t, SaveTokens)
	reader, writer := storetest.NewToken(credential.FineGrained), storetest.NewToken(credential.FineGrained)
	b.add(storetest.With(classic("r", "acme"), func(r *credential.Record) { r.Kind, r.Access = credential.FineGrained, credential.ReadAccess }), reader)
	a := b.approve(asked(by("git-push", "acme/x"), writer))
	if a.Kept == nil || a.Kept.Access != credential.WriteAccess || a.Kept.Username != "" {
		t.Fatalf("got %+v", a)
	}
	b.holds(*a.Kept, writer)
	b.answers("acme/y", reader)
	_, login, err := b.Fill(t.Context(), by("git-push", "acme/x"))
	if err != nil || login == nil {
		t.Fatalf("a push: got %v and %v", login, err)
	}
	storetest.Same(t, "a push", *login.Password, writer)
}

// Of a token for reading and one for writing, Git's configuration decides.
func TestFillAsksOfPushes(t *testing.T) {
	t.Parallel()
	b := newBench(t, SaveTokens)
	reader, writer := storetest.NewToken(credential.Classic), storetest.NewToken(credential.Classic)
	b.add(storetest.With(classic("r", "acme"), func(r *credential.Record) { r.Access = credential.ReadAccess }), reader)
	b.add(storetest.With(classic("w", "acme"), func(r *credential.Record) { r.Access = credential.WriteAccess }), writer)
	calls := 0
	b.SaysPush = func(context.Context, string) bool { calls++; return true }
	b.answers("acme/x", reader)
	if calls != 1 {
		t.Errorf("asked %d times whether pushes are told, want 1", calls)
	}
	b.SaysPush = func(context.Context, string) bool { return false }
	b.is("acme/x", credential.Ambiguous)
	b.SaysPush = nil
	b.is("acme/x", credential.Ambiguous)
}

// Whether pushes are told is not asked where it does not matter.
func TestFillAsksOfPushesOnlyWhereItDecides(t *testing.T) {
	t.Parallel()
	b := newBench(t, SaveTokens)
	b.SaysPush = func(context.Context, string) bool { t.Error("asked"); return true }
	b.add(classic("one", "acme"), storetest.NewToken(credential.Classic))
	b.add(storetest.With(classic("reader", "globex"), func(r *credential.Record) { r.Access = credential.ReadAccess }), storetest.NewToken(credential.Classic))
	for _, request := range []credential.Request{at("acme/x"), at("globex/x"), at("initech/x"), at(""), by("git-push", "globex/x"), by("alice", "globex/x")} {
		if _, _, err := b.Fill(t.Context(), request); err != nil {
			t.Errorf("%v: %v", request, err)
		}
	}
}

// What is not to be kept is not even looked at.
func TestApproveLeaves(t *testing.T) {
	t.Parallel()
	token := storetest.NewToken(credential.FineGrained)
	empty := credential.NewSecret("")
	for name, change := range map[string]func(r *Report){
		"ephemeral":                 func(r *Report) { r.Ephemeral = true },
		"expired":                   func(r *Report) { r.Expires = storetest.Noon().Add(-time.Second) },
		"expiring now":              func(r *Report) { r.Expires = storetest.Noon() },
		"without a secret":          func(r *Report) { r.Login.Password = nil },
		"with a refresh token only": func(r *Report) { r.Login.Password, r.Login.RefreshToken = nil, &token },
	} {
		for _, save := range []Save{SaveTokens, SaveAny} {
			b := newBench(t, save)
			report := asked(at("acme/widgets"), token)
			change(&report)
			if a := b.approve(report); a != (Approval{}) {
				t.Errorf("%s: got %+v", name, a)
			}
			if got := storetest.Files(t, b.Tree.Dir()); len(got) != 0 {
				t.Errorf("%s: got %q", name, got)
			}
		}
	}
	b := newBench(t, SaveTokens)
	if a := b.approve(asked(at("acme/widgets"), empty)); a.Kept != nil || a.known {
		t.Errorf("empty: got %+v", a)
	}
	b.has("empty")
	// Never over http is the caller's part: a Request is https.
}

// With SaveAny an opaque credential is kept with all that Git wants back.
func TestApproveAttributes(t *testing.T) {
	t.Parallel()
	secret := func() *credential.Secret {
		s := storetest.NewSecret(30)
		return &s
	}
	empty := credential.NewSecret("")
	for _, login := range []Login{
		{Username: "alice", Named: true, Password: secret()},
		{Password: secret()},
		{Named: true, Password: secret()},
		{Username: "alice", Named: true, Password: &empty},
		{Username: "alice", Named: true, Password: secret(), RefreshToken: secret()},
		{AuthType: "Bearer", Credential: secret()},
		{Username: "alice", Named: true, AuthType: "Bearer", Credential: secret(), RefreshToken: secret(), Password: secret()},
	} {
		b := newBench(t, SaveAny)
		request := credential.Request{Host: "git.example.com", Path: "a/b.git", Username: login.Username}
		report := Report{Request: request, Login: login, Expires: storetest.Noon().Add(time.Hour)}
		a := b.approve(report)
		if a.Kept == nil || !a.Kept.Expires.Equal(report.Expires) || a.Kept.Kind != credential.Other {
			t.Fatalf("got %+v", a)
		}
		d, got, err := b.Fill(t.Context(), request)
		if err != nil || got == nil {
			t.Fatalf("got the outcome %v and error %v, want an answer", d.Outcome, err)
		}
		sameLogin(t, *got, login)
		// The same again changes nothing.
		b.approve(report)
		before := b.snapshot()
		if a := b.approve(report); !a.known {
			t.Errorf("again: got %+v", a)
		}
		b.unchanged("again", before)
		// A new refresh token or expiry is kept, in the same place.
		report.Login.RefreshToken, report.Expires = secret(), storetest.Noon().Add(2*time.Hour)
		if a := b.approve(report); a.Kept == nil || !a.Kept.Expires.Equal(report.Expires) {
			t.Errorf("renewed: got %+v", a)
		}
		if got := b.records(); len(got) != 1 {
			t.Errorf("renewed: got %q", got)
		}
		_, got, err = b.Fill(t.Context(), request)
		if err != nil || got == nil {
			t.Fatal(err)
		}
		sameLogin(t, *got, report.Login)
	}
}

func sameLogin(t *testing.T, got, want Login) {
	t.Helper()
	if g, w := reveal(got), reveal(want); !reflect.DeepEqual(g, w) {
		t.Errorf("got a login other than the one kept: %d and %d parts", len(g), len(w))
		for key := range w {
			if g[key] != w[key] {
				t.Errorf("%s differs", key)
			}
		}
	}
}

func reveal(l Login) map[string]string {
	m := map[string]string{"username": l.Username, "named": fmt.Sprint(l.Named), "authtype": l.AuthType}
	for key, s := range map[string]*credential.Secret{"password": l.Password, "refresh": l.RefreshToken, "credential": l.Credential} {
		if s != nil {
			m[key] = s.Reveal()
		}
	}
	return m
}

// What is kept meets another token. A token that can be used is never replaced,
// rivalled or shadowed, and no token is ever replaced.
func TestApproveBeside(t *testing.T) {
	t.Parallel()
	fine := storetest.Record("old", "acme/widgets")
	expired := func(r *credential.Record) { r.Expires = storetest.Noon() }
	for _, test := range []struct {
		name    string
		save    Save
		old     credential.Record
		aside   bool
		request credential.Request
		byName  bool // Git asked for this very user name
		kind    credential.Kind
		want    string // "occupied", "replaced", or the name of the one beside
	}{
		{"no logins", SaveTokens, fine, false, at("acme/widgets"), false, credential.FineGrained, "occupied"},
		{"the same login", SaveTokens, of("alice", fine), false, by("Alice", "acme/widgets"), false, credential.FineGrained, "occupied"},
		{"the same login, asked for", SaveTokens, of("alice", fine), false, by("Alice", "acme/widgets"), true, credential.FineGrained, "occupied"},
		{"another login that was typed", SaveTokens, of("alice", fine), false, by("bob", "acme/widgets"), false, credential.FineGrained, "occupied"},
		{"another login, asked for", SaveTokens, of("alice", fine), false, by("bob", "acme/widgets"), true, credential.FineGrained, "bob"},
		{"old without a login, asked for", SaveTokens, fine, false, by("bob", "acme/widgets"), true, credential.FineGrained, "occupied"},
		{"of the owner", SaveTokens, storetest.Record("old", "acme"), false, by("bob", "acme/widgets"), false, credential.FineGrained, "occupied"},
		{"of the owner, asked for", SaveTokens, of("alice", storetest.Record("old", "acme")), false, by("bob", "acme/widgets"), true, credential.FineGrained, "bob"},
		{"of the host", SaveTokens, of("alice", classic("old")), false, by("bob", "acme/widgets"), false, credential.FineGrained, "occupied"},
		{"of the host, classic", SaveTokens, classic("old"), false, at("acme/widgets"), false, credential.Classic, "occupied"},
		{"of github.com, for a gist", SaveTokens, classic("old"), false, credential.Request{Host: credential.GistHost, Path: "0123abcd"}, false, credential.Classic, "occupied"},
		{"any of an environment", SaveTokens, in("env:HOME", fine), false, at("acme/widgets"), false, credential.FineGrained, "occupied"},
		{"expired", SaveTokens, storetest.With(fine, expired), false, at("acme/widgets"), false, credential.FineGrained, "fine-grained"},
		{"expired, the same name", SaveTokens, storetest.With(storetest.Record("fine-grained", "acme/widgets"), expired), false, at("acme/widgets"), false, credential.FineGrained, "fine-grained-2"},
		{"expired, the same login", SaveTokens, storetest.With(of("alice", fine), expired), false, by("alice", "acme/widgets"), false, credential.FineGrained, "alice"},
		{"expired, of the host", SaveTokens, storetest.With(classic("old"), expired), false, at("acme/widgets"), false, credential.FineGrained, "fine-grained"},
		{"set aside", SaveTokens, fine, true, at("acme/widgets"), false, credential.FineGrained, "fine-grained"},
		{"set aside, the same login and name", SaveTokens, of("alice", storetest.Record("Alice", "acme/widgets")), true, by("alice", "acme/widgets"), false, credential.FineGrained, "alice-2"},
		{"of another repository", SaveTokens, storetest.Record("fine-grained", "acme/gadgets"), false, at("acme/widgets"), false, credential.FineGrained, "fine-grained"},
		{"of other repositories", SaveTokens, storetest.Record("fine-grained", "acme/a", "acme/b"), false, at("acme/widgets"), false, credential.FineGrained, "fine-grained"},

		// Passwords as with Git's own helpers.
		{"a password", SaveAny, of("alice", storetest.Opaque("github.com", "old", "acme/widgets")), false, by("alice", "acme/widgets"), false, credential.Other, "replaced"},
		{"a password of nobody", SaveAny, storetest.Opaque("github.com", "old", "acme/widgets"), false, at("acme/widgets"), false, credential.Other, "replaced"},
		{"a password of somebody else", SaveAny, of("alice", storetest.Opaque("github.com", "old", "acme/widgets")), false, by("bob", "acme/widgets"), false, credential.Other, "bob"},
		{"a password, set aside", SaveAny, of("alice", storetest.Opaque("github.com", "old", "acme/widgets")), true, by("alice", "acme/widgets"), false, credential.Other, "replaced"},
		{"a password for another ending", SaveAny, of("alice", storetest.Opaque("github.com", "alice", "acme/widgets.git")), false, by("alice", "acme/widgets"), false, credential.Other, "alice-2"},
		{"a password in another case", SaveAny, of("alice", storetest.Opaque("github.com", "alice", "acme/Widgets")), false, by("alice", "acme/widgets"), false, credential.Other, "alice-2"},
		{"a password beside a token", SaveAny, of("alice", classic("alice")), false, by("alice", "acme/widgets"), false, credential.Other, "occupied"},
		{"a token beside a password", SaveAny, of("alice", storetest.Opaque("github.com", "alice", "acme/widgets")), false, by("alice", "acme/widgets"), false, credential.Classic, "occupied"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, test.save)
			secret, typedSecret := storetest.NewToken(test.old.Kind), storetest.NewToken(test.kind)
			old := b.add(test.old, secret)
			if test.aside {
				b.setAside(old)
			}
			before := b.snapshot()
			report := asked(test.request, typedSecret)
			report.AskedByName = test.byName
			a := b.approve(report)
			switch test.want {
			case "occupied":
				if a.Kept != nil || a.Occupied == nil || a.Occupied.Name != old.Name {
					t.Fatalf("got kept %v and occupied %v", a.Kept, a.Occupied)
				}
				after := b.snapshot()
				for name := range after {
					if strings.HasPrefix(name, "others/") || name == "lock" {
						before[name] = after[name]
					}
				}
				b.unchanged("occupied", before)
				if again := b.approve(report); !again.Seen || again.Occupied == nil {
					t.Errorf("again: got seen %v and occupied %v", again.Seen, again.Occupied)
				}
				return
			case "replaced":
				if a.Kept == nil || a.Kept.Name != old.Name || a.Kept.Store != old.Store {
					t.Fatalf("got kept %v", a.Kept)
				}
				if got := b.records(); len(got) != 1 || strings.HasSuffix(got[0], " aside") {
					t.Errorf("got %q", got)
				}
				b.holds(old, typedSecret)
			default:
				if a.Kept == nil || a.Kept.Name != test.want || a.Occupied != nil {
					t.Fatalf("got kept %v and occupied %v, want %q", a.Kept, a.Occupied, test.want)
				}
				storetest.SameRecord(t, "old", find(t, b.Tree, record.Key(old)).Record, old)
				b.holds(old, secret)
				b.holds(*a.Kept, typedSecret)
				after := b.snapshot()
				for name := range before {
					if before[name] != after[name] {
						t.Errorf("%s was changed", name)
					}
				}
			}
			d, login, err := b.Fill(t.Context(), test.request)
			if err != nil || login == nil || login.Password == nil {
				// Two passwords without a login to tell them apart.
				if d.Outcome != credential.Ambiguous || test.save != SaveAny {
					t.Fatalf("got the outcome %v and error %v, want an answer", d.Outcome, err)
				}
				return
			}
			storetest.Same(t, "fill", *login.Password, typedSecret)
		})
	}
}

// A record that lost its secret is not in the way of the one that is typed.
func TestApproveBesideLost(t *testing.T) {
	t.Parallel()
	b := newBench(t, SaveTokens)
	lost := storetest.Record("mine", "acme/widgets")
	put(t, b.Tree, lost)
	secret := storetest.NewToken(credential.FineGrained)
	a := b.approve(asked(at("acme/widgets"), secret))
	if a.Kept == nil || a.Kept.Name != "fine-grained" {
		t.Fatalf("got kept %v", a.Kept)
	}
	storetest.SameRecord(t, "the lost one", find(t, b.Tree, record.Key(lost)).Record, lost)
	b.answers("acme/widgets", secret)
}

// Trouble in a store is an error, and nothing is kept elsewhere, or written
// over, for it.
func TestApproveStoreError(t *testing.T) {
	t.Parallel()
	token := storetest.NewToken(credential.FineGrained)

	t.Run("cannot tell whether it is known", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, SaveAny)
		b.add(in("locked", storetest.Record("a", "acme")), storetest.NewToken(credential.FineGrained))
		before := b.snapshot()
		b.forget()
		_, err := b.Approve(t.Context(), asked(at("acme/widgets"), token))
		isStoreError(t, "approve", err)
		b.unchanged("approve", before)
		if n := b.locked.count("set", "delete"); n > 0 || b.defaults > 0 {
			t.Errorf("the default store was asked for %d times, the locked one changed %d times", b.defaults, n)
		}
	})

	t.Run("known in spite of it", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, SaveTokens)
		b.add(in("locked", storetest.Record("a", "acme")), storetest.NewToken(credential.FineGrained))
		r := b.add(storetest.Record("b", "acme"), token)
		report := asked(at("acme/widgets"), token)
		report.Key = record.Key(r) // Git has it from there
		if a := b.approve(report); !a.known {
			t.Errorf("got %+v", a)
		}
	})

	t.Run("cannot keep it", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, SaveTokens)
		b.DefaultStore = func(context.Context) string { return "memory" }
		b.memory.set = lockedUp()
		a, err := b.Approve(t.Context(), asked(at("acme/widgets"), token))
		isStoreError(t, "approve", err)
		if a.Kept != nil {
			t.Error("kept")
		}
		if got := storetest.Files(t, b.Tree.Dir()); !slices.Equal(got, []string{"lock", "tokens/"}) {
			t.Errorf("left: %q", got)
		}
	})

	t.Run("cannot open the store", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, SaveTokens)
		b.DefaultStore = func(context.Context) string { return "keyring" }
		if _, err := b.Approve(t.Context(), asked(at("acme/widgets"), token)); err == nil {
			t.Error("got no error")
		}
		b.has("nothing")
	})

	// The record of the old token says what the old token is.
	t.Run("cannot replace it", func(t *testing.T) {
		t.Parallel()
		for _, lost := range []bool{false, true} {
			b := newBench(t, SaveAny)
			old := storetest.NewSecret(20)
			r := in("memory", of("alice", storetest.Opaque("github.com", "mine", "acme/widgets")))
			if lost {
				put(t, b.Tree, r)
			} else {
				b.add(r, old)
			}
			b.memory.set = lockedUp()
			refresh := storetest.NewSecret(20)
			report := asked(by("alice", "acme/widgets"), storetest.NewSecret(20))
			report.Login.RefreshToken, report.Expires = &refresh, storetest.Noon().Add(time.Hour)
			_, err := b.Approve(t.Context(), report)
			isStoreError(t, "approve", err)
			storetest.SameRecord(t, "the old one", find(t, b.Tree, record.Key(r)).Record, r)
			if !lost {
				b.answers("acme/widgets", old)
				b.now = storetest.Noon().Add(2 * time.Hour)
				b.answers("acme/widgets", old)
			}
		}
	})

	t.Run("cannot write the record", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, SaveAny)
		b.DefaultStore = func(context.Context) string { return "memory" }
		for _, path := range []string{"caf\xe9", strings.Repeat(`"`, 40000)} {
			if _, err := b.Approve(t.Context(), asked(by("alice", path), storetest.NewSecret(20))); err == nil {
				t.Errorf("%.10q: got no error", path)
			}
		}
		if len(b.memory.secrets) > 0 {
			t.Error("there is a secret without a record")
		}
		b.has("nothing")
	})
}

// An expiry beyond what a record can say is as good as none.
func TestApproveLateExpiry(t *testing.T) {
	t.Parallel()
	b := newBench(t, SaveTokens)
	report := asked(at("acme/widgets"), storetest.NewToken(credential.FineGrained))
	report.Expires = time.Unix(1<<40, 0)
	if a := b.approve(report); a.Kept == nil || !a.Kept.Expires.IsZero() {
		t.Errorf("got %+v", a)
	}
	b.answers("acme/widgets", *report.Login.Password)
}

// A damaged record is neither written over nor in the way for good.
func TestApproveBesideDamaged(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(path string) error{
		"garbage":               func(path string) error { return os.WriteFile(path, []byte("\x00\x01\xff"), 0o600) },
		"newer format":          func(path string) error { return os.WriteFile(path, []byte("format=2\n"), 0o600) },
		"a folder in its place": func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, SaveTokens)
			secret := storetest.NewToken(credential.FineGrained)
			old := b.add(storetest.Record("laptop", "acme/widgets"), storetest.NewToken(credential.FineGrained))
			if err := damage(recordFile(b.Tree, record.Key(old))); err != nil {
				t.Fatal(err)
			}
			before := b.snapshot()
			a := b.approve(asked(by("laptop", "acme/widgets"), secret))
			if a.Kept == nil || a.Kept.Name != "laptop-2" {
				t.Fatalf("got %+v", a)
			}
			after := b.snapshot()
			for name := range before {
				if before[name] != after[name] {
					t.Errorf("%s was changed", name)
				}
			}
			b.answers("acme/widgets", secret)
		})
	}
}

// Many processes that were given the same token at the same time.
func TestApproveConcurrently(t *testing.T) {
	t.Parallel()
	for _, login := range []string{"", "alice"} {
		b := newBench(t, SaveTokens)
		var defaults sync.Mutex
		b.DefaultStore = func(context.Context) string {
			defaults.Lock()
			defer defaults.Unlock()
			return "file"
		}
		secret := storetest.NewToken(credential.FineGrained)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				a, err := b.Approve(t.Context(), asked(by(login, "acme/widgets"), secret))
				if err != nil {
					t.Error(err)
				}
				// Nobody is told that another token is in the way.
				if a.Occupied != nil || a.NeedsPath {
					t.Errorf("got occupied %v", a.Occupied)
				}
			})
		}
		all.Wait()
		if got := b.records(); len(got) != 1 {
			t.Errorf("got %q, want one", got)
		}
		b.answers("acme/widgets", secret)
		if a := b.approve(typed(at("acme/widgets"), secret)); !a.known {
			t.Errorf("afterwards: got %+v", a)
		}
	}
}

func TestApproveOwnersConcurrently(t *testing.T) {
	t.Parallel()
	b := newBench(t, SaveTokens)
	b.DefaultStore = func(context.Context) string { return "file" }
	const many = 30
	secrets := make([]credential.Secret, many)
	path := func(i int) string { return fmt.Sprintf("owner-%d/widgets", i) }
	var all sync.WaitGroup
	for i := range many {
		secrets[i] = storetest.NewToken(credential.FineGrained)
		all.Go(func() {
			if a := b.approve(asked(at(path(i)), secrets[i])); a.Kept == nil {
				t.Errorf("%d: got %+v", i, a)
			}
		})
	}
	all.Wait()
	for i := range many {
		b.answers(path(i), secrets[i])
	}
	if got := b.records(); len(got) != many {
		t.Errorf("got %d records, want %d", len(got), many)
	}
}

// A refusal sets aside what equals, and nothing is ever deleted.
func TestReject(t *testing.T) {
	t.Parallel()
	secret := storetest.NewToken(credential.FineGrained)
	prefix := credential.NewSecret(secret.Reveal()[:len(secret.Reveal())-1])
	longer := credential.NewSecret(secret.Reveal() + "x")
	empty := credential.NewSecret("")
	for _, test := range []struct {
		name    string
		request credential.Request
		secret  *credential.Secret
		aside   bool
		spared  bool
	}{
		{"equal", at("acme/widgets"), &secret, true, false},
		{"equal, by its login", by("alice", "acme/widgets"), &secret, true, false},
		{"equal, by any login", by("x-access-token", "acme/widgets"), &secret, true, false},
		{"equal, for another repository", at("acme/gadgets"), &secret, true, false},
		{"equal, without a path", at(""), &secret, true, false},
		{"a prefix", at("acme/widgets"), &prefix, false, false},
		{"longer", at("acme/widgets"), &longer, false, false},
		{"empty", at("acme/widgets"), &empty, false, false},
		{"empty, without a path", at(""), &empty, false, false},
		{"another", at("acme/widgets"), new(storetest.NewToken(credential.FineGrained)), false, false},
		{"equal, of another owner", at("umbrella/widgets"), &secret, false, false},
		{"equal, of another login", by("bob", "acme/widgets"), &secret, false, false},
		{"equal, at another host", credential.Request{Host: "github.example", Path: "acme/widgets"}, &secret, false, false},
		{"equal, with a path that cannot be", at("acme/../acme"), &secret, false, false},
		{"none", at("acme/widgets"), nil, false, true},
		{"none, without a path", at(""), nil, false, true},
		{"none, of another owner", at("umbrella/widgets"), nil, false, false},
		{"none, of another login", by("bob", "acme/widgets"), nil, false, false},
		{"none, at another host", credential.Request{Host: "github.example"}, nil, false, false},
	} {
		for _, save := range []Save{SaveTokens, SaveAny, SaveNever} {
			t.Run(test.name+"/"+string(save), func(t *testing.T) {
				t.Parallel()
				b := newBench(t, save)
				r := b.add(of("alice", storetest.Record("laptop", "acme")), secret)
				b.add(storetest.Record("beside", "beta"), storetest.NewToken(credential.FineGrained))
				before := b.snapshot()
				report := typed(test.request, empty)
				report.Login.Password = test.secret
				got := b.reject(report)
				if (len(got.SetAside) == 1) != test.aside || got.Spared != test.spared {
					t.Errorf("got %d set aside and spared %v", len(got.SetAside), got.Spared)
				}
				b.holds(r, secret)
				if !test.aside {
					b.unchanged("refused", before)
					b.answers("acme/widgets", secret)
					return
				}
				storetest.SameRecord(t, "set aside", got.SetAside[0], r)
				b.has("set aside", "github.com/acme laptop aside", "github.com/beta beside")
				b.is("acme/widgets", credential.Unusable)
				want := credential.Aside{Time: storetest.Noon(), Reason: "rejected by github.com", Refusals: 1, Added: r.Added}
				if got := find(t, b.Tree, record.Key(r)).Aside; got == nil || !reflect.DeepEqual(*got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
				// Only the mark is new.
				mark := "tokens/" + record.Key(r) + ".aside"
				before[mark] = b.snapshot()[mark]
				b.unchanged("refused", before)
				// A second refusal renews it.
				b.now = storetest.Noon().Add(59 * time.Minute)
				if again := b.reject(report); len(again.SetAside) != 1 {
					t.Errorf("again: got %d set aside", len(again.SetAside))
				}
				b.now = storetest.Noon().Add(61 * time.Minute)
				b.is("acme/widgets", credential.Unusable)
				// After an hour the token is offered once, and then less often.
				b.now = storetest.Noon().Add(2 * time.Hour)
				b.answers("acme/widgets", secret)
				b.is("acme/widgets", credential.Unusable)
				b.reject(report)
				b.now = storetest.Noon().Add(4 * time.Hour)
				b.is("acme/widgets", credential.Unusable)
				b.now = storetest.Noon().Add(6 * time.Hour)
				b.answers("acme/widgets", secret)
				b.approve(report)
				b.answers("acme/widgets", secret)
				b.has("accepted", "github.com/acme laptop", "github.com/beta beside")
			})
		}
	}
}

// Without a path the refusal may be about any token of the host, also beyond
// those that could have answered.
func TestRejectWithoutPath(t *testing.T) {
	t.Parallel()
	b := newBench(t, SaveTokens)
	secret := storetest.NewToken(credential.FineGrained)
	for i := range 5 {
		b.add(storetest.Record("x", fmt.Sprint("owner-", i)), storetest.NewToken(credential.FineGrained))
	}
	b.add(storetest.Record("x", "zeta"), secret)
	if got := b.reject(typed(at(""), secret)); len(got.SetAside) != 1 || got.SetAside[0].Owner() != "zeta" {
		t.Errorf("got %v", got.SetAside)
	}
	// For a gist it may be a token of the whole of github.com.
	whole := storetest.NewToken(credential.Classic)
	r := b.add(classic("whole"), whole)
	for _, path := range []string{"", "0123abcd.git"} {
		if got := b.reject(typed(credential.Request{Host: credential.GistHost, Path: path}, whole)); len(got.SetAside) != 1 {
			t.Errorf("gist %q: got %d set aside", path, len(got.SetAside))
		}
		if err := b.Tree.Restore(record.Key(r)); err != nil {
			t.Fatal(err)
		}
	}
}

// A token for a whole host is set aside for the owner that refused it, and for
// all at a second one.
func TestRejectOwners(t *testing.T) {
	t.Parallel()
	b := newBench(t, SaveTokens)
	secret := storetest.NewToken(credential.Classic)
	b.add(classic("whole"), secret)
	b.reject(typed(at("acme/widgets"), secret))
	b.is("acme/gadgets", credential.Unusable)
	b.answers("globex/reactor", secret)
	b.answers("", secret)
	b.reject(typed(credential.Request{Host: credential.GistHost, Path: "0123abcd"}, secret))
	b.is("acme/gadgets", credential.Unusable)
	b.is("globex/reactor", credential.Unusable)
	b.is("", credential.Unusable)
	b.approve(typed(at("globex/reactor"), secret))
	b.answers("acme/gadgets", secret)
}

// A header that Git sends by itself takes the place of the token: the refusal is
// about that.
func TestRejectOwnHeader(t *testing.T) {
	t.Parallel()
	b := newBench(t, SaveTokens)
	secret := storetest.NewToken(credential.FineGrained)
	r := b.add(storetest.Record("laptop", "acme"), secret)
	var urls []string
	b.OwnHeader = func(_ context.Context, url string) string {
		urls = append(urls, url)
		return "http.https://github.com/.extraheader"
	}
	before := b.snapshot()
	got := b.reject(typed(by("alice", "acme/widgets.git"), secret))
	if len(got.SetAside) != 0 || got.OwnHeader != "http.https://github.com/.extraheader" || got.Sent == nil || got.Sent.Name != r.Name {
		t.Errorf("got %+v", got)
	}
	b.unchanged("refused", before)
	b.reject(typed(at("acme/widgets"), storetest.NewToken(credential.FineGrained)))
	b.reject(Report{Request: at("acme/widgets")})
	if want := []string{"https://github.com/acme/widgets.git"}; !slices.Equal(urls, want) {
		t.Errorf("asked about %q, want %q", urls, want)
	}
}

// The same secret may be kept twice.
func TestRejectAllThatEqual(t *testing.T) {
	t.Parallel()
	b := newBench(t, SaveTokens)
	secret := storetest.NewToken(credential.Classic)
	b.add(classic("a"), secret)
	b.add(classic("b", "acme"), secret)
	b.add(classic("c", "acme"), storetest.NewToken(credential.Classic))
	if got := b.reject(typed(at("acme/widgets"), secret)); len(got.SetAside) != 2 {
		t.Errorf("got %d set aside, want 2", len(got.SetAside))
	}
	b.has("set aside", "github.com a aside", "github.com/acme b aside", "github.com/acme c")
}

// A request to forget that names no secret is for passwords, and only where
// they are kept as Git's own helpers do.
func TestRejectWithoutSecret(t *testing.T) {
	t.Parallel()
	for _, save := range []Save{SaveTokens, SaveAny, SaveNever} {
		b := newBench(t, save)
		password := storetest.NewSecret(20)
		r := b.add(of("alice", storetest.Opaque("github.com", "password", "acme/widgets")), password)
		b.add(of("bob", storetest.Opaque("github.com", "password-2", "acme/widgets")), storetest.NewSecret(20))
		b.add(storetest.Opaque("github.com", "other", "acme/gadgets"), storetest.NewSecret(20))
		b.add(storetest.Record("token", "acme"), storetest.NewToken(credential.FineGrained))
		got := b.reject(Report{Request: by("alice", "acme/widgets")})
		if !got.Spared {
			t.Errorf("%s: the token was not spared", save)
		}
		if (len(got.SetAside) == 1) != (save == SaveAny) {
			t.Errorf("%s: got %d set aside", save, len(got.SetAside))
		}
		want := []string{"github.com/acme token", "github.com/acme/gadgets other", "github.com/acme/widgets password", "github.com/acme/widgets password-2"}
		if save == SaveAny {
			want[2] += " aside"
		}
		b.has(string(save), want...)
		b.holds(r, password)
	}
}

// Trouble in a store does not keep others from being set aside, and is said
// where nothing was.
func TestRejectStoreError(t *testing.T) {
	t.Parallel()
	b := newBench(t, SaveAny)
	secret := storetest.NewToken(credential.FineGrained)
	b.add(in("locked", storetest.Record("a", "acme")), storetest.NewToken(credential.FineGrained))
	put(t, b.Tree, storetest.Record("gone", "acme"))
	before := b.snapshot()
	b.forget()
	rejection, err := b.Reject(t.Context(), typed(at("acme/widgets"), secret))
	isStoreError(t, "nothing set aside", err)
	if len(rejection.SetAside) > 0 {
		t.Errorf("got %d set aside", len(rejection.SetAside))
	}
	b.unchanged("trouble", before)
	if n := b.locked.count("set", "delete"); n > 0 {
		t.Errorf("the locked store was changed %d times", n)
	}
	b.add(storetest.Record("b", "acme"), secret)
	if got := b.reject(typed(at("acme/widgets"), secret)); len(got.SetAside) != 1 {
		t.Errorf("got %d set aside, want 1", len(got.SetAside))
	}
}

// Nothing is said about hosts that are none of ours.
func TestSpeaks(t *testing.T) {
	t.Parallel()
	b := newBench(t, SaveAny)
	b.add(storetest.With(storetest.Record("a", "acme"), func(r *credential.Record) { r.Host = "ghe.example" }), storetest.NewToken(credential.FineGrained))
	b.add(storetest.Opaque("gitlab.example", "a"), storetest.NewSecret(20))
	for host, want := range map[string]bool{
		"github.com": true, "gist.github.com": true, "ghe.example": true,
		"gitlab.example": false, "github.com.example.org": false, "www.github.com": false, "ghe.example:8443": false, "": false,
	} {
		if got := b.Speaks(host); got != want {
			t.Errorf("%s: got %v, want %v", host, got, want)
		}
	}
}

func FuzzAttributes(f *testing.F) {
	f.Add("alice", true, "p", "", "", "", byte(1))
	f.Add("", true, "", "", "", "", byte(1))
	f.Add("", false, "a&b=c%", "r;s", "Bearer", "c\n", byte(7))
	f.Add("x", false, "", "r", "", "", byte(2))
	f.Fuzz(func(t *testing.T, username string, named bool, password, refresh, authtype, secret string, which byte) {
		x := Login{Username: username, Named: named || username != ""}
		given := func(bit byte, s string) *credential.Secret {
			if which&bit == 0 {
				return nil
			}
			kept := credential.NewSecret(s)
			return &kept
		}
		x.Password, x.RefreshToken, x.Credential = given(1, password), given(2, refresh), given(4, secret)
		if x.Credential != nil {
			x.AuthType = authtype
		}
		kept, form := x.encode()
		if form != "" && hasControl(kept.Reveal()) {
			t.Error("a store would have to keep control characters")
		}
		got, err := decode(kept, credential.Record{Username: username, Form: form})
		if err != nil {
			t.Fatal(err)
		}
		// Without a password alone there is nothing that says a name is none.
		if form == "" {
			x.Named = x.Username != ""
		}
		if g, w := reveal(got), reveal(x); !maps.Equal(g, w) {
			t.Errorf("got %q, want %q", g, w)
		}
		if x.hasSecret() && !got.sameSecret(x) {
			t.Error("it is not the same to a server")
		}
		if form == "" {
			return
		}
		// It is what net/url writes.
		if values, err := url.ParseQuery(kept.Reveal()); err != nil || values.Encode() != kept.Reveal() {
			t.Errorf("net/url reads %v, %v", values, err)
		}
	})
}

// What is in a store may be anything.
func TestDecodeGarbage(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"%", "a;b", "%zz=1", "password=%"} {
		_, err := decode(credential.NewSecret(text), credential.Record{Store: "file", Form: attributesForm})
		trouble := isStoreError(t, text, err)
		if trouble.Store != "file" || strings.Contains(trouble.Error(), text) {
			t.Errorf("%q: got %+v", text, *trouble)
		}
	}
}

func TestSameSecret(t *testing.T) {
	t.Parallel()
	secret := func(s string) *credential.Secret {
		v := credential.NewSecret(s)
		return &v
	}
	for _, test := range []struct {
		name string
		a, b Login
		want bool
	}{
		{"equal passwords", Login{Password: secret("a")}, Login{Password: secret("a")}, true},
		{"with another name", Login{Username: "x", Password: secret("a")}, Login{Password: secret("a")}, true},
		{"other passwords", Login{Password: secret("a")}, Login{Password: secret("b")}, false},
		{"a prefix", Login{Password: secret("ab")}, Login{Password: secret("a")}, false},
		{"an empty one", Login{Password: secret("a")}, Login{Password: secret("")}, false},
		{"two empty ones", Login{Password: secret("")}, Login{Password: secret("")}, true},
		{"none at all", Login{}, Login{}, false},
		{"only refresh tokens", Login{RefreshToken: secret("a")}, Login{RefreshToken: secret("a")}, false},
		{"a password against none", Login{}, Login{Password: secret("")}, false},
		{"equal credentials", Login{AuthType: "B", Credential: secret("a")}, Login{AuthType: "B", Credential: secret("a")}, true},
		{"of another type", Login{AuthType: "B", Credential: secret("a")}, Login{AuthType: "C", Credential: secret("a")}, false},
		{"a password for a credential", Login{Password: secret("a")}, Login{AuthType: "B", Credential: secret("a")}, false},
	} {
		if got := test.a.sameSecret(test.b); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestMarkError(t *testing.T) {
	t.Parallel()
	err := &MarkError{storetest.Record("a\x1bb", "acme"), errors.New("no room")}
	if got, want := err.Error(), `the token "a\x1bb" of github.com/acme was refused, and that cannot be noted: no room`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !errors.Is(err, err.Err) {
		t.Error("does not unwrap")
	}
}
