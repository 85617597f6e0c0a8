package main

import (
	"os"
	"runtime"
)

// interactive reports whether a person could unlock a keyring now: there is a
// desktop, where the keyring opens a window, or a terminal that shows messages.
func interactive() bool {
	desktop := runtime.GOOS == "windows" || runtime.GOOS == "darwin" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
	switch {
	case os.Getenv("GIT_TERMINAL_PROMPT") == "0":
		return false
	case desktop:
		return true
	case !seen():
		return false
	}
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	tty.Close()
	return true
}

// seen reports whether a person sees the messages: they are shown on a terminal.
func seen() bool { return isTerminal(os.Stderr) }

// isTerminal reports whether a file is a character device, but not the null
// device. Only another dependency could tell a terminal exactly.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
