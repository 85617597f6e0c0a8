package storetest

import (
	"io/fs"
	"os"
	"runtime"
	"syscall"
	"testing"
	"unsafe"
)

// Unprivileged calls f without the capabilities by which root ignores the
// permissions of files. Other goroutines keep the capabilities.
func Unprivileged(t *testing.T, f func()) {
	t.Helper()
	// From linux/capability.h; capabilities are a thread's.
	type header struct {
		version uint32
		pid     int32
	}
	type data struct{ sets [3]uint32 } // effective, permitted, inheritable
	const (
		version3 = 0x20080522
		override = 1<<1 | 1<<2 | 1<<3 // CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER
	)
	h := &header{version: version3}
	var now [2]data
	call := func(number uintptr, d *[2]data) {
		t.Helper()
		if _, _, errno := syscall.RawSyscall(number, uintptr(unsafe.Pointer(h)), uintptr(unsafe.Pointer(d)), 0); errno != 0 {
			t.Fatal(errno)
		}
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	call(syscall.SYS_CAPGET, &now)
	less := now
	less[0].sets[0] &^= override
	call(syscall.SYS_CAPSET, &less)
	defer call(syscall.SYS_CAPSET, &now)
	f()
}

// Frozen changes the mode of folders or files until the test ends.
func Frozen(t *testing.T, mode fs.FileMode, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, dir := range dirs {
			os.Chmod(dir, 0o700)
		}
	})
}
