package example

import (
	"context"
	"log"
	"sync"
)

type Event struct{ key string }

type PodUpdate struct{ pods []string }

type hub struct {
	sync.Mutex
	events  chan Event
	updates chan PodUpdate
	wake    chan struct{}
	errs    chan error
	dropped int
}

// A signal: one that waits says all.
func (h *hub) signal() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *hub) fail(err error) {
	select {
	case h.errs <- err:
	default:
	}
}

func (h *hub) counted(event Event) {
	select {
	case h.events <- event:
	default:
		h.dropped++
	}
}

func (h *hub) logged(event Event) {
	select {
	case h.events <- event:
	default:
		log.Print("dropped ", event.key)
	}
}

func (h *hub) answered(event Event) bool {
	select {
	case h.events <- event:
		return true
	default:
		return false
	}
}

// The newest takes the place of the oldest.
func (h *hub) newest(event Event) {
	select {
	case <-h.events:
	default:
	}
	select {
	case h.events <- event:
	default:
	}
}

func (h *hub) waits(ctx context.Context, event Event) {
	select {
	case h.events <- event:
	case <-ctx.Done():
	}
}

func (h *hub) unlocked(event Event) {
	h.Lock()
	h.dropped = 0
	h.Unlock()
	h.events <- event
}

// The goroutine does not hold the lock.
func (h *hub) later(event Event) {
	h.Lock()
	defer h.Unlock()
	go func() {
		h.events <- event
	}()
}

func (h *hub) first(events []Event) <-chan Event {
	h.Lock()
	defer h.Unlock()
	found := make(chan Event, len(events))
	for _, event := range events {
		found <- event
	}
	return found
}

// An update of the whole state may be one of many, or all there is: a warning.
func (h *hub) update(update PodUpdate) {
	select {
	case h.updates <- update: // want OK603 warning
	default:
		return
	}
}

// Nobody else needs the lock.
func once(mutex *sync.Mutex, events chan<- *Event) {
	mutex.Lock()
	events <- &Event{} // want OK603 warning
	mutex.Unlock()
}

// Success is recorded, so the next round knows who is left.
func (h *hub) round(events map[string]Event) {
	for key, event := range events {
		select {
		case h.events <- event:
			delete(events, key)
		default:
			// again in the next round
		}
	}
}

func newHub(first Event) *hub {
	h := &hub{events: make(chan Event, 8)}
	h.Lock()
	defer h.Unlock()
	h.events <- first
	return h
}

// Readers of the lock do not wait for each other.
func (r *readers) send(event Event) {
	r.lock.RLock()
	defer r.lock.RUnlock()
	r.events <- event // want OK603 warning
}

func (r *readers) close() {
	r.lock.Lock()
	defer r.lock.Unlock()
	close(r.events)
}

type readers struct {
	lock   sync.RWMutex
	events chan Event
}
