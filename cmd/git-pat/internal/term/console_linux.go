package term

import "golang.org/x/sys/unix"

// Calls of termios(3).
const (
	getMode         = unix.TCGETS
	setMode         = unix.TCSETS
	setModeAndFlush = unix.TCSETSF
)
