// Package watch keeps watchers under their ids, and loses them.
package watch

import "errors"

var errTaken = errors.New("the id is taken")

type watcher struct {
	events chan string
}

func (w *watcher) close() {
	close(w.events)
}

type registry struct {
	watchers map[string]*watcher
}

func (r *registry) register(id string) error {
	if _, ok := r.watchers[id]; ok {
		return errTaken
	}
	r.watchers[id] = &watcher{events: make(chan string, 1)}
	return nil
}

// disconnected keeps the id for the watcher that is to come back.
func (r *registry) disconnected(id string) {
	r.watchers[id] = nil
}

func (r *registry) forget(id string) {
	if watcher, ok := r.watchers[id]; ok {
		if watcher != nil {
			watcher.close()
		}
		delete(r.watchers, id)
	}
}

func (r *registry) drop(id string) {
	if _, ok := r.watchers[id]; ok {
		delete(r.watchers, id)
	}
}
