package store

type Watcher struct{ ID string }

type Store struct {
	Watchers map[string]*Watcher
}

func (s *Store) Remove(id string) {
	if s.Watchers[id] != nil { // want OK101 error
		delete(s.Watchers, id)
	}
}
