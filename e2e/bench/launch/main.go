//go:build linux

// Launch runs a program to its end and writes down how many nanoseconds that
// took and how many KiB of memory its largest process had, on descriptor 3.
//
//	launch PROGRAM ARG...
//
// It is apart from the benchmark because Linux counts the memory of the
// process that starts another one as that one's too, until it has loaded its
// own program, and the benchmark is large.
package main

import (
	"os"
	"strconv"
	"syscall"
	"time"
)

const results = 3 // the descriptor

func main() {
	if len(os.Args) < 2 {
		fail("usage: launch PROGRAM ARG...")
	}
	syscall.CloseOnExec(results)
	attr := &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}}
	start := time.Now()
	pid, err := syscall.ForkExec(os.Args[1], os.Args[1:], attr)
	if err != nil {
		fail(os.Args[1] + ": " + err.Error())
	}
	var status syscall.WaitStatus
	var usage syscall.Rusage
	for {
		if _, err = syscall.Wait4(pid, &status, 0, &usage); err != syscall.EINTR {
			break
		}
	}
	took := time.Since(start)
	if err != nil {
		fail("wait4: " + err.Error())
	}
	line := strconv.FormatInt(took.Nanoseconds(), 10) + " " + strconv.FormatInt(int64(usage.Maxrss), 10) + "\n"
	if _, err := syscall.Write(results, []byte(line)); err != nil {
		fail("descriptor 3: " + err.Error())
	}
	if status.Signaled() {
		fail(os.Args[1] + ": " + status.Signal().String())
	}
	os.Exit(status.ExitStatus())
}

func fail(text string) {
	os.Stderr.WriteString("launch: " + text + "\n")
	os.Exit(127)
}
