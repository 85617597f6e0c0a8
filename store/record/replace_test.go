package record

import (
	"slices"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

// While a token gets another key, one of its two records answers, and Survey returns
// the other one.
func TestReplace(t *testing.T) {
	t.Parallel()
	from := func(r, old credential.Record) credential.Record {
		r.From, r.Added = Key(old), old.Added
		return r
	}
	moved := func(r credential.Record) credential.Record {
		r.Moved = true
		return r
	}
	later := func(r credential.Record) credential.Record {
		r.Added = r.Added.Add(time.Nanosecond)
		return r
	}
	for _, test := range []struct {
		name     string
		old, new credential.Record
	}{
		{"wider", storetest.Record("old", "acme/widgets"), storetest.Record("new", "acme")},
		{"narrower", storetest.Record("old", "acme"), storetest.Record("new", "acme/widgets")},
		{"renamed", storetest.Record("old", "acme"), storetest.Record("new", "acme")},
		{"several", storetest.Record("old", "acme/widgets"), storetest.Record("new", "acme/gadgets", "acme/widgets")},
	} {
		for _, step := range []struct {
			name       string
			records    []credential.Record
			live, left []string
		}{
			{"before", []credential.Record{test.old}, []string{"old"}, nil},
			{"written", []credential.Record{test.old, from(test.new, test.old)}, []string{"old"}, []string{"new"}},
			{"moved", []credential.Record{moved(test.old), from(test.new, test.old)}, []string{"new"}, []string{"old"}},
			{"removed", []credential.Record{from(test.new, test.old)}, []string{"new"}, nil},
			{"done", []credential.Record{test.new}, []string{"new"}, nil},
			// A token was added under the old key before From was removed.
			{"added again", []credential.Record{later(test.old), from(test.new, test.old)}, []string{"new", "old"}, nil},
			{"not a key", []credential.Record{{Target: test.new.Target, Name: "new", Kind: test.new.Kind, Added: test.new.Added, Store: "file", From: "../../etc"}}, []string{"new"}, nil},
		} {
			t.Run(test.name+"/"+step.name, func(t *testing.T) {
				t.Parallel()
				tree := newTree(t)
				put(t, tree, step.records...)
				sorted := func(candidates []credential.Candidate, err error) []string {
					if err != nil {
						t.Fatal(err)
					}
					list := names(candidates)
					slices.Sort(list)
					return list
				}
				records, unfinished, _, err := tree.Survey()
				var all, host []credential.Candidate
				for c := range tree.All() {
					all = append(all, c)
				}
				for c := range tree.Host("github.com") {
					host = append(host, c)
				}
				for what, got := range map[string][]string{
					"Lookup": sorted(tree.Lookup("github.com", "acme/widgets")),
					"Near":   sorted(tree.Near("github.com", "acme/widgets")),
					"Survey": sorted(records, err),
					"All":    sorted(all, nil),
					"Host":   sorted(host, nil),
				} {
					if !slices.Equal(got, step.live) {
						t.Errorf("%s: got %q, want %q", what, got, step.live)
					}
				}
				if got := names(unfinished); !slices.Equal(got, step.left) {
					t.Errorf("got the unfinished %q, want %q", got, step.left)
				}
			})
		}
	}
}
