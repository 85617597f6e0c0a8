package record

import (
	"context"
	"path/filepath"

	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// Lock keeps other programs of ours from changing records and secrets. It
// waits ten seconds for one that is at work, and returns what lets the lock
// go. It must not be held while a person or a server is asked something.
// Looking a record up takes no lock.
func (t *Tree) Lock(ctx context.Context) (unlock func(), err error) {
	return disk.Lock(ctx, filepath.Join(t.dir, "lock"))
}
