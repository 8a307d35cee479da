package watch

import "sync"

type watcher struct{ id string }

type manager struct {
	mu       sync.Mutex
	watchers map[string]*watcher
	groups   map[string]map[string]bool
	list     []*watcher
}

func (m *manager) fill(id string) *watcher {
	if m.watchers[id] == nil {
		m.watchers[id] = &watcher{id: id}
	}
	if m.groups[id] == nil {
		m.groups[id] = map[string]bool{}
	}
	w := m.watchers[id]
	if w == nil {
		w = &watcher{id: id}
		m.watchers[id] = w
	}
	return w
}

func (m *manager) once(id string) *watcher {
	m.mu.Lock()
	defer m.mu.Unlock()
	if w := m.watchers[id]; w != nil {
		return w
	}
	w := &watcher{id: id}
	m.watchers[id] = w
	return w
}

func (m *manager) indexed(i int) bool {
	return m.list[i] != nil
}

func (m *manager) asked(id string) {
	if w, ok := m.watchers[id]; ok && w != nil {
		delete(m.watchers, id)
	}
}
