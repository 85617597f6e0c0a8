//go:build unix && !darwin

package store

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"github.com/godbus/dbus/v5"
)

// keyringAbsent returns a *Error if there is no session bus. Without this check,
// godbus would start a bus with dbus-launch for each process.
func keyringAbsent() error {
	if address := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && address != "autolaunch:" {
		return nil
	}
	// The default places where godbus looks for a bus.
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join("/run/user", strconv.Itoa(os.Getuid()), name)); err == nil {
			return nil
		}
	}
	return &Error{Store: "keyring", What: "is not available: there is no D-Bus session bus", Advice: adviceOther, Absent: true}
}

// absent reports whether an error means that there is no keyring: the bus does
// not exist, or no program on it provides the Secret Service.
func absent(err error) bool {
	var fault dbus.Error
	if errors.As(err, &fault) {
		return fault.Name == "org.freedesktop.DBus.Error.ServiceUnknown"
	}
	var dial *net.OpError
	return errors.As(err, &dial) && dial.Op == "dial"
}

// hungUp reports whether an error means that the bus ended during a call.
func hungUp(err error) bool {
	var op *net.OpError
	return errors.Is(err, dbus.ErrClosed) || errors.Is(err, io.EOF) || errors.As(err, &op) && op.Op != "dial"
}
