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

	// noPrompt is what a call returns that has nothing to ask.
	noPrompt dbus.ObjectPath = "/"
)

// keyringSocket is the longest name of a socket that gnome-keyring-daemon makes
// in the folder of its bus.
const keyringSocket = "keyring/control"

// A GnomeKeyring is a gnome-keyring-daemon, alone on a bus of its own, with one
// lasting collection named login.
type GnomeKeyring struct {
	bus    *Bus
	daemon *process
	conn   *dbus.Conn
}

// StartGnomeKeyring starts a keyring that is empty and unlocked. Its files are
// inside dir as those of [StartBus] are, and last until Close. If
// gnome-keyring-daemon or dbus-daemon is not installed the error wraps
// [exec.ErrNotFound].
func StartGnomeKeyring(dir string) (*GnomeKeyring, error) {
	// Given a password with --unlock, the daemon makes the collection.
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

// launchGnomeKeyring starts a daemon and waits until it answers.
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

// waitFor asks until ready says so. It gives up when the daemon has ended.
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

// locked fails while the collection does not exist.
func (g *GnomeKeyring) locked() (locked bool, err error) {
	err = g.conn.Object(busName, loginCollection).StoreProperty(collectionInterface+".Locked", &locked)
	return locked, err
}

// Env returns the variables that lead a program to the keyring, see [Bus.Env].
func (g *GnomeKeyring) Env() []string { return g.bus.Env() }

// Lock locks the collection and all items in it. Nothing unlocks it again: the
// keyring has no display to ask for its password on, and takes a wish to unlock
// for dismissed by the person.
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

// Close ends the keyring and its bus and removes what was stored. It may be
// called more than once.
func (g *GnomeKeyring) Close() {
	if g.conn != nil {
		// Whatever state it is in, its bus ends as well.
		_ = g.conn.Close()
	}
	if g.daemon != nil {
		g.daemon.kill()
	}
	g.bus.Close()
}
