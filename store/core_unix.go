//go:build unix

package store

import "syscall"

// NoCore prevents the system from writing a core file if the program crashes,
// because the file would contain secrets. Programs that are started later have
// the same limit, unless allow is called first. They may raise it themselves.
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
