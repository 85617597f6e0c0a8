package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// abilities say what a store can do that the contract does not require.
type abilities struct {
	// bytes is true if the store accepts any bytes. Otherwise Set of a secret with
	// control characters is an error.
	bytes bool

	// most is the length of the longest secret in bytes, or 0 if there is no limit
	// that the tests reach.
	most int

	// slow is true if each call starts several processes, which takes long on Windows.
	slow bool
}

// contractKeys returns different keys of records.
func contractKeys() []string {
	other := func(host, name string, paths ...string) credential.Record {
		return credential.Record{Target: credential.Target{Host: host, Paths: paths}, Kind: credential.Other, Name: name}
	}
	var keys []string
	for _, r := range []credential.Record{
		other("github.com", "classic"),
		other("github.com", "laptop", "acme"),
		other("github.com", "ci", "acme/widgets"),
		other("github.com", "ci-2", "acme/widgets"),
		other("github.com", "several", "acme/gadgets", "acme/widgets"),
		other("git.example.com:8443", "laptop"),
		other("[2001:db8::1]", "laptop"),
		other("[2001:db8::1]:8443", "laptop", "acme"),
		other("localhost", "a b=c%d", "e/f g/h@i"),
		other("localhost", "..", "../.."),
		other("localhost", "con", "nul.txt/aux"),
		other("localhost", "\u00fcml\u00e4ut", "\u4e16\u754c"),
		other(strings.Repeat("a.", 96)+"example", strings.Repeat("n", 200), strings.Repeat("p/", 30)+strings.Repeat("q", 200)),
	} {
		keys = append(keys, record.Key(r))
	}
	return keys
}

// contractSecrets returns secrets that a store must return unchanged.
func contractSecrets() map[string]credential.Secret {
	return map[string]credential.Secret{
		"a fine-grained token":   storetest.NewToken(credential.FineGrained),
		"a classic token":        storetest.NewToken(credential.Classic),
		"the longest of tokens":  storetest.NewSecret(520),
		"4 KiB":                  storetest.NewSecret(4096),
		"UTF-8":                  credential.NewSecret("gr\u00fc\u00dfe \u4e16\u754c \U0001f511 e\u0301"),
		"no UTF-8":               credential.NewSecret("a\xff\xfe\x80b"),
		"equals signs":           credential.NewSecret("=a==b=" + storetest.NewSecret(8).Reveal()),
		"blanks around":          credential.NewSecret("  two words " + storetest.NewSecret(8).Reveal() + "  "),
		"percent signs":          credential.NewSecret("100%25%%0a%zz%"),
		"marks of URL and shell": credential.NewSecret("https://a:b@c/?d#e&f+g;h'i\"j`k$(l)\\m|n*"),
		"a name for a prefix":    credential.NewSecret("go-keyring-base64:" + storetest.NewSecret(8).Reveal()),
	}
}

