package record

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

func TestFormatRecord(t *testing.T) {
	t.Parallel()
	for _, r := range []credential.Record{
		storetest.Record("laptop"),
		storetest.Record("laptop", "acme"),
		storetest.Record("laptop", "acme/widgets"),
		storetest.Record("laptop", "acme/gadgets", "acme/widgets"),
		storetest.With(storetest.Record("l=\u00e4 p", "acme"), func(r *credential.Record) {
			r.Host, r.Username, r.Access, r.Expires = "[::1]:8443", "alice", credential.ReadAccess, storetest.Noon().Add(time.Nanosecond)
			r.Store = "git:store <&> a=b"
		}),
		storetest.With(storetest.Opaque("git.example.com", "x", "Group/Sub/x=y.git"), func(r *credential.Record) { r.Form = "attributes" }),
		storetest.With(storetest.Record("x", "acme"), func(r *credential.Record) { r.From = "github.com/acme/widgets/@/x" }),
		storetest.With(storetest.Record("x", "acme"), func(r *credential.Record) { r.Moved = true }),
		storetest.With(storetest.Opaque("git.example.com", "x", "acme"), func(r *credential.Record) { r.Forge = forge.Gitea }),
	} {
		data, err := formatRecord(r)
		if err != nil {
			t.Fatal(err)
		}
		back, written, err := parseRecord(data)
		if err != nil || written != format {
			t.Errorf("%s: got format %d and %v", data, written, err)
		}
		storetest.SameRecord(t, string(data), back, r)
		// An incomplete record is rejected.
		for i := range data {
			if r, _, err := parseRecord(data[:i]); err == nil && r.Store != "" {
				t.Errorf("%q: got %+v", data[:i], r)
			}
		}
	}
	for name, r := range map[string]credential.Record{
		"a line in the name": storetest.Record("a\nstore=x", "acme"),
		"a byte in a path":   storetest.Record("a", "acme/\x1b"),
		"a byte in a store":  storetest.With(storetest.Record("a", "acme"), func(r *credential.Record) { r.Store = "file\r" }),
	} {
		if data, err := formatRecord(r); err == nil {
			t.Errorf("%s: got %q", name, data)
		}
	}
}

// FuzzAside checks that a mark does not change when it is written and read again.
func FuzzAside(f *testing.F) {
	data, err := formatAside(credential.Aside{Time: storetest.Noon(), Reason: "refused", Owners: []string{"", "acme"}, Refusals: 2, Offered: storetest.Noon(), Added: storetest.Noon()})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("time=2026-03-14T12:00:00+01:00\nowner[]=a\nowner[]=\nowner[]=//\nrefusals=-1\nreason=\t\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := parseAside(data)
		if err != nil || strings.Contains(a.Reason+a.Fingerprint+strings.Join(a.Owners, ""), "\t") {
			return // a tab can be read, but not written
		}
		again, err := formatAside(a)
		if err != nil {
			t.Fatalf("%q: %v", data, err)
		}
		back, err := parseAside(again)
		same := back.Time.Equal(a.Time) && back.Offered.Equal(a.Offered) && back.Added.Equal(a.Added)
		back.Time, back.Offered, back.Added = a.Time, a.Offered, a.Added
		if err != nil || !same || !reflect.DeepEqual(back, a) {
			t.Errorf("%q: got %+v and %v, want %+v", data, back, err, a)
		}
	})
}
