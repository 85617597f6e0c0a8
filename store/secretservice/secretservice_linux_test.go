package secretservice_test

import (
	"errors"
	"strings"
	"testing"

	gokeyring "github.com/zalando/go-keyring"

	"github.com/git-credential-pat/git-credential-pat/e2e/keyringtest"
	"github.com/git-credential-pat/git-credential-pat/store/secretservice"
)

// Go-keyring and this package have the same items.
func TestGoKeyring(t *testing.T) {
	g := keyringtest.UseGnomeKeyring(t)
	for _, variable := range g.Env() {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	const service, user = "gh:github.com", "acme/@/läptop %"
	client := new(secretservice.Client)
	ours := func(want string, wantErr error) {
		t.Helper()
		if got, err := client.Get(t.Context(), service, user); got != want || !errors.Is(err, wantErr) {
			t.Errorf("got %q, %v, want %q, %v", got, err, want, wantErr)
		}
	}
	theirs := func(want string, wantErr error) {
		t.Helper()
		if got, err := gokeyring.Get(service, user); got != want || !errors.Is(err, wantErr) {
			t.Errorf("go-keyring: got %q, %v, want %q, %v", got, err, want, wantErr)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	both := func(want string) {
		t.Helper()
		ours(want, nil)
		theirs(want, nil)
	}
	neither := func() {
		t.Helper()
		ours("", secretservice.ErrNotFound)
		theirs("", gokeyring.ErrNotFound)
	}

	neither()
	must(gokeyring.Set(service, user, "one"))
	both("one")
	must(client.Set(t.Context(), service, user, "two"))
	both("two")
	must(gokeyring.Set(service, user, "three"))
	both("three")
	must(client.Delete(t.Context(), service, user))
	neither() // there was one item all the time
	must(client.Set(t.Context(), service, user, "four"))
	must(gokeyring.Delete(service, user))
	neither()
	if err := client.Delete(t.Context(), service, user); !errors.Is(err, secretservice.ErrNotFound) {
		t.Errorf("got error %v, want ErrNotFound", err)
	}

	must(client.Set(t.Context(), service, user, "\x00\xff\n"))
	ours("\x00\xff\n", nil)
	for _, odd := range []string{"a\x00b", "\xff"} {
		if _, err := client.Get(t.Context(), service, odd); !errors.Is(err, secretservice.ErrNotFound) {
			t.Errorf("%q: got error %v, want ErrNotFound", odd, err)
		}
		if err := client.Set(t.Context(), odd, user, "x"); err == nil {
			t.Errorf("%q: set it", odd)
		}
	}
}
