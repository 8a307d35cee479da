package watch

import (
	"sync"
	"sync/atomic"
)

type fine struct {
	mu      sync.Mutex
	entries sync.Map
	plain   registry
	total   atomic.Value
}

type registry struct{ held map[string]int }

func (r *registry) Load(key string) (int, bool) { n, ok := r.held[key]; return n, ok }
func (r *registry) Store(key string, n int)     { r.held[key] = n }

func (f *fine) locked(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.entries.Load(id); !ok {
		f.entries.Store(id, 1)
	}
}

func (f *fine) atomically(id string) {
	f.entries.LoadOrStore(id, 1)
	f.entries.LoadAndDelete(id)
}

func (f *fine) another(id, other string) {
	if _, ok := f.entries.Load(id); ok {
		f.entries.Store(other, 1)
	}
}

func (f *fine) anyway(id string) bool {
	_, ok := f.entries.Load(id)
	f.entries.Store(id, 1)
	return ok
}

func (f *fine) ownType(id string) {
	if _, ok := f.plain.Load(id); !ok {
		f.plain.Store(id, 1)
	}
}

func (f *fine) checked(id string) int {
	v, _ := f.entries.Load(id)
	n, _ := v.(int)
	w, _ := f.entries.Load(id)
	if w == nil {
		return n
	}
	return w.(int)
}

func (f *fine) deletedFirst(id string) {
	if v, ok := f.entries.Load(id); ok {
		f.entries.Delete(id)
		close(v.(chan int))
	}
}

func (f *fine) each(do func(any)) {
	f.entries.Range(func(key, _ any) bool {
		do(key)
		return true
	})
}

type value struct{ n int }

func (v *value) Store()         { v.n++ }
func (v *value) Load(n int) int { return v.n + n }
func (f *fine) other(v *value) int {
	n, ok := f.entries.Load("n")
	if ok {
		v.Store()
	}
	return v.Load(1) + n.(int)
}
