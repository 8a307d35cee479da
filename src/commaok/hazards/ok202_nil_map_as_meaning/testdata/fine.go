package watch

type options struct {
	Labels  map[string]string `json:"labels,omitempty"`
	Kept    map[string]string `json:"kept"`
	Private map[string]string
	Names   []string `json:"names,omitempty"`
	Parent  *options `json:"parent,omitempty"`
}

func complete(o *options) int {
	if o.Labels == nil {
		o.Labels = make(map[string]string)
	}
	if o.Kept == nil {
		o.Kept = map[string]string{"a": "b"}
	}
	if o.Private == nil {
		o.Private = map[string]string{"a": "b"}
	}
	if o.Names == nil {
		o.Names = []string{"a"}
	}
	if o.Parent == nil {
		o.Parent = &options{Private: map[string]string{}}
	}
	if len(o.Labels) == 0 {
		o.Labels = map[string]string{"a": "b"}
	}
	if o.Labels != nil {
		return len(o.Labels)
	}
	return 0
}
