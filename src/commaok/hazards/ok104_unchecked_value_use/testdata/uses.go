package hub

type watcher struct {
	events chan string
	count  int
}

func (w *watcher) send(event string) {}

type hub struct {
	watchers map[string]*watcher
	current  string
}

func (h *hub) stop(id string) {
	if _, ok := h.watchers[id]; ok {
		delete(h.watchers, id)
	}
}

func (h *hub) field(id, event string) {
	h.watchers[id].events <- event // want OK104 error
}

func (h *hub) dereferenced(id string) watcher {
	return *h.watchers[id] // want OK104 error
}

func (h *hub) ownKey() int {
	return h.watchers[h.current].count // want OK104 note
}

func (h *hub) method(id, event string) {
	h.watchers[id].send(event)
}

func (h *hub) stored(id string) {
	h.watchers[id] = &watcher{}
	h.watchers[id].count = 1
}

func (h *hub) ranged() (total int) {
	for id := range h.watchers {
		total += h.watchers[id].count
	}
	return total
}

func (h *hub) tested(id string) int {
	if h.watchers[id] == nil {
		return 0
	}
	return h.watchers[id].count
}

type table struct{ rows map[string]*watcher }

func (t *table) known(id string) int {
	return t.rows[id].count // want OK104 note
}

type values struct{ rows map[string]watcher }

func (v *values) count(id string) int {
	return v.rows[id].count
}
