package store

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// lockLimit is how long a writer waits for others, each of which takes some
// 10 ms.
const lockLimit = 10 * time.Second

// Lock keeps other programs of ours from changing records and secrets. It
// waits ten seconds for one that is at work, and returns what lets the lock
// go. It must not be held while a person or a server is asked something.
// Looking a record up takes no lock.
func (t *Tree) Lock(ctx context.Context) (unlock func(), err error) {
	path := filepath.Join(t.dir, "lock")
	if err := makeDirs(t.dir); err != nil {
		return nil, Unwritable(path, err)
	}
	waiting, cancel := context.WithTimeout(ctx, lockLimit)
	defer cancel()
	unlock, err = lock(waiting, path)
	switch {
	case err == nil:
		return unlock, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case waiting.Err() != nil:
		return nil, fmt.Errorf("another git pat is at work and holds %s", path)
	}
	return nil, Unwritable(path, err)
}
