package watch

import "sync"

type hub struct {
	mu       sync.Mutex
	watchers map[string]chan int
}

func (h *hub) add(id string, events chan int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watchers[id] = events
}

func (h *hub) has(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, ok := h.watchers[id]
	return ok
}

func (h *hub) Remove(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.watchers, id)
}
