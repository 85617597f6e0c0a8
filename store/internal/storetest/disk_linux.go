package storetest

import (
	"io/fs"
	"os"
	"runtime"
	"syscall"
	"testing"
	"unsafe"
)

// Unprivileged calls f as somebody whom the modes of files hold back, which
// root is not. What f starts in other goroutines is not held back.
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

// Frozen makes folders that cannot be changed, until the test ends.
func Frozen(t *testing.T, mode fs.FileMode, dirs ...string) (thaw func()) {
	t.Helper()
	for _, dir := range dirs {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
	}
	thaw = func() {
		for _, dir := range dirs {
			os.Chmod(dir, 0o700)
		}
	}
	t.Cleanup(thaw)
	return thaw
}

// InNamespace runs the test that calls it in a child with mounts of its own.
func InNamespace(t *testing.T) {
	t.Helper()
	cmd := ChildOf(t)
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	probe := ChildOf(t)
	probe.SysProcAttr = cmd.SysProcAttr
	probe.Args = []string{probe.Args[0], "-test.run=^$"}
	if err := probe.Run(); err != nil {
		t.Skipf("no mounts of our own: %v", err)
	}
	Finish(t, cmd)
}

// Small mounts a file system with room for little and returns its folder.
func Small(t *testing.T) (dir string, remount func(flags uintptr)) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("small", dir, "tmpfs", 0, "size=64k,mode=700"); err != nil {
		t.Skipf("no mounts of our own: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir, func(flags uintptr) {
		t.Helper()
		if err := syscall.Mount("small", dir, "tmpfs", syscall.MS_REMOUNT|flags, "size=64k,mode=700"); err != nil {
			t.Fatal(err)
		}
	}
}
