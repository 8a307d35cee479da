// Package ranges: what range yields.
package ranges

import (
	"iter"
	"maps"
	"slices"
)

func is(...any) {}

type set map[string]struct{}

type small int8

func all(m map[string][]int) iter.Seq2[string, []int] { return maps.All(m) }

func _(m map[string][]int, a *[4]bool, c <-chan error, s set, n small, f func(yield func(byte, set) bool)) {
	for k, v := range m {
		is(k, v) // string; []int
	}
	for i, v := range a {
		is(i, v) // int; bool
	}
	for e := range c {
		is(e) // error
	}
	for k := range s {
		is(k) // string
	}
	for i, r := range "text" {
		is(i, r) // int; int32
	}
	for i := range 10 {
		is(i) // int
	}
	for i := range n {
		is(i) // example.com/snippets/ranges.small
	}
	for b, x := range f {
		is(b, x) // uint8; example.com/snippets/ranges.set
	}
	for k, v := range all(m) {
		is(k, v) // string; []int
	}
	for k := range maps.Keys(m) {
		is(k) // string
	}
	for _, v := range slices.Sorted(maps.Keys(s)) {
		is(v) // string
	}
	for i := range slices.Collect(maps.Values(m)) {
		is(i) // int
	}
	for _, row := range [][]map[int]bool{} {
		for _, cell := range row {
			is(cell) // map[int]bool
		}
	}
}
