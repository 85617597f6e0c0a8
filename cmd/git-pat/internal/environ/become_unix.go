//go:build !windows

package environ

import "syscall"

// Become replaces this process by a program. The program gets every signal, has the
// terminal, and ends with its own exit status, and no process that knows a token
// waits for it.
func Become(path string, args, variables []string) error { return syscall.Exec(path, args, variables) }
