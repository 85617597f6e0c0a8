//go:build !windows

package accounts

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gokeyring "github.com/zalando/go-keyring"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

func TestGHItems(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GH_CONFIG_DIR", dir)
	path := filepath.Join(dir, "hosts.yml")
	var missing *importer.MissingError
	if _, err := GH(nil, store.Options{}).Items(t.Context()); !errors.As(err, &missing) || !slices.Equal(missing.Paths, []string{path}) {
		t.Errorf("got %v, want a *MissingError", err)
	}
	write := func(data string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, data := range []string{
		"a: b: hunter2", "\thunter2", "a: \"hunter2", "a: [hunter2", "? *hunter2", "a: !<hunter2 b",
		"- hunter2", "github.com: hunter2", "github.com:\n    oauth_token: [hunter2]\n",
	} {
		write(data)
		var damaged *homefile.Error
		if _, err := GH(nil, store.Options{}).Items(t.Context()); !errors.As(err, &damaged) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: got %v, want a *homefile.Error", data, err)
		}
	}

	write("github.com:\n    users:\n        alice:\n        bob:\n    user: alice\n")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(dir, "none"))
	gokeyring.MockInitWithError(errors.New("it is locked")) // where there is no D-Bus
	items, err := GH(nil, store.Options{}).Items(t.Context())
	if err != nil || len(items) != 2 {
		t.Fatalf("got %v, %v", items, err)
	}
	for _, e := range items {
		if !e.Keyring || e.Reason.Why != importer.KeyringFailed || e.Reason.Err == nil {
			t.Errorf("%s: got %+v, want %d", e.Place, e.Reason, importer.KeyringFailed)
		}
	}
}

// The script is gh. It writes down what it is told.
const ghScript = "#!/bin/sh\ncase $* in *stubborn*) echo 'not logged in' >&2; exit 1;; esac\necho \"$*\" >>\"$GH_CONFIG_DIR/logouts\"\n"

func TestGHRemove(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GH_CONFIG_DIR", dir)
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	account := func(host, token string) string {
		return host + ".example:\n    user: alice\n    oauth_token: " + token + "\n    users:\n        alice:\n            oauth_token: old\n"
	}
	write := func(name, data string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("gh", ghScript, 0o700)
	write("hosts.yml", account("kept", "t")+account("skipped", "t")+account("changed", "t")+account("stubborn", "t"), 0o600)
	g := GH(os.Environ(), store.Options{})
	items, err := g.Items(t.Context())
	if err != nil || len(items) != 8 {
		t.Fatalf("got %v, %v", items, err)
	}
	for _, e := range items {
		if e.Host == "skipped.example" && e.Secret.Equal(credential.NewSecret("old")) {
			e.Skip(importer.Reason{Why: importer.Rival})
		}
	}
	write("hosts.yml", account("kept", "t")+account("skipped", "t")+account("changed", "new")+account("stubborn", "t"), 0o600)
	done, err := g.Remove(t.Context(), items)
	if want := []importer.Removal{{Place: "alice@changed.example", Err: importer.ErrChanged}, {Place: "alice@kept.example"}}; !slices.Equal(done, want) {
		t.Errorf("got %v, want %v", done, want)
	}
	var failed *LogOutError
	if !errors.As(err, &failed) || fmt.Sprint(failed.Args) != "[[auth logout --hostname stubborn.example --user alice]]" || failed.Err.Error() != `"not logged in"` {
		t.Errorf("got %v, want a *LogOutError", err)
	}
	logouts, err := os.ReadFile(filepath.Join(dir, "logouts"))
	if want := "auth logout --hostname kept.example --user alice\n"; err != nil || string(logouts) != want {
		t.Errorf("got %q, %v, want %q", logouts, err, want)
	}
}
