package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/e2e/keyringtest"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

// The address of the bus is in the environment, so each test runs in a separate
// process: see storetest.InChild.
func TestKeyringContract(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(t *testing.T) []string{
		"gnome-keyring": func(t *testing.T) []string { return keyringtest.UseGnomeKeyring(t).Env() },
		"fake":          func(t *testing.T) []string { return keyringtest.UseFake(t, keyringtest.Works).Env() },
		"prompts":       func(t *testing.T) []string { return keyringtest.UseFake(t, keyringtest.Prompts).Env() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !storetest.IsChild() {
				storetest.InChild(t, start(t)...)
				return
			}
			testStore(t, func(t *testing.T) Store { return mustOpen(t, "keyring", "") }, abilities{bytes: true})
			if got := Default(t.Context(), Options{Limit: time.Minute}); got != "keyring" {
				t.Errorf("the default: got %q, want %q", got, "keyring")
			}
		})
	}
}

// fakeLaunch returns a folder with a program dbus-launch that leaves a sign. D-Bus
// libraries run it if there is no bus.
func fakeLaunch(t *testing.T) (path, sign string) {
	t.Helper()
	dir := t.TempDir()
	sign = filepath.Join(dir, "launched")
	script := "#!/bin/sh\n: >" + credential.ShellWord(sign) + "\nexit 1\n"
	if err := os.WriteFile(filepath.Join(dir, "dbus-launch"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir, sign
}

func TestKeyringErrors(t *testing.T) {
	t.Parallel()
	const (
		noBus      = "is not available: there is no D-Bus session bus"
		noProvider = "is not available: no program provides it"
		locked     = "is locked"
		nonsense   = "sent an invalid reply"
		silence    = "did not answer within 400ms"
	)
	fake := func(behaviour keyringtest.Behaviour) func(t *testing.T) []string {
		return func(t *testing.T) []string {
			f := keyringtest.UseFake(t, behaviour)
			t.Cleanup(func() {
				if f.Len() != 0 || f.Calls("CreateItem", "Delete", "GetSecret") != 0 {
					t.Errorf("got %d items after %d calls that could have changed them", f.Len(), f.Calls("CreateItem", "Delete", "GetSecret"))
				}
			})
			return f.Env()
		}
	}
	without := func(address string) func(t *testing.T) []string {
		return func(t *testing.T) []string {
			for _, name := range []string{"bus", "dbus-session"} {
				// godbus would use this bus of the machine.
				found := filepath.Join("/run/user", strconv.Itoa(os.Getuid()), name)
				if _, err := os.Stat(found); !errors.Is(err, fs.ErrNotExist) {
					t.Skipf("there is %s", found)
				}
			}
			path, sign := fakeLaunch(t)
			t.Cleanup(func() {
				if _, err := os.Stat(sign); err == nil {
					t.Error("dbus-launch was run")
				}
			})
			return []string{"DBUS_SESSION_BUS_ADDRESS=" + address, "PATH=" + path}
		}
	}
	for _, test := range []struct {
		name  string
		start func(t *testing.T) (env []string)
		what  string // the same for Get, Set and Delete

		advice string
		absent bool // there is no keyring, so the default is file
	}{
		{name: "no bus", start: without(""), what: noBus, advice: adviceOther, absent: true},
		{name: "no bus but a wish for one", start: without("autolaunch:"), what: noBus, advice: adviceOther, absent: true},
		{name: "never was a bus", start: func(t *testing.T) []string {
			return []string{"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent/bus"}
		}, what: noProvider, advice: adviceOther, absent: true},
		{name: "dead bus", start: func(t *testing.T) []string {
			b := keyringtest.UseBus(t)
			b.Close()
			return b.Env()
		}, what: noProvider, advice: adviceOther, absent: true},
		{name: "no-provider", start: fake(keyringtest.NoProvider), what: noProvider, advice: adviceOther, absent: true},

		{name: "no-collection", start: fake(keyringtest.NoCollection), what: locked, advice: adviceUnlock},
		{name: "dismissed", start: fake(keyringtest.Dismissed), what: locked, advice: adviceUnlock},
		{name: "gnome-keyring, locked", start: func(t *testing.T) []string {
			g := keyringtest.UseGnomeKeyring(t)
			if err := g.Lock(); err != nil {
				t.Fatal(err)
			}
			return g.Env()
		}, what: locked, advice: adviceUnlock},
		{name: "never-prompts", start: fake(keyringtest.NeverPrompts), what: silence, advice: adviceUnlock},
		{name: "silent", start: fake(keyringtest.Silent), what: silence, advice: adviceUnlock},
		{name: "wrong-types", start: fake(keyringtest.WrongTypes), what: nonsense, advice: adviceOther},
		{name: "empty-completed", start: fake(keyringtest.EmptyCompleted), what: nonsense, advice: adviceOther},
		{name: "bus-dies", start: fake(keyringtest.BusDies), what: nonsense, advice: adviceOther},
	} {
		for _, operation := range []string{"get", "set", "delete", "default"} {
			t.Run(test.name+"/"+operation, func(t *testing.T) {
				t.Parallel()
				if !storetest.IsChild() {
					storetest.InChild(t, test.start(t)...)
					return
				}
				options := Options{Limit: time.Minute, Waiting: func(string) {
					t.Error("told somebody to wait, within a second")
				}}
				if test.what == silence {
					options.Limit = 400 * time.Millisecond
				}
				s, err := Open("keyring", "", options)
				if err != nil {
					t.Fatal(err)
				}
				key, secret := contractKeys()[0], storetest.NewSecret(40)
				var name string
				switch operation {
				case "get":
					secret, err = s.Get(t.Context(), key)
					if !secret.Empty() {
						t.Error("got a secret")
					}
				case "set":
					err = s.Set(t.Context(), key, secret)
				case "delete":
					err = s.Delete(t.Context(), key)
				case "default":
					name = Default(t.Context(), options)
				}
				if operation == "default" {
					want := "keyring"
					if test.absent {
						want = "file"
					}
					if name != want {
						t.Errorf("got %q, want %q", name, want)
					}
					return
				}
				failed := isStoreError(t, operation, err)
				if failed.What != test.what || failed.Advice != test.advice || failed.Absent != test.absent || failed.Store != "keyring" {
					t.Errorf("got %+v, want %q, %q, absent %v", *failed, test.what, test.advice, test.absent)
				}
			})
		}
	}
}

// Options.Waiting is called once for a slow keyring.
func TestKeyringTell(t *testing.T) {
	t.Parallel()
	if !storetest.IsChild() {
		storetest.InChild(t, keyringtest.UseFake(t, keyringtest.NeverPrompts).Env()...)
		return
	}
	var told atomic.Int32
	options := Options{Limit: 1300 * time.Millisecond, Waiting: func(name string) {
		if name != "keyring" {
			t.Errorf("told of %q, want %q", name, "keyring")
		}
		told.Add(1)
	}}
	s, err := Open("keyring", "", options)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Get(t.Context(), contractKeys()[0])
	if failed := isStoreError(t, "get", err); failed.What != "did not answer within 1.3s" {
		t.Errorf("got %+v", *failed)
	}
	if got := told.Load(); got != 1 {
		t.Errorf("told %d times, want once", got)
	}
}

// A secret that is set twice is one item. After the context is canceled, no item
// is set.
func TestKeyringItems(t *testing.T) {
	t.Parallel()
	if !storetest.IsChild() {
		f := keyringtest.UseFake(t, keyringtest.Works)
		storetest.InChild(t, f.Env()...)
		if f.Len() != 1 {
			t.Errorf("got %d items, want 1: the second in place of the first", f.Len())
		}
		return
	}
	s := mustOpen(t, "keyring", "")
	for range 2 {
		if err := s.Set(t.Context(), contractKeys()[0], storetest.NewSecret(40)); err != nil {
			t.Fatal(err)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Set(cancelled, contractKeys()[1], storetest.NewSecret(40)); err == nil {
		t.Error("cancelled: got no error")
	}
	time.Sleep(50 * time.Millisecond)
	if _, err := s.Get(t.Context(), contractKeys()[1]); !errors.Is(err, ErrNotFound) {
		t.Errorf("cancelled: got error %v, want ErrNotFound", err)
	}
}
