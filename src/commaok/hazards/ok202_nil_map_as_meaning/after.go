package watch

type spec struct {
	Filters *map[string]string `json:"filters,omitempty"`
}

func complete(s *spec) {
	if s.Filters == nil {
		s.Filters = &map[string]string{"kind": "Pod"}
	}
}
