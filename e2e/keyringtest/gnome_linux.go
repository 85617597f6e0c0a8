package keyringtest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// A GnomeKeyring is a gnome-keyring-daemon on its own bus, with one permanent
// collection named login. Its password is "password".
type GnomeKeyring struct {
	*Bus
	daemon *process
	conn   *dbus.Conn
}

// StartGnomeKeyring starts an empty, unlocked keyring. If gnome-keyring-daemon
// or dbus-daemon is not installed, the error wraps [exec.ErrNotFound].
func StartGnomeKeyring() (*GnomeKeyring, error) {
	bus, err := startBus()
	if err != nil {
		return nil, err
	}
	g := &GnomeKeyring{Bus: bus}
	if err := g.start(); err != nil {
		g.Close()
		return nil, fmt.Errorf("gnome-keyring-daemon: %w", err)
	}
	return g, nil
}

func (g *GnomeKeyring) start() error {
	// With --unlock and a password, the daemon creates the collection.
	cmd := exec.Command("gnome-keyring-daemon", "--foreground", "--unlock",
		"--components=secrets", "--control-directory="+filepath.Join(g.folder, "keyring"))
	cmd.Stdin = strings.NewReader("password")
	var err error
	if g.daemon, err = startProcess(cmd, append(g.Env(), "HOME="+g.folder, "XDG_RUNTIME_DIR="+g.folder)); err != nil {
		return err
	}
	if g.conn, err = dbus.Connect(g.address); err != nil {
		return err
	}
	// The daemon is ready when the collection is unlocked.
	limit := time.After(startLimit)
	for {
		var locked bool
		err := g.conn.Object(busName, loginCollection).StoreProperty(collectionInterface+".Locked", &locked)
		if err == nil && !locked {
			return nil
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-g.daemon.done:
			return fmt.Errorf("it ended: %s", g.daemon.kill())
		case <-limit:
			return fmt.Errorf("not unlocked after %v: %s", startLimit, g.daemon.kill())
		}
	}
}

// Lock locks the collection and its items. Without a display the keyring cannot
// ask for a password, and treats every prompt as dismissed.
func (g *GnomeKeyring) Lock() error {
	var locked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	err := g.conn.Object(busName, servicePath).
		Call(serviceInterface+".Lock", 0, []dbus.ObjectPath{loginCollection}).
		Store(&locked, &prompt)
	if err == nil && !slices.Contains(locked, loginCollection) {
		err = fmt.Errorf("gnome-keyring-daemon: did not lock the collection")
	}
	return err
}

// Close ends the keyring and its bus and removes all files. It may be called
// more than once.
func (g *GnomeKeyring) Close() {
	if g.conn != nil {
		g.conn.Close()
	}
	if g.daemon != nil {
		g.daemon.kill()
	}
	g.Bus.Close()
}
