// Package leases keeps the holder of each lease, and "" for a lease that is reserved.
package leases

type table struct {
	holders map[string]string
}

func (t *table) reserve(lease string) {
	t.holders[lease] = ""
}

func (t *table) take(lease, holder string) {
	t.holders[lease] = holder
}

func (t *table) release(lease string) {
	if _, ok := t.holders[lease]; ok {
		delete(t.holders, lease)
	}
}
