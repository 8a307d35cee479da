package watch

type counter struct {
	seen map[string]int
}

func newCounter() *counter {
	return &counter{}
}

func (c *counter) observe(key string) {
	if c.seen == nil {
		c.seen = make(map[string]int)
	}
	c.seen[key]++
}

func byNode(events []string) map[string]int {
	var found map[string]int
	for _, event := range events {
		if found == nil {
			found = make(map[string]int)
		}
		found[event]++
	}
	return found
}
