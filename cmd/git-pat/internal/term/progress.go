package term

import (
	"fmt"
	"sync"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// status is the line on the terminal that says what the program does at the
// moment. A message or the next status replaces it.
type status struct {
	mu    sync.Mutex
	shown bool
}

const clearLine = "\r\x1b[K"

// setStatus shows a status, or removes the one that is shown if text is empty.
func (t *Terminal) setStatus(text string) {
	if !t.Links {
		return
	}
	t.status.mu.Lock()
	defer t.status.mu.Unlock()
	t.clearStatus()
	if text != "" {
		fmt.Fprint(t.Err, clearLine+credential.Visible(text))
		t.status.shown = true
	}
}

// clearStatus removes the status. The caller holds the lock.
func (t *Terminal) clearStatus() {
	if t.status.shown {
		fmt.Fprint(t.Err, clearLine)
		t.status.shown = false
	}
}

// waitingAfter is the time after which a person wants to know what takes so long.
const waitingAfter = 500 * time.Millisecond

// Waiting shows on a terminal what the program waits for, as in "asking
// github.com", if that takes long. The caller calls done at the end of the wait.
func (t *Terminal) Waiting(what string) (done func()) {
	var mu sync.Mutex
	ended := false
	timer := time.AfterFunc(waitingAfter, func() {
		mu.Lock()
		defer mu.Unlock()
		if !ended {
			t.setStatus(what + " ...")
		}
	})
	return func() {
		timer.Stop()
		mu.Lock()
		defer mu.Unlock()
		ended = true
		t.setStatus("")
	}
}

// Progress shows on a terminal how many of several steps are done.
func (t *Terminal) Progress(what string, of int) *Bar {
	b := &Bar{terminal: t, what: what, of: of}
	b.show()
	return b
}

// A Bar shows progress.
type Bar struct {
	terminal *Terminal
	what     string
	of       int
	mu       sync.Mutex
	count    int
}

func (b *Bar) show() { b.terminal.setStatus(fmt.Sprintf("%s: %d of %d", b.what, b.count, b.of)) }

// Step counts a step that is done.
func (b *Bar) Step() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count++
	b.show()
}

// End removes the bar.
func (b *Bar) End() { b.terminal.setStatus("") }
