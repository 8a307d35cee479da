package counts

type position struct{ line, column int }

type counter struct {
	seen  map[string]int
	names map[string]string
	parts []string
}

func (c *counter) add(id string) bool {
	c.seen[id]++
	return c.seen[id] == 0
}

func (c *counter) done(id string) {
	c.seen[id]--
	if c.seen[id] == 0 {
		delete(c.seen, id)
	}
}

func (c *counter) name(id string) string {
	if c.names[id] == "" {
		c.names[id] = id
	}
	if c.names[id] == "web" {
		return "http"
	}
	if c.parts[0] == "" {
		return ""
	}
	return c.names[id]
}
