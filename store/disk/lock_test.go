package disk

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

// Only one program at a time has the lock, and a file that is left of an earlier
// lock does not matter.
func TestLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := Lock(t.Context(), path, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan func())
	go func() {
		unlock, err := Lock(t.Context(), path, time.Minute)
		if err != nil {
			t.Error(err)
		}
		got <- unlock
	}()
	select {
	case <-got:
		t.Error("two programs have the lock")
	case <-time.After(50 * time.Millisecond):
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Lock(over, path, time.Minute); err == nil {
		t.Error("got a lock that another program holds")
	}
	unlock()
	(<-got)()
	if unlock, err = Lock(t.Context(), path, time.Minute); err != nil {
		t.Fatal(err)
	}
	unlock()
	link := path + "-2"
	if err := storetest.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	if _, err := Lock(t.Context(), link, time.Minute); err == nil {
		t.Error("a link was followed")
	}
}
