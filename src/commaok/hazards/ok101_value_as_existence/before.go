package watch

type watcher struct{ events chan string }

type registry struct {
	watchers map[string]*watcher
}

func (r *registry) forget(id string) {
	if r.watchers[id] != nil { // want OK101
		delete(r.watchers, id)
	}
}
