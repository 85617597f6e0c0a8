package keyringtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// Names of the Secret Service API 0.2,
// https://specifications.freedesktop.org/secret-service-spec/0.2/
const (
	busName = "org.freedesktop.secrets"

	serviceInterface    = "org.freedesktop.Secret.Service"
	collectionInterface = "org.freedesktop.Secret.Collection"
	itemInterface       = "org.freedesktop.Secret.Item"
	sessionInterface    = "org.freedesktop.Secret.Session"
	promptInterface     = "org.freedesktop.Secret.Prompt"

	servicePath     dbus.ObjectPath = "/org/freedesktop/secrets"
	loginCollection dbus.ObjectPath = servicePath + "/collection/login"
	defaultAlias    dbus.ObjectPath = servicePath + "/aliases/default"

	// noPrompt is the prompt in a reply if no prompt is needed.
	noPrompt dbus.ObjectPath = "/"
)

// keyringSocket is the longest name of a socket that gnome-keyring-daemon
// creates in the folder of its bus.
const keyringSocket = "keyring/control"

// A GnomeKeyring is a gnome-keyring-daemon on its own bus, with one permanent
// collection named login.
type GnomeKeyring struct {
	bus    *Bus
	daemon *process
	conn   *dbus.Conn
}

// StartGnomeKeyring starts an empty, unlocked keyring. Its files are inside
// dir, see [StartBus], and Close removes them. If gnome-keyring-daemon or
// dbus-daemon is not installed, the error wraps [exec.ErrNotFound].
func StartGnomeKeyring(dir string) (*GnomeKeyring, error) {
	// With --unlock and a password, the daemon creates the collection.
	g, err := launchGnomeKeyring(dir, "--unlock")
	if err != nil {
		return nil, err
	}
	if err := g.waitFor("an unlocked collection", func() bool {
		locked, err := g.locked()
		return err == nil && !locked
	}); err != nil {
		g.Close()
		return nil, err
	}
	return g, nil
}

// launchGnomeKeyring starts a daemon and waits until it replies.
func launchGnomeKeyring(dir string, args ...string) (*GnomeKeyring, error) {
	bus, err := StartBus(dir)
	if err != nil {
		return nil, err
	}
	g := &GnomeKeyring{bus: bus}
	if err := g.start(args); err != nil {
		g.Close()
		return nil, fmt.Errorf("gnome-keyring-daemon: %w", err)
	}
	if err := g.waitFor("an answer", func() bool {
		_, err := g.collections()
		return err == nil
	}); err != nil {
		g.Close()
		return nil, err
	}
	return g, nil
}

func (g *GnomeKeyring) start(args []string) error {
	home := filepath.Join(g.bus.folder, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return err
	}
	cmd := exec.Command("gnome-keyring-daemon", append([]string{
		"--foreground",
		"--components=secrets",
		"--control-directory=" + filepath.Join(g.bus.folder, filepath.Dir(keyringSocket)),
	}, args...)...)
	cmd.Env = childEnv(append(g.bus.Env(),
		"HOME="+home,
		"XDG_DATA_HOME="+filepath.Join(home, "data"),
		"XDG_RUNTIME_DIR="+g.bus.folder,
	)...)
	cmd.Stdin = strings.NewReader("password")
	var err error
	if g.daemon, err = startProcess(cmd); err != nil {
		return err
	}
	g.conn, err = dbus.Connect(g.bus.Address)
	return err
}

// waitFor waits until ready returns true. It returns an error if the daemon
// ends or takes too long.
func (g *GnomeKeyring) waitFor(what string, ready func() bool) error {
	limit := time.After(startLimit)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ready() {
		select {
		case <-tick.C:
		case <-g.daemon.done:
			return fmt.Errorf("gnome-keyring-daemon: ended before %s: %s", what, g.daemon.kill())
		case <-limit:
			return fmt.Errorf("gnome-keyring-daemon: not %s after %v: %s", what, startLimit, g.daemon.kill())
		}
	}
	return nil
}

func (g *GnomeKeyring) collections() (paths []dbus.ObjectPath, err error) {
	err = g.conn.Object(busName, servicePath).StoreProperty(serviceInterface+".Collections", &paths)
	return paths, err
}

// locked reports whether the collection is locked. It returns an error if the
// collection does not exist.
func (g *GnomeKeyring) locked() (locked bool, err error) {
	err = g.conn.Object(busName, loginCollection).StoreProperty(collectionInterface+".Locked", &locked)
	return locked, err
}

// Env returns the environment variables with which a program uses the keyring,
// see [Bus.Env].
func (g *GnomeKeyring) Env() []string { return g.bus.Env() }

// Lock locks the collection and its items. It cannot be unlocked again: without
// a display the keyring cannot ask for a password, and treats every prompt as
// dismissed.
func (g *GnomeKeyring) Lock() error {
	var locked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	err := g.conn.Object(busName, servicePath).
		Call(serviceInterface+".Lock", 0, []dbus.ObjectPath{loginCollection}).
		Store(&locked, &prompt)
	if err != nil {
		return err
	}
	if !slices.Contains(locked, loginCollection) {
		return errors.New("gnome-keyring-daemon: did not lock the collection")
	}
	return nil
}

// Close ends the keyring and its bus and removes all files. It may be called
// more than once.
func (g *GnomeKeyring) Close() {
	if g.conn != nil {
		// An error does not matter: the bus ends next.
		_ = g.conn.Close()
	}
	if g.daemon != nil {
		g.daemon.kill()
	}
	g.bus.Close()
}
