//go:build !windows

package importer

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// The helper has one password for each host, in a file of that name.
const helperScript = `#!/bin/sh
cd "$(dirname "$0")"
while read -r line && test "$line"; do
	case $line in host=*) host=${line#host=} ;; password=*) password=${line#password=} ;; esac
done
test -e "$host" || exit 0
case $1 in
get) printf 'username=alice\npassword=%s\n' "$(cat "$host")" ;;
erase) test "$host" = stubborn.example || test "$password" != "$(cat "$host")" || rm "$host" ;;
esac
`

func TestHelper(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("helper", helperScript, 0o700)
	hosts := []string{"kept.example", "left.example", "changed.example", "stubborn.example"}
	h := &Helper{Name: "git:" + filepath.Join(dir, "helper")}
	for _, host := range append(hosts, "none.example") {
		h.URLs = append(h.URLs, credential.Remote{Protocol: "https", Host: host, Path: "a/b"})
	}
	for _, host := range hosts {
		write(host, "secret", 0o600)
	}
	items, err := h.Items(t.Context())
	if err != nil || len(items) != 5 {
		t.Fatalf("got %v, %v", items, err)
	}
	for _, e := range items[:4] {
		if e.Login != "alice" || e.Secret.Reveal() != "secret" || !e.Kept() {
			t.Errorf("%s: got %+v", e.Host, e)
		}
	}
	if e := items[4]; e.Reason.Why != NoAnswer {
		t.Errorf("got %+v, want %d", e.Reason, NoAnswer)
	}

	items[1].Skip(Reason{Why: OtherServer})
	write("changed.example", "another", 0o600)
	done, err := h.Remove(t.Context(), items)
	want := []Removal{
		{Place: "https://kept.example/a/b"},
		{Place: "https://changed.example/a/b", Err: ErrChanged},
		{Place: "https://stubborn.example/a/b", Err: ErrNotErased},
	}
	if err != nil || !slices.Equal(done, want) {
		t.Errorf("got %v, %v, want %v", done, err, want)
	}
	for host, want := range map[string]bool{"kept.example": false, "left.example": true, "changed.example": true} {
		if _, err := os.Stat(filepath.Join(dir, host)); (err == nil) != want {
			t.Errorf("%s: got %v, want it there: %v", host, err, want)
		}
	}
}
