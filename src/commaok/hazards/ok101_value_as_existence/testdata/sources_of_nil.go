package watch

type watcher struct{ id string }

func open(id string) *watcher {
	if id == "" {
		return nil
	}
	return &watcher{id: id}
}

type byCall struct{ watchers map[string]*watcher }

func (b *byCall) add(id string) { b.watchers[id] = open(id) }

func (b *byCall) remove(id string) {
	if b.watchers[id] != nil { // want OK101 error
		delete(b.watchers, id)
	}
}

type byVariable struct{ watchers map[string]*watcher }

func (b *byVariable) add(id string) {
	var none *watcher
	b.watchers[id] = none
}

func (b *byVariable) remove(id string) {
	if b.watchers[id] != nil { // want OK101 error
		delete(b.watchers, id)
	}
}

var byLiteral = map[string]*watcher{"reserved": nil}

func remove(id string) {
	if byLiteral[id] != nil { // want OK101 error
		delete(byLiteral, id)
	}
}

type watchers map[string]*watcher

func (w watchers) reserve(id string) { w[id] = nil }

func (w watchers) remove(id string) {
	if w[id] != nil { // want OK101 error
		delete(w, id)
	}
}
