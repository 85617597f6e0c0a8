package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// emulated returns a program of qemu-user, and the processor for which the programs
// are built then; see .ci/emulated. Both are empty in usual tests.
func emulated() (emulator, goarch string) {
	return os.Getenv("TEST_EMULATOR"), os.Getenv("TEST_GOARCH")
}

// emulate puts scripts in the place of the programs in a folder, which run them with
// the emulator.
func emulate(dir, emulator string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	real := filepath.Join(dir, "real")
	err = os.Mkdir(real, 0o700)
	for _, e := range entries {
		from, to := filepath.Join(dir, e.Name()), filepath.Join(real, e.Name())
		script := fmt.Sprintf("#!/bin/sh\nexec %s %s \"$@\"\n", credential.ShellWord(emulator), credential.ShellWord(to))
		err = errors.Join(err, os.Rename(from, to), os.WriteFile(from, []byte(script), 0o700))
	}
	return err
}
