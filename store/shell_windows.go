package store

import "os"

// shell returns the shell of Git for Windows.
func shell() string { return "sh" }

func rootDir() string { return os.Getenv("SystemDrive") + `\` }
