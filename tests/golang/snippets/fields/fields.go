// Package fields: selectors, embedding, promotion.
package fields

import "sync"

func is(...any) {}

type labels map[string]string

type base struct {
	Labels labels
	shared []int
}

func (b *base) Owners() map[string]*base { return nil }

type middle struct {
	*base
	sync.Mutex
	other struct{ deep map[int]bool }
}

type outer struct {
	middle
	shared string
	next   *outer
}

type pointer *outer

type both struct {
	left
	right
}

type left struct{ X map[string]int }

type right struct{ Y []string }

func _(o, p *outer, q pointer, b both) {
	is(o.Labels)              // example.com/snippets/fields.labels
	is(o.Labels["a"])         // string
	is(p.shared)              // string
	is(p.middle.shared)       // []int
	is(p.base.shared)         // []int
	is(o.other.deep)          // map[int]bool
	is(p.next.next.Owners())  // map[string]*example.com/snippets/fields.base
	is(o.Owners()["x"])       // *example.com/snippets/fields.base
	is(q.next)                // *example.com/snippets/fields.outer
	is((*q).Labels)           // example.com/snippets/fields.labels
	is(b.X, b.Y)              // map[string]int; []string
	is((*outer).Owners)       // func(*example.com/snippets/fields.outer) map[string]*example.com/snippets/fields.base
	is(o.Owners)              // func() map[string]*example.com/snippets/fields.base
	is(o.TryLock)             // func() bool
	is(&o.middle)             // *example.com/snippets/fields.middle
	is(struct{ a int }{}.a)   // int
	is([]outer{{}}[0].Labels) // example.com/snippets/fields.labels
}
