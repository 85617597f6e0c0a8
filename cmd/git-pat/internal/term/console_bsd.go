//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package term

import "golang.org/x/sys/unix"

// Calls of termios(3).
const (
	getMode         = unix.TIOCGETA
	setMode         = unix.TIOCSETA
	setModeAndFlush = unix.TIOCSETAF
)
