package watch

import "sync"

type watcher struct{ done chan struct{} }

type registry struct {
	mu       sync.RWMutex
	watchers map[string]*watcher
	limits   map[string]int
}

func (r *registry) stop(id string) {
	r.mu.Lock()
	w, ok := r.watchers[id]
	r.mu.Unlock()
	if !ok {
		return
	}
	close(w.done)
	r.mu.Lock()
	delete(r.watchers, id) // want OK301 error
	r.mu.Unlock()
}

func (r *registry) limit(id string) {
	r.mu.RLock()
	_, known := r.limits[id]
	r.mu.RUnlock()
	if !known {
		r.mu.Lock()
		r.limits[id] = len(id) // want OK301 warning
		r.mu.Unlock()
	}
}
