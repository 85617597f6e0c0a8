package store

import (
	"slices"
	"syscall"
)

// list returns the sorted names in a folder, by calls of the system alone; see
// readFile. There are none in one that is not there.
func list(dir string) ([]string, error) {
	fd, missing := -1, false
	err := again("open", dir, func() (err error) {
		fd, err = syscall.Open(dir, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_DIRECTORY, 0)
		if missing = err == syscall.ENOENT; missing {
			return nil
		}
		return err
	})
	if err != nil || missing {
		return nil, err
	}
	defer syscall.Close(fd)
	var names []string
	for {
		var entries [2 << 10]byte
		n := 0
		err := again("readdirent", dir, func() (err error) {
			n, err = syscall.ReadDirent(fd, entries[:])
			return err
		})
		if err != nil {
			return nil, skipMissing(err) // it may have been removed meanwhile
		}
		if n <= 0 {
			break
		}
		_, _, names = syscall.ParseDirent(entries[:n], -1, names)
	}
	slices.Sort(names)
	return names, nil
}
