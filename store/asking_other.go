//go:build !linux

package store

// asking is empty: which process asks is known on Linux only.
func asking() string { return "" }
