package watch

type watcher struct {
	events chan string
}

func (w *watcher) stop() {}

type manager struct {
	watchers map[string]*watcher
	never    map[string]*watcher
	hooks    map[string]func()
}

func (m *manager) reserve(id string) {
	m.watchers[id] = nil
	m.hooks[id] = nil
}

func (m *manager) later(id string) {
	w, ok := m.watchers[id]
	if ok {
		close(w.events) // want OK105 error
	}
}

func (m *manager) hook(id string) {
	if hook, ok := m.hooks[id]; ok {
		hook() // want OK105 error
	}
}

func (m *manager) checked(id string) {
	if w, ok := m.watchers[id]; ok {
		if w != nil {
			close(w.events)
		}
		delete(m.watchers, id)
	}
}

func (m *manager) method(id string) {
	if w, ok := m.watchers[id]; ok {
		w.stop()
	}
}

func (m *manager) sure(id string) {
	if w, ok := m.never[id]; ok {
		close(w.events)
	}
}

func (m *manager) only(id string) bool {
	_, ok := m.watchers[id]
	return ok
}
