package disk

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// LockLimit is how long to wait for a lock of programs that hold it for about 10 ms.
const LockLimit = 10 * time.Second

// Lock tries again after lockWait, and then less and less often: hundreds of
// programs that try all the time would keep the machine busy.
const (
	lockWait    = 5 * time.Millisecond
	maxLockWait = 160 * time.Millisecond
)

// Lock locks a file against other programs that call Lock, until unlock is
// called or the program ends. It creates the file and its folder. If another
// program holds the lock, it waits until the limit, or until ctx is done.
func Lock(ctx context.Context, path string, most time.Duration) (unlock func(), err error) {
	if err := MakeDirs(filepath.Dir(path)); err != nil {
		return nil, Unwritable(path, err)
	}
	limit := time.After(most)
	for wait := lockWait; ; wait = min(2*wait, maxLockWait) {
		unlock, busy, err := tryLock(path)
		if !busy {
			return unlock, Unwritable(path, err)
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-limit:
			return nil, fmt.Errorf("another program holds the lock %s; stopped waiting after %v", path, most)
		case <-time.After(wait):
		}
	}
}
