package e2e

import (
	"errors"
	"os/exec"
	"strings"

	"github.com/godbus/dbus/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/git-credential-pat/git-credential-pat/e2e/keyringtest"
)

// keyring real starts a gnome-keyring, which is empty and unlocked, and keyring
// BEHAVIOUR a keyring that misbehaves as keyringtest says; programs see it from
// then on, and none that was before. keyring lock and keyring unlock do that to
// the real one. keyring back returns to the real one from another. keyring keep
// TOKEN SERVICE [USER] has the real one keep a token as another program would.
func cmdKeyring(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 || (len(args) > 1) != (args[0] == "keep") {
		ts.Fatalf("usage: keyring real|lock|unlock|back|keep TOKEN SERVICE [USER]|BEHAVIOUR")
	}
	w := worldOf(ts)
	gnome, _ := w.keyring.(*keyringtest.GnomeKeyring)
	if gnome == nil && (args[0] == "lock" || args[0] == "unlock" || args[0] == "back" || args[0] == "keep") {
		ts.Fatalf("no real keyring was started")
	}
	var variables []string
	switch args[0] {
	case "real":
		gnome, err := keyringtest.StartGnomeKeyring()
		ts.Check(err)
		ts.Defer(gnome.Close)
		w.keyring = gnome
		variables = gnome.Env()
	case "lock":
		ts.Check(gnome.Lock())
	case "unlock":
		ts.Check(unlock(ts.Getenv("DBUS_SESSION_BUS_ADDRESS")))
	case "keep":
		ts.Check(keep(ts.Getenv("DBUS_SESSION_BUS_ADDRESS"), w.secrets[args[1]], args[2], strings.Join(args[3:], "")))
	case "back":
		variables = gnome.Env()
	default:
		fake, err := keyringtest.StartFake(keyringtest.Behaviour(args[0]))
		ts.Check(err)
		ts.Defer(fake.Close)
		variables = fake.Env()
	}
	setenv(ts, variables)
}

const (
	secretsName    = "org.freedesktop.secrets"
	secretsService = dbus.ObjectPath("/org/freedesktop/secrets")
	secretsLogin   = secretsService + "/collection/login"
)

// A keyringSecret is a secret of the Secret Service API, 14.
type keyringSecret struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

// withSecret calls f with a keyring and a secret to hand to it.
func withSecret(address, text string, f func(*dbus.Conn, keyringSecret) error) error {
	conn, err := dbus.Connect(address)
	if err != nil {
		return err
	}
	defer conn.Close()
	var ignored dbus.Variant
	var session dbus.ObjectPath
	err = conn.Object(secretsName, secretsService).
		Call("org.freedesktop.Secret.Service.OpenSession", 0, "plain", dbus.MakeVariant("")).
		Store(&ignored, &session)
	if err != nil {
		return err
	}
	return f(conn, keyringSecret{session, []byte{}, []byte(text), "text/plain"})
}

// unlock gives a gnome-keyring the password that keyringtest made it with, as
// the system does when a person logs in.
func unlock(address string) error {
	return withSecret(address, "password", func(conn *dbus.Conn, secret keyringSecret) error {
		return conn.Object(secretsName, secretsService).Call(
			"org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface.UnlockWithMasterPassword", 0, secretsLogin, secret,
		).Err
	})
}

// keep puts an item into a keyring with the attributes that go-keyring gives.
func keep(address, text, service, user string) error {
	return withSecret(address, text, func(conn *dbus.Conn, secret keyringSecret) error {
		const item = "org.freedesktop.Secret.Item."
		return conn.Object(secretsName, secretsLogin).Call("org.freedesktop.Secret.Collection.CreateItem", 0, map[string]dbus.Variant{
			item + "Label":      dbus.MakeVariant("a token"),
			item + "Attributes": dbus.MakeVariant(map[string]string{"service": service, "username": user}),
		}, secret, true).Err
	})
}

// [!] alone PROGRAM ARG... is exec for a program whose exit status is 0, or with !
// just 1. It has no terminal to wait for a person at, which would take a minute.
func cmdAlone(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: [!] alone PROGRAM ARG...")
	}
	err := ts.Exec("setsid", append([]string{"--wait"}, args...)...)
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
	if status != want {
		ts.Fatalf("got exit status %d, want %d", status, want)
	}
}
