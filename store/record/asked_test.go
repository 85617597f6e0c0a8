package record

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

// The note of a question is valid for ten minutes and for one use.
func TestAsked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		asked, then credential.Request
		after       time.Duration
		want, by    bool
	}{
		{"the same", at("acme/widgets"), at("acme/widgets"), time.Minute, true, false},
		{"with a name that was typed", at("acme/widgets"), by("alice", "acme/widgets"), time.Minute, true, false},
		{"by name", by("alice", "acme/widgets"), by("alice", "acme/widgets"), time.Minute, true, true},
		{"by name, in other letters", by("alice", "acme/widgets"), by("Alice", "Acme/widgets"), time.Minute, true, true},
		{"by another name", by("alice", "acme/widgets"), by("bob", "acme/widgets"), time.Minute, false, false},
		{"by a name, and then without", by("alice", "acme/widgets"), at("acme/widgets"), time.Minute, false, false},
		{"another repository", at("acme/widgets"), at("acme/gadgets"), time.Minute, false, false},
		{"the owner", at("acme/widgets"), at("acme"), time.Minute, false, false},
		{"without a path", at(""), at(""), time.Minute, true, false},
		{"a path, and then without", at("acme/widgets"), at(""), time.Minute, false, false},
		{"another host", at("acme/widgets"), credential.Request{Host: "github.com:8443", Path: "acme/widgets"}, time.Minute, false, false},
		{"a name that looks like a path", by("b", "a"), at("a\x00b"), time.Minute, false, false},
		{"in time", at("acme/widgets"), at("acme/widgets"), 10*time.Minute - 1, true, false},
		{"too late", at("acme/widgets"), at("acme/widgets"), 10 * time.Minute, false, false},
		{"a clock that went back", at("acme/widgets"), at("acme/widgets"), -time.Hour, false, false},
	} {
		tree := newTree(t)
		if err := tree.NoteAsked(test.asked, storetest.Noon()); err != nil {
			t.Fatal(err)
		}
		if asked, byName := tree.TakeAsked(test.then, storetest.Noon().Add(test.after)); asked != test.want || byName != test.by {
			t.Errorf("%s: got %v, %v, want %v, %v", test.name, asked, byName, test.want, test.by)
		}
		if asked, _ := tree.TakeAsked(test.then, storetest.Noon().Add(test.after)); asked {
			t.Errorf("%s: used twice", test.name)
		}
	}
}

func TestAskedSweeps(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	for i := range 3 {
		if err := tree.NoteAsked(at(fmt.Sprint("acme/", i)), storetest.Noon().Add(time.Duration(i)*9*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if got := storetest.Files(t, tree.Dir()); len(got) != 2 {
		t.Errorf("got %q, want the two that are young", got)
	}
	if err := tree.NoteAsked(at(strings.Repeat("x", 300)), storetest.Noon()); err == nil {
		t.Error("a path too long for a file: got no error")
	}
}
