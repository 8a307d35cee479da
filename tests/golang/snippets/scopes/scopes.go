// Package scopes: declarations, redeclaration, shadowing, closures.
package scopes

func is(...any) {}

var m map[string]int

var early = late()

func late() map[int]string { return nil }

var one, two = pair()

func pair() (map[string]bool, []string) { return nil, nil }

func named(n int) (out map[string][]int, err error) {
	is(out)   // map[string][]int
	is(err)   // error
	is(early) // map[int]string
	is(one)   // map[string]bool
	is(two)   // []string
	out, x := out, n
	is(x) // int
	if m := []int{1}; len(m) > 0 {
		is(m) // []int
	} else {
		is(m) // []int
	}
	is(m) // map[string]int
	m := m
	is(m) // map[string]int
	{
		m := "text"
		is(m) // string
	}
	err, y := error(nil), 2.5
	is(err, y) // error; float64
	f := func(m chan string) (r []byte) {
		is(m, r) // chan string; []uint8
		return nil
	}
	is(f)      // func(chan string) []uint8
	is(f(nil)) // []uint8
	var later func() map[string]int
	later = func() map[string]int { return later() }
	is(later()) // map[string]int
	type local map[string]*local
	var l local
	is(l["x"]) // *example.com/snippets/scopes.local
	for i, m := 0, 1.5; i < 3; i++ {
		is(m) // float64
	}
	switch m := 'x'; {
	case m > 1:
		is(m) // int32
	}
loop:
	for {
		break loop
	}
	return
}

func shadowed(string map[int]int, len []bool) {
	is(string) // map[int]int
	is(len)    // []bool
	nil := map[rune]rune{}
	is(nil) // map[int32]int32
	true := []int{}
	is(true) // []int
	make := func(n int) map[int]int { return string }
	is(make(3)) // map[int]int
	type int map[rune]bool
	var v int
	is(v['x']) // bool
}

func variadic(rest ...map[string]int) {
	is(rest, rest[0]) // []map[string]int; map[string]int
	variadic(rest...)
}
