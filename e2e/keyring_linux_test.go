package e2e

import (
	"errors"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/git-credential-pat/git-credential-pat/e2e/keyringtest"
)

// keyring real starts a gnome-keyring, which is empty and unlocked, and keyring
// BEHAVIOUR a keyring that misbehaves as keyringtest says; programs see it from
// then on, and none that was before. keyring lock and keyring unlock do that to
// the real one. keyring back returns to the real one from another.
func cmdKeyring(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: keyring real|lock|unlock|back|BEHAVIOUR")
	}
	w := worldOf(ts)
	gnome, _ := w.keyring.(*keyringtest.GnomeKeyring)
	if gnome == nil && (args[0] == "lock" || args[0] == "unlock" || args[0] == "back") {
		ts.Fatalf("no real keyring was started")
	}
	var variables []string
	dir := ts.MkAbs(filepath.Join(ts.Getenv("WORK"), "keyrings"))
	switch args[0] {
	case "real":
		gnome, err := keyringtest.StartGnomeKeyring(dir)
		ts.Check(err)
		ts.Defer(gnome.Close)
		w.keyring = gnome
		variables = gnome.Env()
	case "lock":
		ts.Check(gnome.Lock())
	case "unlock":
		ts.Check(unlock(ts.Getenv("DBUS_SESSION_BUS_ADDRESS")))
	case "back":
		variables = gnome.Env()
	default:
		fake, err := keyringtest.StartFake(dir, keyringtest.Behaviour(args[0]))
		ts.Check(err)
		ts.Defer(fake.Close)
		variables = fake.Env()
	}
	setenv(ts, variables)
}

// unlock gives a gnome-keyring the password that keyringtest made it with, as
// the system does when a person logs in.
func unlock(address string) error {
	conn, err := dbus.Connect(address)
	if err != nil {
		return err
	}
	defer conn.Close()
	const name = "org.freedesktop.secrets"
	const service = dbus.ObjectPath("/org/freedesktop/secrets")
	var ignored dbus.Variant
	var session dbus.ObjectPath
	err = conn.Object(name, service).
		Call("org.freedesktop.Secret.Service.OpenSession", 0, "plain", dbus.MakeVariant("")).
		Store(&ignored, &session)
	if err != nil {
		return err
	}
	type secret struct { // of the Secret Service API, 14.
		Session     dbus.ObjectPath
		Parameters  []byte
		Value       []byte
		ContentType string
	}
	return conn.Object(name, service).Call(
		"org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface.UnlockWithMasterPassword", 0,
		service+"/collection/login", secret{session, []byte{}, []byte("password"), "text/plain"},
	).Err
}

// [!] within DURATION PROGRAM ARG... is exec for a program that may take so
// long and no longer, and whose exit status is 0, or with ! just 1. It has no
// terminal to wait for a person at.
func cmdWithin(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: [!] within DURATION PROGRAM ARG...")
	}
	limit, err := time.ParseDuration(args[0])
	ts.Check(err)
	start := time.Now()
	err = ts.Exec("setsid", append([]string{"--wait"}, args[1:]...)...)
	took := time.Since(start)
	status, want := 0, 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if neg {
		want = 1
	}
	switch {
	case status != want:
		ts.Fatalf("got exit status %d, want %d", status, want)
	case took > limit:
		ts.Fatalf("it took %v, more than %v", took, limit)
	}
}