// testStore tests the contract of Store. Each call of open returns the store as
// another process would open it.
func testStore(t *testing.T, open func(t *testing.T) Store, can abilities) {
	keys, many := contractKeys(), 20
	if can.slow && runtime.GOOS == "windows" {
		keys, many = slices.Concat(keys[:3], keys[len(keys)-3:]), 6
	}
	missing := func(t *testing.T, s Store, what, key string) {
		t.Helper()
		if secret, err := s.Get(t.Context(), key); !errors.Is(err, ErrNotFound) || !secret.Empty() {
			t.Errorf("%s: got a secret of %d bytes and error %v, want ErrNotFound", what, len(secret.Reveal()), err)
		}
	}
	has := func(t *testing.T, s Store, what, key string, want credential.Secret) {
		t.Helper()
		got, err := s.Get(t.Context(), key)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			return
		}
		storetest.Same(t, what, got, want)
	}
	set := func(t *testing.T, s Store, key string, secret credential.Secret) {
		t.Helper()
		if err := s.Set(t.Context(), key, secret); err != nil {
			t.Errorf("set %q: %v", key, err)
		}
	}
	remove := func(t *testing.T, s Store, key string) {
		t.Helper()
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("delete %q: %v", key, err)
		}
	}

	t.Run("unknown", func(t *testing.T) {
		s := open(t)
		missing(t, s, "before anything is kept", keys[0])
		remove(t, s, keys[0])
		missing(t, s, "after deleting nothing", keys[0])
	})

	t.Run("secrets", func(t *testing.T) {
		s, key := open(t), keys[1]
		for name, secret := range contractSecrets() {
			if can.slow && runtime.GOOS == "windows" && len(name) < 12 {
				continue
			}
			if can.most > 0 && len(secret.Reveal()) > can.most {
				isStoreError(t, name, s.Set(t.Context(), key, secret))
				continue
			}
			set(t, s, key, secret) // replaces the secret before
			has(t, s, name, key, secret)
			has(t, open(t), name+", elsewhere", key, secret)
		}
		remove(t, s, key)
		missing(t, s, "deleted", key)
		remove(t, s, key)
		missing(t, s, "deleted twice", key)
		again := storetest.NewSecret(40)
		set(t, s, key, again)
		has(t, s, "kept again", key, again)
		remove(t, s, key)
	})

	t.Run("control characters", func(t *testing.T) {
		s, key := open(t), keys[1]
		for _, text := range []string{"a\nusername=b", "a\r", "a\x00b", "\x1b[2J", "\n"} {
			secret := credential.NewSecret(text)
			err := s.Set(t.Context(), key, secret)
			if !can.bytes {
				isStoreError(t, fmt.Sprintf("%q", text), err)
				missing(t, s, fmt.Sprintf("%q", text), key)
				continue
			}
			if err != nil {
				t.Errorf("%q: %v", text, err)
			}
			has(t, s, fmt.Sprintf("%q", text), key, secret)
		}
		remove(t, s, key)
	})

	t.Run("keys", func(t *testing.T) {
		s := open(t)
		secrets := map[string]credential.Secret{}
		for _, key := range keys {
			missing(t, s, "not yet kept: "+key, key)
			secrets[key] = storetest.NewSecret(40)
			set(t, s, key, secrets[key])
		}
		if len(secrets) != len(keys) {
			t.Fatalf("got %d different keys, want %d", len(secrets), len(keys))
		}
		for i, key := range keys {
			has(t, s, key, key, secrets[key])
			if i%2 == 0 {
				remove(t, s, key)
			}
		}
		for i, key := range keys {
			if i%2 == 0 {
				missing(t, s, "deleted: "+key, key)
				continue
			}
			has(t, s, "others deleted: "+key, key, secrets[key])
			remove(t, s, key)
		}
	})

	t.Run("parallel", func(t *testing.T) {
		secrets := make([]credential.Secret, many)
		key := func(i int) string {
			target := credential.Target{Host: "github.com", Paths: []string{fmt.Sprintf("owner-%d", i/2)}}
			return record.Key(credential.Record{Target: target, Name: fmt.Sprint("n", i)})
		}
		var all sync.WaitGroup
		for i := range many {
			secrets[i] = storetest.NewSecret(40)
			s := open(t)
			all.Go(func() {
				set(t, s, key(i), secrets[i])
				has(t, s, key(i), key(i), secrets[i])
			})
		}
		all.Wait()
		for i := range many {
			s := open(t)
			has(t, s, "at the end: "+key(i), key(i), secrets[i])
			all.Go(func() { remove(t, s, key(i)) })
		}
		all.Wait()
		for i := range many {
			missing(t, open(t), "deleted: "+key(i), key(i))
		}
	})

	t.Run("cancelled", func(t *testing.T) {
		s, key, secret := open(t), keys[2], storetest.NewSecret(40)
		set(t, s, key, secret)
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		// A fast store may succeed before it checks the context.
		fits := func(what string, err error) {
			t.Helper()
			if err != nil && !errors.Is(err, context.Canceled) {
				isStoreError(t, what, err)
			}
		}
		got, err := s.Get(cancelled, key)
		if fits("get", err); err == nil {
			storetest.Same(t, "get", got, secret)
		}
		fits("set", s.Set(cancelled, key, secret))
		has(t, s, "after it all", key, secret)
		err = s.Delete(cancelled, key)
		if fits("delete", err); err != nil {
			remove(t, s, key)
		}
		missing(t, s, "deleted", key)
	})
}

func TestFileContract(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "git-pat")
	testStore(t, func(t *testing.T) Store { return mustOpen(t, "file", folder) }, abilities{bytes: true})
	// No files and no folders are left.
	if entries, err := os.ReadDir(filepath.Join(folder, "secrets")); len(entries) > 0 {
		t.Errorf("left: %v, %v", entries, err)
	}
}

func mustOpen(t *testing.T, name, folder string) Store {
	t.Helper()
	s, err := Open(name, folder, Options{Limit: time.Minute}) // the machine may be busy
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEnvironmentContract(t *testing.T) {
	const variable = "STORE_TEST_ENVIRONMENT"
	s := mustOpen(t, "env:"+variable, "")
	for _, key := range contractKeys() {
		os.Unsetenv(variable)
		if _, err := s.Get(t.Context(), key); !errors.Is(err, ErrNotFound) {
			t.Errorf("unset: got error %v, want ErrNotFound", err)
		}
		t.Setenv(variable, "")
		if _, err := s.Get(t.Context(), key); !errors.Is(err, ErrNotFound) {
			t.Errorf("empty: got error %v, want ErrNotFound", err)
		}
	}
	for name, secret := range contractSecrets() {
		if runtime.GOOS == "windows" && !utf8.ValidString(secret.Reveal()) {
			continue // its variables are UTF-16
		}
		t.Setenv(variable, secret.Reveal())
		for _, key := range contractKeys()[:2] {
			got, err := s.Get(t.Context(), key)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			storetest.Same(t, name, got, secret)
		}
		failed := isStoreError(t, name, s.Set(t.Context(), contractKeys()[0], storetest.NewSecret(40)))
		if failed.Advice != "set the variable "+variable || failed.Absent {
			t.Errorf("set: got %+v", *failed)
		}
		if err := s.Delete(t.Context(), contractKeys()[0]); err != nil {
			t.Errorf("delete: %v", err)
		}
		got, err := s.Get(t.Context(), contractKeys()[0])
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		storetest.Same(t, name+", after it all", got, secret)
	}
}
