package hub

import "sync"

type Event struct {
	Revision int64
	Key      string
}

type watcher struct {
	events chan Event
}

type hub struct {
	mu       sync.Mutex
	watchers map[int64]*watcher
}

func (h *hub) publish(event Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, each := range h.watchers {
		each.events <- event // want OK603 error
	}
}

func (h *hub) offer(to *watcher, event Event) {
	select {
	case to.events <- event: // want OK603 error
	default:
	}
}

func (h *hub) cancel(id int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.watchers, id)
}
