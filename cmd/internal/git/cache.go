package git

import (
	"context"
	"strings"
)

// A Cache reads Git's configuration, and each part of it only once. The zero
// value has read nothing yet. After a change, begin with a new one.
type Cache struct {
	folders map[string]Config
	files   map[string]Config // by the folder and the options that name the file
	own     Config
}

// Folder is ReadConfig.
func (c *Cache) Folder(ctx context.Context, folder string) (Config, error) {
	return readOnce(&c.folders, folder, func() (Config, error) { return ReadConfig(ctx, folder) })
}

// File is ReadFile.
func (c *Cache) File(ctx context.Context, folder string, options ...string) (Config, error) {
	key := strings.Join(append([]string{folder}, options...), "\x00")
	return readOnce(&c.files, key, func() (Config, error) { return ReadFile(ctx, folder, options...) })
}

// Own is ReadOwnConfig.
func (c *Cache) Own(ctx context.Context) (Config, error) {
	if c.own != nil {
		return c.own, nil
	}
	var err error
	c.own, err = ReadOwnConfig(ctx)
	return c.own, err
}

func readOnce(known *map[string]Config, key string, read func() (Config, error)) (Config, error) {
	if config, ok := (*known)[key]; ok {
		return config, nil
	}
	config, err := read()
	if err != nil {
		return nil, err
	}
	if *known == nil {
		*known = map[string]Config{}
	}
	(*known)[key] = config
	return config, nil
}
