package cacher

import "sync"

type Object struct {
	Key   string
	Value []byte
}

// position tells apart what one transaction wrote.
type position struct {
	revision uint64
	key      string
}

type Cacher struct {
	mu       sync.RWMutex
	cacheMap map[position]*Object
}

func (c *Cacher) update(object *Object, rv uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cacheMap[position{rv, object.Key}] = object
}

func (c *Cacher) at(rv uint64, key string) (*Object, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	object, ok := c.cacheMap[position{rv, key}]
	return object, ok
}
