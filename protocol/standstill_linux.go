package protocol

import (
	"syscall"
	"time"
)

// Read asks the system whether there is something to read before it does. A
// timer of Go's would have the runtime set up what it watches files with, and
// a second goroutine another thread: that is a fiftieth of the helper's whole
// run.
func (w *within) Read(p []byte) (int, error) {
	fd := int(w.file.Fd())
	deadline := time.Now().Add(w.limit)
	for 0 <= fd && fd < 32 { // the first word of the set has 32 bits at least
		left := max(time.Until(deadline), 0)
		var set syscall.FdSet
		set.Bits[0] = 1 << fd
		timeout := syscall.NsecToTimeval(left.Nanoseconds())
		switch n, err := syscall.Select(fd+1, &set, nil, nil, &timeout); {
		case err == syscall.EINTR:
			continue
		case err == nil && n == 0:
			return 0, ErrStandstill
		}
		break
	}
	return w.file.Read(p)
}
