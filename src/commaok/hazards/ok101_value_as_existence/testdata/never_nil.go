package watch

type watcher struct{ id string }

func newWatcher(id string) *watcher { return &watcher{id: id} }

type manager struct{ watchers map[string]*watcher }

func (m *manager) add(id string) {
	m.watchers[id] = newWatcher(id)
	w := &watcher{id: id}
	m.watchers[id+"2"] = w
}

func (m *manager) remove(id string) {
	if m.watchers[id] != nil { // want OK101 note
		delete(m.watchers, id)
	}
}

type open struct{ watchers map[string]*watcher }

func (o *open) add(id string, w *watcher) { o.watchers[id] = w }

func (o *open) remove(id string) {
	if o.watchers[id] != nil { // want OK101 warning
		delete(o.watchers, id)
	}
}
