package watch

import (
	"net/http"
	"sync"
)

type cache struct {
	mu      sync.RWMutex
	objects map[string]int // also touched in no other file
}

func newCache() *cache {
	c := &cache{objects: make(map[string]int)}
	c.objects["first"] = 1
	return c
}

func (c *cache) put(key string, value int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.objects[key] = value
	c.evictLocked()
}

func (c *cache) get(key string) int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.objects[key]
}

func (c *cache) drop(key string) {
	c.mu.Lock()
	delete(c.objects, key)
	c.mu.Unlock()
	c.sweep()
}

func (c *cache) has(key string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	_, ok := c.objects[key]
	return ok
}

func (c *cache) evictLocked() {
	for key := range c.objects {
		delete(c.objects, key)
	}
}

// trim is called with c.mu held.
func (c *cache) trim() {
	delete(c.objects, "a")
}

func (c *cache) sweep() {
	delete(c.objects, "b") // want OK302 error
}

func (c *cache) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.objects[r.URL.Path] == 0 { // want OK302 error
		http.NotFound(w, r)
	}
}

var (
	hooksMu sync.Mutex
	hooks   = map[string]func(){}
)

func addHook(name string, hook func()) {
	hooksMu.Lock()
	hooks[name] = hook
	hooksMu.Unlock()
}

func removeHook(name string) {
	hooksMu.Lock()
	defer hooksMu.Unlock()
	delete(hooks, name)
}

func Run(name string) {
	hooks[name]() // want OK302 warning
}
