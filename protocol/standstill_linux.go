package protocol

import (
	"io"
	"os"
	"syscall"
	"time"
)

// Read asks the system whether there is something to read before it does. A
// timer of Go's would have the runtime set up what it watches files with, and
// a second goroutine another thread: that is a fiftieth of the helper's whole
// run.
func (w *within) Read(p []byte) (int, error) {
	fd := int(w.file.Fd())
	if fd < 0 || 32 <= fd { // the first word of the set has 32 bits at least
		return w.file.Read(p)
	}
	deadline := time.Now().Add(w.limit)
	for {
		left := max(time.Until(deadline), 0)
		var set syscall.FdSet
		set.Bits[0] = 1 << fd
		timeout := syscall.NsecToTimeval(left.Nanoseconds())
		n, err := syscall.Select(fd+1, &set, nil, nil, &timeout)
		if err == nil && n == 0 {
			return 0, ErrStandstill
		}
		if err == nil {
			n, err = syscall.Read(fd, p)
		}
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return 0, &os.PathError{Op: "read", Path: w.file.Name(), Err: err}
		case n == 0 && len(p) > 0:
			return 0, io.EOF
		}
		return n, nil
	}
}
