package watch

type watcher struct{ id string }

func (w *watcher) stop() string { return w.id }

type manager struct{ watchers map[string]*watcher }

func (m *manager) first(id string) string {
	if m.watchers[id] != nil { // want OK101 note
		return m.watchers[id].stop()
	}
	return ""
}

func (m *manager) compound(id string, on bool) {
	if on && m.watchers[id] != nil { // want OK101 warning
		delete(m.watchers, id)
	}
}
