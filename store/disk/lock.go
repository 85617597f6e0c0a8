package disk

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// lockLimit is how long a writer waits for others, each of which takes some
// 10 ms.
const lockLimit = 10 * time.Second

// A lock that another has is tried again after lockWait, and then less and less
// often: hundreds that try all the time would keep the machine busy.
const (
	lockWait    = 5 * time.Millisecond
	maxLockWait = 160 * time.Millisecond
)

// Lock keeps other programs of ours from what a file stands for, until unlock
// is called or the program ends. The file and its folder are made if need be. It
// waits ten seconds for a program that is at work.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	if err := MakeDirs(filepath.Dir(path)); err != nil {
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
