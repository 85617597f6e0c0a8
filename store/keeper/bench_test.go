package keeper

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
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

// fake is a store in memory. It fails on demand and records its calls.
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

// count returns the number of calls of some operations.
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

// newTree returns a tree whose folder does not exist yet.
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

// recordFile returns the file of a record.
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

// openStore opens a store in the folder of a tree.
func openStore(t *testing.T, name string, tree *record.Tree) store.Store {
	t.Helper()
	s, err := store.Open(name, tree.Dir(), store.Options{Limit: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// isStoreError returns err as a *store.Error. It fails the test if err is not one,
// or is store.ErrNotFound too.
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

// bench is a keeper with its own tree. Its time is noon. Its stores are the real
// ones, "memory", and "locked", which always fails.
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

// add adds a token as git pat add does.
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

// forget clears the recorded calls of the fakes.
func (b *bench) forget() { b.memory.calls, b.locked.calls = nil, nil }

func (b *bench) snapshot() map[string]string {
	b.t.Helper()
	return storetest.Snapshot(b.t, b.Tree.Dir())
}

func (b *bench) unchanged(what string, was map[string]string) {
	b.t.Helper()
	storetest.Unchanged(b.t, what, b.Tree.Dir(), was)
}

// fill requests a path of github.com. It returns the name of the record that
// answers, or "" and the outcome.
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

// answers fails the test unless the answer for a path of github.com is the secret.
func (b *bench) answers(path string, want credential.Secret) {
	b.t.Helper()
	d, login, err := b.Fill(b.t.Context(), at(path))
	if err != nil || login == nil || login.Password == nil {
		b.t.Errorf("%q: got the outcome %v and error %v, want an answer", path, d.Outcome, err)
		return
	}
	storetest.Same(b.t, path, *login.Password, want)
}

// is fails the test unless the outcome for a path of github.com is the given one.
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

// by returns a request with a login.
func by(login, path string) credential.Request {
	r := at(path)
	r.Username = login
	return r
}

// typed returns the report of a password that was typed at Git's prompt.
func typed(request credential.Request, password credential.Secret) Report {
	return Report{Request: request, Login: Login{Username: request.Username, Named: request.Username != "", Password: &password}}
}

// asked is typed for a request that had no answer.
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
