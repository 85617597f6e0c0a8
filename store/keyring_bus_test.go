//go:build unix && !darwin

package store

import (
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"
)

// A bus that ends causes different errors, depending on the current operation.
func TestKeyringHungUp(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		dbus.ErrClosed,
		io.EOF,
		&net.OpError{Op: "read", Net: "unix", Err: os.NewSyscallError("read", syscall.ECONNRESET)},
		&net.OpError{Op: "write", Net: "unix", Err: os.NewSyscallError("write", syscall.EPIPE)},
	} {
		got := isStoreError(t, err.Error(), keyringError(fmt.Errorf("a: %w", err)))
		if got.What != "closed the connection" || got.Absent {
			t.Errorf("%v: got %+v", err, *got)
		}
	}
	dial := &net.OpError{Op: "dial", Net: "unix", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	if got := isStoreError(t, "dial", keyringError(dial)); !got.Absent {
		t.Errorf("dial: got %+v", *got)
	}
}
