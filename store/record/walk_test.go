package record

import (
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

func TestHostAndAll(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	put(t, tree,
		storetest.Record("z-whole"), storetest.Record("a-owner", "acme"), storetest.Record("a-repo", "acme/widgets"), storetest.Record("b-owner", "umbrella"),
		storetest.Opaque("gitlab.example:8443", "site"), storetest.Opaque("[::1]", "six"),
		storetest.Opaque("gitlab.example:8443", "deepest", "1/2/3/4/5/6/7/8/9/10"),
	)
	if err := tree.NoteUse("github.com/acme/@/a-owner", storetest.Noon()); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ host, want string }{
		{"github.com", "z-whole a-owner a-repo b-owner"}, // the records for the whole host come first
		{"gitlab.example:8443", "site deepest"},
		{"gitlab.example", ""},
		{"github", ""},
		{"", ""},
	} {
		var got []string
		for c, err := range tree.Host(test.host) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, c.Name)
			if used := c.Name == "a-owner"; c.Used.Equal(storetest.Noon()) != used {
				t.Errorf("%s: got used %v", c.Name, c.Used)
			}
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s: got %q, want %q", test.host, got, test.want)
		}
	}
	var all []string
	for c, err := range tree.All() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c.Host+" "+c.Name)
	}
	slices.Sort(all)
	want := []string{"[::1] six", "github.com a-owner", "github.com a-repo", "github.com b-owner", "github.com z-whole", "gitlab.example:8443 deepest", "gitlab.example:8443 site"}
	if !slices.Equal(all, want) {
		t.Errorf("got %q, want %q", all, want)
	}
	hosts := tree.Hosts()
	slices.Sort(hosts)
	if want := []string{"[::1]", "github.com", "gitlab.example:8443"}; !slices.Equal(hosts, want) {
		t.Errorf("got the hosts %q, want %q", hosts, want)
	}
	// The sequence ends when the caller stops.
	for range 7 {
		n := 0
		for range tree.All() {
			n++
			break
		}
		for range tree.Host("github.com") {
			n++
			break
		}
		if n != 2 {
			t.Errorf("got %d records, want 2", n)
		}
	}
}
