//go:build unix

package store

import "context"

// shell returns the shell with which Git runs helpers, and the folder that PATH
// lacks for its programs, if any.
func shell(context.Context) (path, folder string) { return "/bin/sh", "" }

func rootDir() string { return "/" }

func withFolder(environ []string, _ string) []string { return environ }
