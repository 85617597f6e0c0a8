//go:build !linux

package protocol

import "time"

// Read reads in a goroutine, which stays behind if nothing comes.
func (w *within) Read(p []byte) (int, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1) // room for one, for nobody may be waiting any more
	go func() {
		data := make([]byte, len(p)) // p is the caller's again when the time is over
		n, err := w.file.Read(data)
		done <- result{data[:n], err}
	}()
	alarm := time.NewTimer(w.limit)
	defer alarm.Stop()
	select {
	case <-alarm.C:
		return 0, ErrStandstill
	case r := <-done:
		return copy(p, r.data), r.err
	}
}
