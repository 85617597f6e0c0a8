package record

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// After ten seconds the error names the lock. If the context is done earlier, the
// error is its cause.
func TestTreeLock(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	synctest.Test(t, func(t *testing.T) {
		unlock, err := NewTree(dir).Lock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := "another program holds the lock " + filepath.Join(dir, "lock") + "; stopped waiting after 10s"
		if _, err := NewTree(dir).Lock(t.Context()); err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
		enough := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(enough)
		if _, err := NewTree(dir).Lock(ctx); err != enough {
			t.Errorf("got %v, want %v", err, enough)
		}
		unlock()
		if unlock, err = NewTree(dir).Lock(t.Context()); err != nil {
			t.Fatal(err)
		}
		unlock()
	})
}

// The error names a folder that cannot be created.
func TestTreeLockUnwritable(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := disk.WriteWhole(file, nil, false); err != nil {
		t.Fatal(err)
	}
	_, err := NewTree(filepath.Join(file, "git-pat")).Lock(t.Context())
	if err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v, want an error that names %s", err, file)
	}
}
