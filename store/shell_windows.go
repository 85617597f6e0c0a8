package store

import "os"

// shell is the one of Git for Windows.
func shell() string { return "sh" }

func rootDir() string { return os.Getenv("SystemDrive") + `\` }
