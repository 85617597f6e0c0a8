package record

import (
	"context"
	"path/filepath"

	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// Lock prevents other programs from changing records and secrets until unlock
// is called. If another program holds the lock, it waits for up to ten seconds.
// Do not hold the lock while a person or a server has to answer. Reading records
// needs no lock.
func (t *Tree) Lock(ctx context.Context) (unlock func(), err error) {
	return disk.Lock(ctx, filepath.Join(t.dir, "lock"), disk.LockLimit)
}
