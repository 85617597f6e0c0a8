package keeper

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// A rejection sets aside the equal token. Nothing is deleted.
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
				if (len(got.SetAside) == 1) != test.aside || got.NoSecret != test.spared {
					t.Errorf("got %d set aside and no secret %v", len(got.SetAside), got.NoSecret)
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
				// A second rejection renews it.
				b.now = storetest.Noon().Add(59 * time.Minute)
				if again := b.reject(report); len(again.SetAside) != 1 {
					t.Errorf("again: got %d set aside", len(again.SetAside))
				}
				b.now = storetest.Noon().Add(61 * time.Minute)
				b.is("acme/widgets", credential.Unusable)
				// After an hour the token is tried once, and then less often.
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

// Without a path, the rejection may be about any token of the host, even if more
// than two are usable.
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
	// For a gist it may be a token for all of github.com.
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

// A token for a whole host is set aside for the owner that rejected it, and for all
// owners after a second one rejected it.
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

// If Git sends its own Authorization header, the rejection is about that header.
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

// Two records may have the same secret.
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

// A report without a secret sets aside passwords only, and only with SaveAny.
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
		if !got.NoSecret {
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

// If one store fails, tokens in others are still set aside. The error is returned if
// none was.
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
