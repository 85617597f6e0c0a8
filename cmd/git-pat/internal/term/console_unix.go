//go:build unix

package term

import (
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// hide prints a prompt on the console, and makes the console pass on each key and
// show none. Keys do not send signals either: Ctrl-Z would stop Git too, if that
// has started the program, and then the shell would show what is pasted.
func (c *console) hide(prompt, end string) (*hidden, error) {
	fd := int(c.in.Fd())
	before, err := unix.IoctlGetTermios(fd, getMode)
	if err != nil {
		return nil, err
	}
	mode := *before
	mode.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	mode.Iflag &^= unix.IXON
	mode.Cc[unix.VMIN], mode.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(fd, setMode, &mode); err != nil {
		return nil, err
	}
	h := &hidden{console: *c, prompt: prompt, end: end}
	restore := sync.OnceFunc(func() { unix.IoctlSetTermios(fd, setModeAndFlush, before) })
	stop := h.watch(restore, func() {
		unix.IoctlSetTermios(fd, setMode, &mode)
		h.again()
	})
	h.reset = func() {
		stop()
		restore()
	}
	h.again()
	return h, nil
}

// watch restores the terminal before a signal ends the program. Whoever stops the
// program otherwise may change the terminal: it is hidden again when the program
// continues.
func (h *hidden) watch(restore, resume func()) (stop func()) {
	signals := make(chan os.Signal, 1)
	done := make(chan struct{})
	signal.Ignore(syscall.SIGTSTP, syscall.SIGQUIT)
	signal.Notify(signals, syscall.SIGCONT)
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) { // as under nohup, where the question goes on
			signal.Notify(signals, s)
		}
	}
	go func() {
		for {
			select {
			case s := <-signals:
				if s == syscall.SIGCONT {
					resume()
					continue
				}
				restore()
				io.WriteString(h.out, h.end+"\n")
				signal.Reset()
				syscall.Kill(syscall.Getpid(), s.(syscall.Signal))
			case <-done:
				return
			}
		}
	}()
	return func() {
		close(done)
		signal.Reset(syscall.SIGTSTP, syscall.SIGQUIT, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGCONT)
	}
}

func open() (*console, error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, ErrNoTerminal
	}
	return &console{tty, tty}, nil
}

// interrupt does what Ctrl-C does where keys send signals: the signal goes to Git
// and the other programs of the command line too.
func interrupt() {
	syscall.Kill(0, syscall.SIGINT)
	time.Sleep(100 * time.Millisecond) // until it arrives
}

// pending returns what else was typed or pasted. It waits for a tenth of a second
// for more. The console is hidden.
func (c *console) pending() []byte {
	fd := int(c.in.Fd())
	mode, err := unix.IoctlGetTermios(fd, getMode)
	if err != nil {
		return nil
	}
	mode.Cc[unix.VMIN], mode.Cc[unix.VTIME] = 0, 1
	if err := unix.IoctlSetTermios(fd, setMode, mode); err != nil {
		return nil
	}
	var all []byte
	buffer := make([]byte, 4096)
	for limit := time.Now().Add(5 * time.Second); time.Now().Before(limit); {
		n, err := c.in.Read(buffer)
		if n == 0 || err != nil {
			break
		}
		all = append(all, buffer[:n]...)
	}
	return all
}
