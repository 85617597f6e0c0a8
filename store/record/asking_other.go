//go:build !linux

package record

// asking is empty: which process asks is known on Linux only.
func asking() string { return "" }
