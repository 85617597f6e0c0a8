//go:build unix

package term

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

// guardEcho sees to it that a terminal shows again what is typed if the
// program is interrupted while it reads a secret (https://go.dev/issue/31180).
// It cannot be suspended meanwhile, nor be made to quit, by which Go shows what
// each goroutine is at. The function returned ends that.
func guardEcho(fd int) (restore func()) {
	state, err := term.GetState(fd)
	if err != nil {
		return func() {}
	}
	signals := make(chan os.Signal, 1)
	done := make(chan struct{})
	signal.Ignore(syscall.SIGTSTP, syscall.SIGQUIT)
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) { // as under nohup, where the question goes on
			signal.Notify(signals, s)
		}
	}
	go func() {
		select {
		case s := <-signals:
			term.Restore(fd, state)
			os.Stderr.WriteString("\n")
			signal.Reset()
			syscall.Kill(syscall.Getpid(), s.(syscall.Signal))
		case <-done:
		}
	}()
	return func() {
		close(done)
		signal.Reset(syscall.SIGTSTP, syscall.SIGQUIT, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
		term.Restore(fd, state)
	}
}
