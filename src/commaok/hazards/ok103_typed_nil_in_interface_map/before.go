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
	c.cacheMap[revision] = decode(data)
}

func (c *cacher) get(revision string) string {
	if c.cacheMap[revision] != nil { // want OK103 error
		return c.cacheMap[revision].name()
	}
	return ""
}
