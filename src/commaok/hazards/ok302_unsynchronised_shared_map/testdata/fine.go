package watch

import "sync"

type plain struct {
	mu    sync.Mutex
	once  map[string]int
	total map[string]int
	n     int
}

func (p *plain) a(key string) int { return p.once[key] }
func (p *plain) b(key string) int { return p.once[key] + 1 }
func (p *plain) c(key string) int { return p.once[key] + 2 }

func (p *plain) count(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	p.total[key] = p.n
}

func (p *plain) copied() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make(map[string]int, len(p.total))
	for key, n := range p.total {
		all[key] = n
	}
	return all
}

func (p *plain) first() int {
	p.mu.Lock()
	if n, ok := p.total["a"]; ok {
		p.mu.Unlock()
		return n
	}
	p.total["a"] = 1
	p.mu.Unlock()
	return 1
}

func (p *plain) under() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inner()
}

func (p *plain) inner() {
	p.total["inner"]++
}
