//go:build unix

package store

// shell returns the shell with which Git runs helpers.
func shell() string { return "/bin/sh" }

func rootDir() string { return "/" }
