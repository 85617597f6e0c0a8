//go:build unix

package store

// shell is the one that Git itself runs helpers with.
func shell() string { return "/bin/sh" }

func rootDir() string { return "/" }
