package keyringtest

import (
	"errors"
	"os/exec"
	"testing"
)

// UseBus starts a bus for as long as a test runs. The test is skipped if
// dbus-daemon is not installed.
func UseBus(t testing.TB) *Bus {
	t.Helper()
	return use(t, StartBus)
}

// UseFake is UseBus for a fake.
func UseFake(t testing.TB, behaviour Behaviour) *Fake {
	t.Helper()
	return use(t, func(dir string) (*Fake, error) { return StartFake(dir, behaviour) })
}

// UseGnomeKeyring is UseBus for a gnome-keyring, which has to be installed too.
func UseGnomeKeyring(t testing.TB) *GnomeKeyring {
	t.Helper()
	return use(t, StartGnomeKeyring)
}

func use[S interface{ Close() }](t testing.TB, start func(dir string) (S, error)) S {
	t.Helper()
	s, err := start(t.TempDir())
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}
