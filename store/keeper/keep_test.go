package keeper

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// A new credential never replaces a token. If a usable token fits the request, the
// new one is not stored.
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

		// Passwords replace each other, as in Git's own helpers.
		{"a password", SaveAny, of("alice", storetest.Opaque("github.com", "old", "acme/widgets")), false, by("alice", "acme/widgets"), false, credential.Other, "replaced"},
		{"a password of nobody", SaveAny, storetest.Opaque("github.com", "old", "acme/widgets"), false, at("acme/widgets"), false, credential.Other, "replaced"},
		{"a password of somebody else", SaveAny, of("alice", storetest.Opaque("github.com", "old", "acme/widgets")), false, by("bob", "acme/widgets"), false, credential.Other, "bob"},
		{"a password, set aside", SaveAny, of("alice", storetest.Opaque("github.com", "old", "acme/widgets")), true, by("alice", "acme/widgets"), false, credential.Other, "replaced"},
		{"a password for another ending", SaveAny, of("alice", storetest.Opaque("github.com", "alice", "acme/widgets.git")), false, by("alice", "acme/widgets"), false, credential.Other, "replaced"},
		{"a password in another case", SaveAny, of("alice", storetest.Opaque("github.com", "alice", "acme/Widgets")), false, by("alice", "acme/widgets"), false, credential.Other, "replaced"},
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
				if again := b.approve(report); !again.Repeated || again.Occupied == nil {
					t.Errorf("again: got repeated %v and occupied %v", again.Repeated, again.Occupied)
				}
				return
			case "replaced":
				if a.Kept == nil || a.Several || a.Kept.Name != old.Name || a.Kept.Store != old.Store {
					t.Fatalf("got kept %v, several %v", a.Kept, a.Several)
				}
				if got := b.records(); len(got) != 1 || strings.HasSuffix(got[0], " aside") {
					t.Errorf("got %q", got)
				}
				b.holds(old, typedSecret)
			default:
				if a.Kept == nil || a.Kept.Name != test.want || a.Occupied != nil {
					t.Fatalf("got kept %v and occupied %v, want %q", a.Kept, a.Occupied, test.want)
				}
				if want := old.Target.Equal(a.Kept.Target); a.Several != want {
					t.Errorf("got several %v, want %v", a.Several, want)
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
				// Two passwords without a login.
				if d.Outcome != credential.Ambiguous || test.save != SaveAny {
					t.Fatalf("got the outcome %v and error %v, want an answer", d.Outcome, err)
				}
				return
			}
			storetest.Same(t, "fill", *login.Password, typedSecret)
		})
	}
}

// A record without a secret does not prevent storing a typed token.
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

// If a store fails, nothing is stored elsewhere and nothing is overwritten.
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

	// The record of the old token is unchanged.
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
			request := by("alice", path)
			request.Host = "git.example.com" // GitHub has no such paths
			if _, err := b.Approve(t.Context(), asked(request, storetest.NewSecret(20))); err == nil {
				t.Errorf("%.10q: got no error", path)
			}
		}
		if len(b.memory.secrets) > 0 {
			t.Error("there is a secret without a record")
		}
		b.has("nothing")
	})
}

// An expiry that a record cannot hold is ignored.
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

// A damaged record is not overwritten, and does not prevent storing another.
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
			if a.Kept == nil || a.Kept.Name != "laptop-2" || !a.Several {
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

// Many processes report the same token at the same time.
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
				// No process reports another token.
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
