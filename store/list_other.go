//go:build !linux

package store

import "os"

// list returns the sorted names in a folder. There are none in one that is not
// there.
func list(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		err = skipMissing(err)
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, nil
}
