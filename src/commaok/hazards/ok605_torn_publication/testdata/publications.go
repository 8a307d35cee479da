package example

import (
	"sync"
	"sync/atomic"
)

type state struct {
	name string
	size int
}

type holder struct {
	mu     sync.Mutex
	cell   atomic.Pointer[state]
	unread atomic.Value
	ch     chan *state
	values chan state
	kept   sync.Map
}

// Nobody in this package loads it.
func (h *holder) unreadOnes() {
	s := &state{}
	h.unread.Store(s) // want OK605 warning
	s.size++
}

func (h *holder) load() *state { return h.cell.Load() }

// Complete before it is published.
func (h *holder) whole() {
	s := &state{}
	s.name = "a"
	h.cell.Store(s)
	h.ch <- s
}

// Another one is written to.
func (h *holder) next() {
	s := &state{}
	h.cell.Store(s)
	s = &state{}
	s.name = "b"
	h.cell.Store(s)
}

// A copy was sent.
func (h *holder) copied() {
	s := state{}
	h.values <- s
	s.name = "c"
}

// The receiver has answered, or both hold a lock.
func (h *holder) answered(done chan struct{}) {
	s := &state{}
	h.ch <- s
	<-done
	s.name = "d"
	h.ch <- s
	h.mu.Lock()
	s.name = "e"
	h.mu.Unlock()
}

// Only read.
func (h *holder) read() int {
	s := &state{size: 1}
	h.ch <- s
	size := s.size
	return size
}
