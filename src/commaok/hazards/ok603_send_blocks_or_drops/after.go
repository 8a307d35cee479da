package hub

import "sync"

type Event struct {
	Revision int64
	Key      string
}

type watcher struct {
	events chan Event
	resume int64
}

type hub struct {
	mu       sync.Mutex
	watchers map[int64]*watcher
}

// publish ends a watcher that is too slow: it learns from which revision it has to go on.
func (h *hub) publish(event Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, each := range h.watchers {
		select {
		case each.events <- event:
		default:
			each.resume = event.Revision
			close(each.events)
			delete(h.watchers, id)
		}
	}
}

func (h *hub) cancel(id int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.watchers, id)
}
