// Package forms: assertions, switches, comma-ok, channels, literals, conversions.
package forms

import "unsafe"

func is(...any) {}

type point struct{ x, y int }

type table map[string]map[string]point

type handler func(string) []byte

type kind int

const (
	none kind = iota
	some
	many
)

const big, text = 1 << 40, "text"

type stringer interface{ String() string }

func _(x any, m map[string][]int, c chan map[int]bool, handlers map[string]handler, fs []func(int) map[string]int) {
	switch v := x.(type) {
	case map[string]int:
		is(v) // map[string]int
	case []int, []string:
		is(v) // interface{}
	case nil:
		is(v) // interface{}
	case stringer:
		w, ok := v.(interface{ Len() int })
		is(w, ok) // interface{...}; bool
	default:
		is(v) // interface{}
	}
	v, ok := m["k"]
	is(v, ok) // []int; bool
	a, ok := x.(map[int]int)
	is(a) // map[int]int
	r, more := <-c
	is(r, more, <-c) // map[int]bool; bool; map[int]bool
	select {
	case got, open := <-c:
		is(got, open) // map[int]bool; bool
	case r = <-c:
		is(r) // map[int]bool
	}
	is(handlers["x"])      // example.com/snippets/forms.handler
	is(handlers["x"]("y")) // []uint8
	k := "key"
	is(handlers[k](k)) // []uint8
	is(fs[0](1)["x"])  // int
	i := 0
	is(fs[i](i))                                                     // map[string]int
	is(table{"a": {"b": {1, 2}}}["a"]["b"].x)                        // int
	is([]*point{{1, 2}}[0])                                          // *example.com/snippets/forms.point
	is(map[point]string{{1, 2}: "x"})                                // map[example.com/snippets/forms.point]string
	is([...]string{"a"})                                             // [_]string
	is(some)                                                         // example.com/snippets/forms.kind
	is([]byte("x"))                                                  // []uint8
	is(map[string]int(nil))                                          // map[string]int
	is((*point)(nil).x)                                              // int
	is(*(*[]string)(unsafe.Pointer(&v)))                             // []string
	is((func() map[int]int)(nil)())                                  // map[int]int
	is(make(map[string]bool), new(point), new([]int))                // map[string]bool; *example.com/snippets/forms.point; *[]int
	is(append([]kind{}, some), len(m), cap(fs), copy(v, v))          // []example.com/snippets/forms.kind; int; int; int
	is(min(some, many))                                              // example.com/snippets/forms.kind
	is(v[1:2], "abc"[1:])                                            // []int; string
	is("abc"[0], m["x"][0])                                          // uint8; int
	is(x.(stringer).String())                                        // string
	is(1.5 * float32(2))                                             // float32
	is(kind(1) << 3)                                                 // example.com/snippets/forms.kind
	is(recover())                                                    // interface{}
	is(unsafe.String(nil, 0), unsafe.Sizeof(x))                      // string; uintptr
	is(func(a, b int, rest ...string) (n int, err error) { return }) // func(int, int, ...string) (int, error)
}
