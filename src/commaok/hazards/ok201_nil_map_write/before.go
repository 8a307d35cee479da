package watch

type counter struct {
	seen map[string]int
}

func newCounter() *counter {
	return &counter{}
}

func (c *counter) observe(key string) {
	c.seen[key]++ // want OK201 error
}

func byNode(events []string) map[string]int {
	var found map[string]int
	for _, event := range events {
		found[event]++ // want OK201 error
	}
	return found
}
