package tokens

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// Only a token that may be replaced is replaced, and no secret is lost otherwise.
func TestAdd(t *testing.T) {
	plain := "git:store --file=" + filepath.Join(t.TempDir(), "plain")
	there := laptop(time.Now().Add(-time.Hour))
	there.Username, there.Access = "alice", credential.WriteAccess
	with := func(change func(*credential.Record)) credential.Record {
		r := there
		change(&r)
		return r
	}
	elsewhere := with(func(r *credential.Record) { r.Store = plain })
	unknown := with(func(r *credential.Record) { r.Name, r.Username, r.Access = "fine-grained", "", "" })
	second := with(func(r *credential.Record) { r.Name = "laptop-2" })
	keep, replace, stage := Existing{}, Existing{Replace: true}, Existing{Stage: true}
	for _, test := range []struct {
		name     string
		has      []credential.Record // with the secrets old-1, old-2 ...
		add      string              // name, login, access and secret
		existing Existing
		want     string // name, login, access and the first letter of each flag, or the error
	}{
		{"nothing there", nil, "laptop - - new", keep, "laptop - - "},
		{"nothing there, and no name", nil, "- - - new", keep, "fine-grained - - "},
		{"nothing there, and a login", nil, "- alice read new", stage, "alice-read alice read "},
		{"nothing to replace", nil, "- - - new", replace, "fine-grained - - "},

		{"the name is there", []credential.Record{there}, "LAPTOP - - new", keep, `there is a token "laptop" for github.com/acme already`},
		{"it is to be replaced", []credential.Record{there}, "laptop - - new", replace, "laptop alice write r"},
		{"it is to be replaced, elsewhere", []credential.Record{elsewhere}, "laptop - - new", replace, "laptop alice write r"},
		{"a person decides", []credential.Record{there}, "laptop - - new", stage, "laptop-2 - - s"},
		{"the second name is there too", []credential.Record{there, second}, "laptop - - new", stage, "laptop-3 - - s"},

		{"no name", []credential.Record{unknown}, "- - - new", keep, "fine-grained-2 - - "},
		{"no name, and a login", []credential.Record{unknown}, "- alice - new", keep, "alice alice - "},
		{"no name, a person decides", []credential.Record{unknown}, "- alice - new", stage, "alice alice - s"},
		{"no name, of another login", []credential.Record{there}, "- bob write new", stage, "bob-write bob write "},
		{"no name, of another access", []credential.Record{there}, "- alice read new", stage, "alice-read alice read "},
		{"no name, to be replaced", []credential.Record{there}, "- bob write new", replace, "laptop bob write r"},
		{"no name, and two to be replaced", []credential.Record{there, second}, "- - write new", replace, "there are 2 tokens for github.com/acme"},

		{"the same secret", []credential.Record{there}, "- - - old-1", keep, "laptop alice write a"},
		{"the same secret, a person decides", []credential.Record{there}, "- - - old-1", stage, "laptop alice write a"},
		{"the same secret, with a login", []credential.Record{unknown}, "- alice - old-1", keep, "fine-grained alice - a"},
		{"the same secret, under another name", []credential.Record{there, second}, "laptop - - old-2", keep, "laptop-2 alice write a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newFixture(t)
			for i, r := range test.has {
				b.keeps(r, fmt.Sprintf("old-%d", i+1))
			}
			words := strings.Split(test.add, " ")
			for i, w := range words {
				if w == "-" {
					words[i] = ""
				}
			}
			r := laptop(b.Now)
			r.Name, r.Username, r.Access, r.Store = words[0], words[1], credential.Access(words[2]), ""
			if len(test.has) == 0 {
				r.Store = "file" // or it would be the keyring, if there is one
			} else if test.existing == keep {
				r.Store = test.has[0].Store
			}
			secret := words[3]
			added, err := b.Add(t.Context(), r, credential.NewSecret(secret), test.existing)
			b.isFree("after it")
			got := added.Record.Name + " " + orDash(added.Record.Username) + " " + orDash(string(added.Record.Access)) + " "
			for flag, on := range map[string]bool{"r": added.Replaced, "a": added.Already, "s": added.Old != nil} {
				if on {
					got += flag
				}
			}
			if err != nil {
				got = err.Error()
			}
			if strings.TrimPrefix(got, "Laptop") != strings.TrimPrefix(test.want, "Laptop") {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if err == nil {
				now := b.find(added.Record)
				if !now.Record.Equal(added.Record) || b.secret(now.Record, now.Store) != secret || (now.Aside != nil) != (added.Old != nil) {
					t.Errorf("got %+v, want %+v", now, added.Record)
				}
			}
			for i, old := range test.has {
				if !added.Replaced && b.secret(old, old.Store) != fmt.Sprintf("old-%d", i+1) {
					t.Errorf("the secret of %s is lost", old.Name)
				}
			}
		})
	}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// A token whose secret is gone, or whose record is damaged, is added again.
func TestAddAgain(t *testing.T) {
	for _, name := range []string{"laptop", ""} {
		b := newFixture(t)
		r := laptop(b.Now)
		if err := b.Tree.Put(r); err != nil {
			t.Fatal(err)
		}
		r.Name = name
		added, err := b.Add(t.Context(), r, credential.NewSecret("new"), Existing{})
		if err != nil || added.Record.Name != "laptop" || b.secret(added.Record, "file") != "new" {
			t.Errorf("%q: got %+v, %v", name, added, err)
		}
	}
}

// A staged token replaces the old one, is kept beside it, or goes.
func TestStaged(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(b *fixture, old credential.Candidate, staged credential.Record) error
		want string // the secrets of laptop and of laptop-2
	}{
		{"replaces", func(b *fixture, old credential.Candidate, staged credential.Record) error {
			_, err := b.Replace(b.t.Context(), old, staged, staged, credential.NewSecret("new"))
			return err
		}, "new "},
		{"is kept", func(b *fixture, _ credential.Candidate, staged credential.Record) error {
			known := staged
			known.Username = "alice"
			return b.Complete(b.t.Context(), staged, known)
		}, "old new"},
		{"goes", func(b *fixture, _ credential.Candidate, staged credential.Record) error {
			return b.Discard(b.t.Context(), staged)
		}, "old "},
		{"replaces what was changed", func(b *fixture, old credential.Candidate, staged credential.Record) error {
			r := old.Record
			r.Added = r.Added.Add(time.Nanosecond)
			if err := b.Tree.Put(r); err != nil {
				return err
			}
			var changed *ChangedError
			if _, err := b.Replace(b.t.Context(), old, staged, staged, credential.NewSecret("new")); !errors.As(err, &changed) {
				b.t.Errorf("got %v", err)
			}
			return nil
		}, "old new"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newFixture(t)
			b.keeps(laptop(b.Now.Add(-time.Hour)), "old")
			old := b.find(laptop(b.Now))
			staged, err := b.Stage(t.Context(), laptop(b.Now), credential.NewSecret("new"))
			if err != nil || staged.Name != "laptop-2" || b.find(staged).Aside == nil || b.find(old.Record).Aside != nil {
				t.Fatalf("got %+v, %v", staged, err)
			}
			if err := test.do(b, old, staged); err != nil {
				t.Fatal(err)
			}
			if got := b.secret(old.Record, "file") + " " + b.secret(staged, "file"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			_, err = b.Tree.Find(record.Key(staged))
			if (err == nil) != strings.HasSuffix(test.want, " new") {
				t.Errorf("the staged record: %v", err)
			}
		})
	}
}

// A store that does not answer in time may still store the secret. The record stays,
// and the token can be added again.
func TestAddLate(t *testing.T) {
	const slow = `git:!f() { test "$1" != store || exec sleep 2; }; f`
	for _, has := range []bool{false, true} {
		b := newFixture(t)
		b.Options.Limit = 300 * time.Millisecond
		r := laptop(b.Now)
		r.Store = slow
		if has {
			old := r
			old.Added, old.Expires = r.Added.Add(-time.Hour), b.Now.Add(time.Hour).UTC().Truncate(time.Second)
			if err := b.Tree.Put(old); err != nil {
				t.Fatal(err)
			}
		}
		_, err := b.Add(t.Context(), r, credential.NewSecret("new"), Existing{})
		var late *LateError
		if !errors.As(err, &late) || late.Record.Name != "laptop" {
			t.Errorf("got %v", err)
		}
		if now := b.find(r); !now.Expires.IsZero() || now.Store != slow {
			t.Errorf("got %+v", now)
		}
		r.Store = "file"
		if _, err := b.Add(t.Context(), r, credential.NewSecret("new"), Existing{}); err != nil || b.secret(r, "file") != "new" {
			t.Errorf("once more: %v", err)
		}
	}
}
