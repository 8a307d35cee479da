package watch

import "sync"

type table struct {
	entries sync.Map
	streams sync.Map
}

func (t *table) open(id string) chan int {
	v, ok := t.entries.Load(id)
	if ok {
		return v.(chan int)
	}
	made := make(chan int)
	t.entries.Store(id, made) // want OK303 error
	return made
}

func (t *table) count(id string) {
	if n, ok := t.entries.Load(id); ok {
		t.entries.Store(id, n.(int)+1) // want OK303 warning
	}
}

func (t *table) stop(id string) {
	v, ok := t.entries.Load(id)
	if !ok {
		return
	}
	close(v.(chan int))
	t.entries.Delete(id) // want OK303 error
}

func (t *table) blind(id string) chan int {
	v, _ := t.entries.Load(id)
	return v.(chan int) // want OK303 error
}

func (t *table) blindButKept(id string) chan int {
	v, _ := t.streams.Load(id)
	return v.(chan int) // want OK303 note
}

func (t *table) full() bool {
	n := 0
	t.entries.Range(func(_, _ any) bool { // want OK303 warning
		n++
		return true
	})
	return n > 10
}

func (t *table) size() int {
	n := 0
	t.entries.Range(func(_, _ any) bool { // want OK303 note
		n++
		return true
	})
	return n
}
