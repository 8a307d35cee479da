package watch

import "sync"

type hub struct {
	watchers sync.Map
}

func (h *hub) register(id string, events chan int) {
	h.watchers.LoadOrStore(id, events)
}

func (h *hub) once(id string) {
	h.watchers.LoadOrStore(id, make(chan int))
}
