package cache

type object interface{ name() string }

type pod struct{}

func (p *pod) name() string { return "" }

type plain struct{ objects map[string]object }

func (p *plain) get(id string) object {
	if p.objects[id] == nil { // want OK103 note
		return nil
	}
	return p.objects[id]
}

func (p *plain) forget(id string) {
	if p.objects[id] != nil { // want OK103 warning
		delete(p.objects, id)
	}
}

func (p *plain) add(id string, o object) { p.objects[id] = o }

func (p *plain) fill(id string) {
	if p.objects[id] == nil {
		p.objects[id] = &pod{}
	}
}

type reserved struct{ objects map[string]object }

func (r *reserved) reserve(id string) { r.objects[id] = nil }

func (r *reserved) convert(id string) { r.objects[id] = (*pod)(nil) }

func (r *reserved) forget(id string) {
	if o := r.objects[id]; o != nil { // want OK103 error
		delete(r.objects, id)
	}
}
