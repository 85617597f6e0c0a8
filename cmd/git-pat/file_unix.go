//go:build !windows

package main

import "syscall"

// nonBlocking has a pipe opened without waiting for its other end.
const nonBlocking = syscall.O_NONBLOCK
