package tokens

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// exchanges returns an exchange that calls during and then returns a secret.
func exchanges(during func(), fresh string) Exchange {
	return func(context.Context, credential.Record, credential.Secret) (credential.Secret, time.Time, error) {
		during()
		return credential.NewSecret(fresh), time.Time{}, nil
	}
}

func TestRenew(t *testing.T) {
	b := newFixture(t)
	r := laptop(b.Now.Add(-time.Hour))
	r.Expires = b.Now.Add(time.Hour).UTC()
	b.keeps(r, "old")
	if err := b.Tree.SetAside(record.Key(r), credential.Refused(r.Host, b.Now)); err != nil {
		t.Fatal(err)
	}
	expires := b.Now.AddDate(0, 0, 30).UTC()
	got, err := b.Renew(t.Context(), b.find(r), func(_ context.Context, given credential.Record, old credential.Secret) (credential.Secret, time.Time, error) {
		if !given.Equal(r) || old.Reveal() != "old" {
			t.Errorf("got %+v", given)
		}
		// A program that is killed now leaves a record that is true of both.
		if now := b.find(r); !now.Expires.IsZero() || b.secret(r, "file") != "old" {
			t.Errorf("meanwhile: %+v", now)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if unlock, err := b.Tree.Lock(ctx); err == nil {
			unlock()
			t.Error("the lock is free")
		}
		return credential.NewSecret("new"), expires, nil
	})
	want := r
	want.Added, want.Expires = b.Now.UTC(), expires
	if now := b.find(r); err != nil || !got.Equal(want) || !now.Record.Equal(want) || now.Aside != nil || b.secret(r, "file") != "new" {
		t.Errorf("got %+v, %v, and %+v", got, err, now)
	}
	b.isFree("afterwards")
}

// The caller may give up meanwhile: what was exchanged is stored.
func TestRenewCancelled(t *testing.T) {
	b := newFixture(t)
	r := laptop(b.Now)
	r.Store = "git:store --file=" + filepath.Join(t.TempDir(), "plain")
	b.keeps(r, "old")
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := b.Renew(ctx, b.find(r), exchanges(cancel, "new")); err != nil || b.secret(r, r.Store) != "new" {
		t.Errorf("got %v", err)
	}
}

// Nothing is exchanged if something is wrong before, and nothing has changed then.
func TestRenewNotBegun(t *testing.T) {
	refused := errors.New("refused")
	for _, test := range []struct {
		name   string
		store  string
		before func(b *fixture, r credential.Record)
		err    error // of the exchange
		want   string
		asked  bool
	}{
		{name: "the forge refuses", err: refused, want: "refused", asked: true},
		{name: "the store is read-only", store: "env:TOKEN", want: `the store "env:TOKEN" is read-only`},
		{name: "the store cannot be written", store: "git:!f() { test $1 != store || exit 1; echo password=old; }; f", want: "the store"},
		{name: "the store lost the secret", store: "git:!cat >/dev/null;:", want: "no longer in its store"},
		{name: "it was changed", want: "was changed meanwhile", before: func(b *fixture, r credential.Record) {
			r.Added = r.Added.Add(time.Second)
			if err := b.Tree.Put(r); err != nil {
				b.t.Fatal(err)
			}
		}},
		{name: "it was removed", want: "was removed meanwhile", before: func(b *fixture, r credential.Record) {
			if err := b.Remove(b.t.Context(), candidate(r)); err != nil {
				b.t.Fatal(err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newFixture(t)
			r := laptop(b.Now)
			r.Expires = b.Now.Add(time.Hour).UTC()
			b.keeps(r, "old")
			if test.store != "" {
				r.Store = test.store
				if err := b.Tree.Put(r); err != nil {
					t.Fatal(err)
				}
			}
			shown := b.find(r)
			if test.before != nil {
				test.before(b, r)
			}
			was, _ := b.Tree.Find(shown.Key)
			asked := false
			_, err := b.Renew(t.Context(), shown, func(context.Context, credential.Record, credential.Secret) (credential.Secret, time.Time, error) {
				asked = true
				return credential.Secret{}, time.Time{}, test.err
			})
			if err == nil || !strings.Contains(err.Error(), test.want) || asked != test.asked {
				t.Errorf("got %v, asked %v", err, asked)
			}
			if now, _ := b.Tree.Find(shown.Key); !now.Record.Equal(was.Record) || test.store == "" && test.before == nil && b.secret(r, "file") != "old" {
				t.Errorf("got %+v, want %+v", now, was)
			}
			b.isFree("afterwards")
		})
	}
}

// block puts a file in the place of a folder, so that nothing can be written there.
func block(t *testing.T, folder string) {
	t.Helper()
	err := os.RemoveAll(folder)
	if err == nil {
		err = os.WriteFile(folder, nil, 0o600)
	}
	if err != nil {
		t.Error(err)
	}
}

// What fails after the exchange. The new secret is somewhere in each case.
func TestRenewFailsLate(t *testing.T) {
	for _, test := range []struct {
		name    string
		store   string // FLAG and PLAIN are files
		broken  []string
		isError func(error) bool
		want    string // the store of the record, or nothing if the secret is in the error
	}{
		{"the store fails", `git:!f() { test -e FLAG && exit 1; git credential-store --file=PLAIN $1; }; f`, nil, isA[*FallbackError], "file"},
		{"the store keeps nothing", `git:!f() { if test -e FLAG; then cat >/dev/null; else git credential-store --file=PLAIN $1; fi; }; f`, nil, isA[*FallbackError], "file"},
		{"the file store fails", "file", []string{"secrets"}, isA[*UnkeptError], ""},
		{"both stores fail", `git:!f() { test -e FLAG && exit 1; git credential-store --file=PLAIN $1; }; f`, []string{"secrets"}, isA[*UnkeptError], ""},
		{"both the store and the records fail", `git:!f() { test -e FLAG && exit 1; git credential-store --file=PLAIN $1; }; f`, []string{"tokens"}, isA[*UnkeptError], ""},
		{"the records fail", "file", []string{"tokens"}, isA[*UnrecordedError], "file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b, fresh := newFixture(t), rand.Text()
			r := laptop(b.Now)
			dir := filepath.ToSlash(t.TempDir())
			r.Store = strings.NewReplacer("FLAG", dir+"/flag", "PLAIN", dir+"/plain").Replace(test.store)
			b.keeps(r, "old")
			got, err := b.Renew(t.Context(), b.find(r), exchanges(func() {
				if err := os.WriteFile(dir+"/flag", nil, 0o600); err != nil {
					t.Error(err)
				}
				for _, name := range test.broken {
					block(t, filepath.Join(b.Tree.Dir(), name))
				}
			}, fresh))
			if !test.isError(err) {
				t.Fatalf("got %T, %v", err, err)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), fresh) {
				t.Error("the error shows the secret")
			}
			var unkept *UnkeptError
			if errors.As(err, &unkept) {
				if test.want != "" || unkept.Secret.Reveal() != fresh || unkept.Record.Store != r.Store {
					t.Errorf("got %+v", unkept)
				}
				return
			}
			if got.Store != test.want || b.secret(r, test.want) != fresh {
				t.Errorf("got %+v", got)
			}
			if isA[*FallbackError](err) {
				if now := b.find(r); !now.Record.Equal(got) {
					t.Errorf("got %+v", now)
				}
			}
		})
	}
}

func isA[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}
