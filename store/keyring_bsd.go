//go:build unix && !darwin && !linux

package store

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"github.com/godbus/dbus/v5"
)

// keyringAbsent returns a *Trouble where there is no session bus. Asked all
// the same, godbus would start one with dbus-launch, for each process.
func keyringAbsent() error {
	if address := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && address != "autolaunch:" {
		return nil
	}
	if _, err := os.Stat(filepath.Join("/run/user", strconv.Itoa(os.Getuid()), "bus")); err == nil {
		return nil
	}
	return &Trouble{Store: "keyring", What: "is not there: no D-Bus session bus", Advice: adviceOther, Absent: true}
}

// absent reports whether an error means that nobody is at the other end: the
// bus is gone, or it knows no program that would be the Secret Service.
func absent(err error) bool {
	var fault dbus.Error
	if errors.As(err, &fault) {
		return fault.Name == "org.freedesktop.DBus.Error.ServiceUnknown"
	}
	var dial *net.OpError
	return errors.As(err, &dial) && dial.Op == "dial"
}
