package watch

import "sync"

type hub struct {
	watchers sync.Map
}

func (h *hub) register(id string, events chan int) {
	if _, ok := h.watchers.Load(id); !ok {
		h.watchers.Store(id, events) // want OK303 warning
	}
}

func (h *hub) once(id string) {
	if _, ok := h.watchers.Load(id); !ok {
		h.watchers.Store(id, make(chan int)) // want OK303 error
	}
}
