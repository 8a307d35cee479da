package user

import "example.com/module/store"

func Reserve(s *store.Store, id string) {
	s.Watchers[id] = nil
}
