package watch

type index struct {
	byUID   map[string]int
	byOwner map[string]int
}

func newIndex() *index {
	return &index{byUID: map[string]int{}, byOwner: map[string]int{}}
}

func newIndexOfUIDs() *index {
	return &index{byUID: map[string]int{}}
}

func (i *index) own(uid string) {
	i.byUID[uid] = 1
	i.byOwner[uid] = 1 // want OK201 warning
}

func named(keys []string) (found map[string]bool) {
	for _, key := range keys {
		found[key] = true // want OK201 error
	}
	return
}

func lookup(known bool) map[string]int {
	if !known {
		return nil
	}
	return map[string]int{}
}

func fromCall() {
	counts := lookup(false)
	counts["a"] = 1 // want OK201 warning
	checked := lookup(true)
	if checked == nil {
		return
	}
	checked["a"] = 1
}

func fill(into map[string]int, key string) {
	into[key] = 1 // want OK201 warning
}

func callers() {
	fill(nil, "a")
	fill(map[string]int{}, "b")
}

func oneWay(ready bool) map[string]int {
	var counts map[string]int
	if ready {
		counts = make(map[string]int)
	}
	counts["a"]++ // want OK201 warning
	return counts
}

func reset() {
	counts := make(map[string]int)
	counts["a"] = 1
	counts = nil
	counts["b"] = 1 // want OK201 error
}

func inGoroutine() {
	var counts map[string]int
	go func() {
		counts["a"] = 1 // want OK201 error
	}()
}

type tally struct {
	counts map[string]int
}

func builtHere() *tally {
	built := &tally{}
	built.counts["a"] = 1 // want OK201 error
	return built
}

func (t *tally) add(into map[string]int) {
	into["a"] = 1 // want OK201 warning
}

func (t *tally) start() {
	t.add(nil)
}
