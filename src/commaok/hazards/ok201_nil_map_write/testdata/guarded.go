package watch

import (
	"encoding/json"
	"errors"
)

type store struct {
	objects map[string]string
	lazy    map[string]string
	decoded map[string]string `yaml:"decoded"`
}

func newStore() *store {
	return &store{objects: make(map[string]string)}
}

var _ = &store{}

func fresh() (store, error) {
	return store{}, errors.New("none")
}

func (s *store) put(key, value string) {
	s.objects[key] = value
	if s.lazy == nil {
		s.lazy = make(map[string]string)
	}
	s.lazy[key] = value
	s.decoded[key] = value
}

func comparedFirst(found map[string]int) map[string]int {
	var counts map[string]int
	if counts == nil {
		counts = map[string]int{}
	}
	counts["a"]++
	var second map[string]int
	if len(found) == 0 {
		second = map[string]int{}
	} else {
		second = found
	}
	second["b"] = 1
	return counts
}

func madeOnEveryWay(kind int) map[string]int {
	var counts map[string]int
	switch kind {
	case 1:
		counts = map[string]int{"one": 1}
	case 2:
		return nil
	default:
		counts = make(map[string]int)
	}
	counts["a"]++
	return counts
}

func decodedInto(data []byte) (counts map[string]int, err error) {
	if err = json.Unmarshal(data, &counts); err != nil {
		return nil, err
	}
	counts["a"]++
	return counts, nil
}

func sameCondition(keys []string) map[string]int {
	var counts map[string]int
	if len(keys) > 0 {
		counts = make(map[string]int)
	}
	for _, key := range keys {
		counts[key]++
	}
	return counts
}

func foundSomething() {
	var counts map[string]int
	if n, ok := counts["a"]; ok {
		counts["a"] = n + 1
	}
	for key := range counts {
		counts[key] = 0
	}
	if counts != nil && len(counts) > 1 {
		counts["b"] = 1
	}
}

func shadowed() {
	counts := make(map[string]int)
	{
		var counts map[string]int
		_ = counts
	}
	counts["a"] = 1
}

func slicesAndArrays() {
	var flags [4]bool
	flags[0] = true
	var grid []int
	grid = append(grid, 1)
	grid[0] = 2
}

func filledByCallback(each func(func(string))) map[string]int {
	var counts map[string]int
	each(func(key string) {
		counts = map[string]int{key: 1}
	})
	counts["a"]++
	return counts
}
