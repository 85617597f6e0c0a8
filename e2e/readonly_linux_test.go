package e2e

import (
	"os"
	"runtime"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// [!] restrained PROGRAM ARG... is exec for a program that may not write where
// the mode bits say so, also if root runs the tests.
func cmdRestrained(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: [!] restrained PROGRAM ARG...")
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with this function
		if err := restrain(); err != nil {
			done <- err
			return
		}
		done <- ts.Exec(args[0], args[1:]...)
	}()
	switch err := <-done; {
	case err == nil && neg:
		ts.Fatalf("unexpected command success")
	case err != nil && !neg:
		ts.Fatalf("unexpected command failure: %v", err)
	}
}

// restrain has the mode bits hold for what the calling thread starts, also if
// root runs the tests. It cannot be taken back.
//
// Root may write anywhere because of capabilities. A thread that gives these up
// for what it will start, capabilities(7), starts a program without them: it is
// still root, so that all files are its own, and meets the mode bits like
// anybody.
func restrain() error {
	if os.Geteuid() != 0 {
		return nil
	}
	const (
		dropFromBoundingSet = 24 // PR_CAPBSET_DROP, prctl(2)
		overrideModes       = 1  // CAP_DAC_OVERRIDE
		overrideOwner       = 3  // CAP_FOWNER
	)
	for _, capability := range []uintptr{overrideModes, overrideOwner} {
		if _, _, errno := syscall.Syscall(syscall.SYS_PRCTL, dropFromBoundingSet, capability, 0); errno != 0 {
			return os.NewSyscallError("prctl", errno)
		}
	}
	return nil
}
