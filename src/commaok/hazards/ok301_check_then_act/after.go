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
	if r.watchers[id] == w {
		delete(r.watchers, id)
	}
	r.mu.Unlock()
}

func (r *registry) limit(id string) {
	r.mu.RLock()
	_, known := r.limits[id]
	r.mu.RUnlock()
	if !known {
		r.mu.Lock()
		if _, ok := r.limits[id]; !ok {
			r.limits[id] = len(id)
		}
		r.mu.Unlock()
	}
}
