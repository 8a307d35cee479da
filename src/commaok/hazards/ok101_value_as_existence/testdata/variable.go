package watch

type watcher struct{ id string }

type manager struct {
	watchers map[string]*watcher
	sinks    map[string]func(string)
}

func (m *manager) reserve(id string) { m.watchers[id] = nil }

func (m *manager) stop(id string) {
	w := m.watchers[id]
	if w == nil { // want OK101 error
		return
	}
	w.id = ""
}

func (m *manager) stopAll(ids []string) {
	for _, id := range ids {
		if w := m.watchers[id]; w != nil { // want OK101 error
			delete(m.watchers, id)
		}
	}
}

func (m *manager) reassigned(id string) {
	w := m.watchers[id]
	w = &watcher{id: id}
	if w == nil {
		return
	}
	m.watchers[id] = w
}

func (m *manager) get(id string) *watcher {
	return m.watchers[id]
}

func (m *manager) viaHelper(id string) {
	if m.get(id) == nil { // want OK101 error
		return
	}
	if w := m.get(id); w != nil { // want OK101 error
		delete(m.watchers, id)
	}
}

func (m *manager) sink(id, event string) {
	if m.sinks[id] != nil { // want OK101 note
		m.sinks[id](event)
	}
	if m.sinks[id] != nil { // want OK101 warning
		delete(m.sinks, id)
	}
}
