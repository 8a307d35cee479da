// Package hub sends events to watchers, which may be gone.
package hub

type watcher struct {
	events chan string
}

type hub struct {
	watchers map[string]*watcher
	hooks    map[string]func(string)
}

func (h *hub) stop(id string) {
	if w, ok := h.watchers[id]; ok {
		close(w.events)
		delete(h.watchers, id)
	}
}

func (h *hub) unhook(id string) {
	if _, ok := h.hooks[id]; ok {
		delete(h.hooks, id)
	}
}

func (h *hub) send(id, event string) {
	h.hooks[id](event) // want OK104 error
}
