package term

import (
	"sync"
	"time"

	"golang.org/x/sys/windows"
)

// hide prints a prompt on the console, and makes the console pass on each key and
// show none. Ctrl-C is a key like others.
func (c *console) hide(prompt, end string) (*hidden, error) {
	handle := windows.Handle(c.in.Fd())
	var before uint32
	if err := windows.GetConsoleMode(handle, &before); err != nil {
		return nil, err
	}
	mode := before &^ (windows.ENABLE_ECHO_INPUT | windows.ENABLE_LINE_INPUT | windows.ENABLE_PROCESSED_INPUT)
	if err := windows.SetConsoleMode(handle, mode); err != nil {
		return nil, err
	}
	h := &hidden{console: *c, prompt: prompt, end: end}
	h.reset = sync.OnceFunc(func() {
		windows.FlushConsoleInputBuffer(handle)
		windows.SetConsoleMode(handle, before)
	})
	h.again()
	return h, nil
}

// interrupt does nothing: the question was cancelled, and that ends the program.
func interrupt() {}

// pending waits for the rest of a paste. A console cannot be read without waiting
// for a key, so the rest is not returned; it is dropped later.
func (c *console) pending() []byte {
	time.Sleep(100 * time.Millisecond)
	return nil
}
