package keyringtest

import (
	"errors"
	"os/exec"
	"testing"
)

// UseBus starts a bus and closes it at the end of the test. It skips the test
// if dbus-daemon is not installed.
func UseBus(t testing.TB) *Bus {
	t.Helper()
	return use(t, startBus)
}

// UseFake is like UseBus, for a fake.
func UseFake(t testing.TB, behaviour Behaviour) *Fake {
	t.Helper()
	return use(t, func() (*Fake, error) { return StartFake(behaviour) })
}

// UseGnomeKeyring is like UseBus, for a gnome-keyring. It also skips the test
// if gnome-keyring-daemon is not installed.
func UseGnomeKeyring(t testing.TB) *GnomeKeyring {
	t.Helper()
	return use(t, StartGnomeKeyring)
}

func use[S interface{ Close() }](t testing.TB, start func() (S, error)) S {
	t.Helper()
	s, err := start()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}
