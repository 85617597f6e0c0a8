package term

import (
	"os"
	"os/signal"

	"golang.org/x/term"
)

// guardEcho sees to it that a console shows again what is typed if the program
// is interrupted while it reads a secret (https://go.dev/issue/31180). The
// function returned ends that.
func guardEcho(fd int) (restore func()) {
	state, err := term.GetState(fd)
	if err != nil {
		return func() {}
	}
	signals := make(chan os.Signal, 1)
	done := make(chan struct{})
	signal.Notify(signals, os.Interrupt)
	go func() {
		select {
		case <-signals:
			term.Restore(fd, state)
			os.Exit(1)
		case <-done:
		}
	}()
	return func() {
		close(done)
		signal.Stop(signals)
		term.Restore(fd, state)
	}
}
