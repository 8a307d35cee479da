package watch

type spec struct {
	Filters map[string]string `json:"filters,omitempty"`
}

func complete(s *spec) {
	if s.Filters == nil { // want OK202 error
		s.Filters = map[string]string{"kind": "Pod"}
	}
}
