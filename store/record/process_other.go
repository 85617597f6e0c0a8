//go:build !linux

package record

// remoteProcess returns "": only on Linux can the process be identified.
func remoteProcess() string { return "" }
