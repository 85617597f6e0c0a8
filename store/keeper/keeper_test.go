package keeper

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

func TestSaveText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"tokens", "any", "never"} {
		var s Save
		if err := s.UnmarshalText([]byte(text)); err != nil || string(s) != text {
			t.Errorf("%q: got %q and error %v", text, s, err)
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

// An error of a store does not mean that the secret is missing. No other token
// answers, and the decision names the record.
func TestFillStoreError(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		store string
		what  string
	}{
		{"locked", "locked", "is locked"},
		{"no such store", "keyring", "is unknown to this version"},
		{"a name that is none", "nonsense", "is unknown to this version"},
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
	// The store of a rival fails, but the rival still counts.
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

// A secret in a store may be unusable. Git does not get it.
// A token may move to another store after its record was read. It is found there.
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
	// An unknown form is an error.
	b := newBench(t, SaveTokens)
	b.add(storetest.With(storetest.Record("a"), func(r *credential.Record) { r.Form = "cbor" }), storetest.NewSecret(40))
	_, _, err := b.Fill(t.Context(), at(""))
	isStoreError(t, "form", err)
}

// If a token from the environment is rejected, only this value is set aside. The
// next value answers.
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

			// The next rejection is about the next value. The first one still does not answer.
			b.reject(typed(at(path), second))
			b.is(path, credential.Unusable)
			if got := find(t, b.Tree, record.Key(r)).Aside; got == nil || c.Aside == nil || got.Fingerprint == c.Aside.Fingerprint {
				t.Errorf("got the mark %+v, want another", got)
			}

			// If the variable is unset, the token is missing. Set again, it is set aside.
			t.Setenv(variable, "")
			b.is(path, credential.Unusable)
			t.Setenv(variable, second.Reveal())
			b.is(path, credential.Unusable)

			// If the server accepts it, it answers again.
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

// If there are tokens for reading and for writing, Git's configuration decides.
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

// SaysPush is not called if the answer does not depend on it.
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
