// Package cache keeps objects by revision, as interfaces.
package cache

type object interface {
	name() string
}

type pod struct{ id string }

func (p *pod) name() string { return p.id }

func decode(data string) *pod {
	if data == "" {
		return nil
	}
	return &pod{id: data}
}

type cacher struct {
	cacheMap map[string]object
}

func (c *cacher) update(revision, data string) {
	if decoded := decode(data); decoded != nil {
		c.cacheMap[revision] = decoded
	}
}

func (c *cacher) get(revision string) string {
	if object, ok := c.cacheMap[revision]; ok {
		return object.name()
	}
	return ""
}
