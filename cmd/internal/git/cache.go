package git

import (
	"context"
	"fmt"
	"sync"
)

// A Cache reads Git's configuration and remembers it. The zero value is empty.
// After a change of the configuration, use a new Cache. Several goroutines may use
// one.
type Cache struct {
	lock  sync.Mutex
	known map[string]Config
}

// Folder is like ReadConfig.
func (c *Cache) Folder(ctx context.Context, folder string) (Config, error) {
	return c.read(ctx, Call{Folder: folder})
}

// File is like ReadFile.
func (c *Cache) File(ctx context.Context, folder string, options ...string) (Config, error) {
	return c.read(ctx, Call{Folder: folder, Args: options})
}

// Own is like ReadOwnConfig.
func (c *Cache) Own(ctx context.Context) (Config, error) {
	return c.read(ctx, Call{Outside: true})
}

func (c *Cache) read(ctx context.Context, call Call) (Config, error) {
	key := fmt.Sprintf("%#v", call)
	c.lock.Lock()
	defer c.lock.Unlock()
	if config, ok := c.known[key]; ok {
		return config, nil
	}
	config, err := readConfig(ctx, call)
	if err != nil {
		return nil, err
	}
	if c.known == nil {
		c.known = map[string]Config{}
	}
	c.known[key] = config
	return config, nil
}
