//go:build unix

package store

import "syscall"

// NoCore has the system write no core file when the program crashes: every
// secret that it has at that time would be in it. Programs that it starts have
// the same limit, unless allow is called before, and may raise it.
func NoCore() (allow func()) {
	var before syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_CORE, &before) != nil {
		return func() {}
	}
	none := before
	none.Cur = 0
	syscall.Setrlimit(syscall.RLIMIT_CORE, &none)
	return func() { syscall.Setrlimit(syscall.RLIMIT_CORE, &before) }
}
