package main

import (
	"os"
	"runtime"
)

// interactive reports whether a person could unlock a keyring now: there is a
// terminal, and messages are shown on it.
func interactive() bool {
	if os.Getenv("GIT_TERMINAL_PROMPT") == "0" || !isTerminal(os.Stderr) {
		return false
	}
	device := "/dev/tty"
	if runtime.GOOS == "windows" {
		device = "CONIN$"
	}
	tty, err := os.Open(device)
	if err != nil {
		return false
	}
	tty.Close()
	return true
}

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
