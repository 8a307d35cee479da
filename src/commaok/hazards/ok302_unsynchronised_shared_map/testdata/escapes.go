package watch

import "sync"

type leases struct {
	mu   sync.Mutex
	held map[string]int
}

func (l *leases) add(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held[id]++
}

func (l *leases) has(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held[id] > 0
}

func (l *leases) All() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held // want OK302 warning
}
