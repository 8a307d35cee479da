// Package watch reserves an id with nil before its watcher is there.
package watch

type watcher struct {
	events chan string
}

type manager struct {
	watchers map[string]*watcher
}

func (m *manager) reserve(id string) {
	m.watchers[id] = nil
}

func (m *manager) started(id string) {
	m.watchers[id] = &watcher{events: make(chan string, 1)}
}

func (m *manager) send(id, event string) {
	if w, ok := m.watchers[id]; ok && w != nil {
		w.events <- event
	}
}
