package cacher

import (
	"strconv"
	"sync"
)

type Object struct {
	Key   string
	Value []byte
}

type Cacher struct {
	mu       sync.RWMutex
	cacheMap map[string]*Object
}

func (c *Cacher) update(object *Object, rv uint64) {
	key := strconv.FormatUint(rv, 10)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cacheMap[key] = object // want OK401 error
}

func (c *Cacher) at(key string) (*Object, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	object, ok := c.cacheMap[key]
	return object, ok
}
