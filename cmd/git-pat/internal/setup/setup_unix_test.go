//go:build !windows

package setup

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A pipe is refused before Git, which would wait for it, is asked anything: there
// is no Git here.
func TestRefusesPipes(t *testing.T) {
	_, r := ownHome(t)
	t.Setenv("PATH", t.TempDir())
	for _, file := range r.Files {
		if err := os.MkdirAll(filepath.Dir(file.Path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(file.Path, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, undo := range []bool{false, true} {
			_, err := r.Plan(t.Context(), Want{Hosts: []string{"github.com"}, Undo: undo}, true)
			if pipe := new(PipeError); !errors.As(err, &pipe) || pipe.File != file {
				t.Errorf("%s: got %v, want a *PipeError", file.Path, err)
			}
		}
		if err := os.Remove(file.Path); err != nil {
			t.Fatal(err)
		}
	}
}
