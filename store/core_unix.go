//go:build unix

package store

import "syscall"

// NoCore has the system write no core file when the program crashes: every
// secret that it has at that time would be in it. Programs that it starts have
// the same limit, and may raise it.
func NoCore() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_CORE, &limit) == nil {
		limit.Cur = 0
		syscall.Setrlimit(syscall.RLIMIT_CORE, &limit)
	}
}
