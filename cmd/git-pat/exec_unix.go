//go:build !windows

package main

import "syscall"

// become puts a program in the place of this one. So it gets every signal, has
// the terminal, and ends with its own exit status, and no process that knows a
// token waits beside it.
func become(path string, args, environ []string) error { return syscall.Exec(path, args, environ) }
