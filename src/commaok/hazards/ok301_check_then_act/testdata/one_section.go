package watch

import "sync"

type hub struct {
	mu   sync.RWMutex
	subs map[string]chan int
}

func (h *hub) oneSection(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.subs[id]; !ok {
		h.subs[id] = make(chan int)
	}
}

func (h *hub) doubleChecked(id string) chan int {
	h.mu.RLock()
	sub, ok := h.subs[id]
	h.mu.RUnlock()
	if ok {
		return sub
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if sub, ok := h.subs[id]; ok {
		return sub
	}
	h.subs[id] = make(chan int)
	return h.subs[id]
}

func (h *hub) gone(id string) {
	h.mu.Lock()
	sub, ok := h.subs[id]
	if !ok {
		h.mu.Unlock()
		return
	}
	delete(h.subs, id)
	h.mu.Unlock()
	close(sub)
}

func (h *hub) rename(from, to string) {
	h.mu.RLock()
	sub, ok := h.subs[from]
	h.mu.RUnlock()
	if ok {
		h.mu.Lock()
		h.subs[to] = sub
		h.mu.Unlock()
	}
}

func (h *hub) independent(id string, other chan int) bool {
	h.mu.RLock()
	_, ok := h.subs[id]
	h.mu.RUnlock()
	h.mu.Lock()
	h.subs[id] = other
	h.mu.Unlock()
	return ok
}

func local(ids []string) int {
	seen := map[string]bool{}
	for _, id := range ids {
		if _, ok := seen[id]; !ok {
			seen[id] = true
		}
	}
	return len(seen)
}

func remove() {
	delete := func(keys ...string) int { return len(keys) }
	_ = delete("a", "b", "c")
	delete("d")
}

type group struct{}

func (group) Do(key string, run func() chan int) chan int { return run() }

func (h *hub) inFlight(g group, id string) chan int {
	return g.Do(id, func() chan int {
		h.mu.RLock()
		sub, ok := h.subs[id]
		h.mu.RUnlock()
		if ok {
			return sub
		}
		sub = make(chan int)
		h.mu.Lock()
		h.subs[id] = sub
		h.mu.Unlock()
		return sub
	})
}
