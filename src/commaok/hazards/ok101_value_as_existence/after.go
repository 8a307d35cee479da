package watch

type watcher struct{ events chan string }

type registry struct {
	watchers map[string]*watcher
}

func (r *registry) forget(id string) {
	if _, ok := r.watchers[id]; ok {
		delete(r.watchers, id)
	}
}
