// Package generic: type parameters, instantiation, inference.
package generic

import "cmp"

func is(...any) {}

type list[T any] struct {
	items []T
	byKey map[string]*list[T]
}

func (l *list[E]) at(i int) E               { return l.items[i] }
func (l list[E]) grouped() map[int][]E      { return nil }
func (l *list[E]) self() *list[E]           { return l }
func (l *list[E]) each(f func(int, E) bool) {}

type pair[K comparable, V any] struct {
	key   K
	value V
}

type index[K comparable, V any] map[K]pair[K, V]

type byName[V any] = map[string]V

type wrapped struct{ list[map[string]int] }

func mapped[T, R any](in []T, f func(T) R) []R { return nil }
func keys[M ~map[K]V, K comparable, V any](m M) []K {
	for k, v := range m {
		is(k, v) // K; V
	}
	is(m)          // M
	is(m[*new(K)]) // V
	return nil
}
func first[S ~[]E, E any](s S) E { return s[0] }
func zero[T any]() (t T)         { return }
func most[T cmp.Ordered](a, b T) T {
	is(a) // T
	return max(a, b)
}
func bytes[T ~string | ~[]byte](t T) {
	is(t[0]) // uint8
}
func ptr[T any](t T) *T { return &t }

type named []string

func _(l list[map[string]int], w wrapped, ix index[int, error], b byName[[]int], n named) {
	is(l.items)                                                       // []map[string]int
	is(l.at(0))                                                       // map[string]int
	is(l.at(0)["x"])                                                  // int
	is(l.grouped()[1])                                                // []map[string]int
	is(l.self().byKey)                                                // map[string]*example.com/snippets/generic.list[map[string]int]
	is(w.items, w.at(1))                                              // []map[string]int; map[string]int
	is(ix[3].value, ix[3].key)                                        // error; int
	is(b["x"])                                                        // []int
	is(mapped([]int{1}, func(i int) map[int]bool { return nil }))     // []map[int]bool
	is(keys(ix))                                                      // []int
	is(first(n))                                                      // string
	is(zero[map[string]bool]())                                       // map[string]bool
	is(mapped[int, string])                                           // func([]int, func(int) string) []string
	is(ptr(n))                                                        // *example.com/snippets/generic.named
	is(ptr(3), most(1, 2.5))                                          // *int; float64
	is(pair[string, int]{}.value)                                     // int
	is([]pair[string, []int]{{"a", nil}}[0].value)                    // []int
	is((*list[int]).at)                                               // func(*example.com/snippets/generic.list[int], int) int
	l.each(func(i int, m map[string]int) bool { is(m); return true }) // map[string]int
}
