package example

import (
	"fmt"

	"k8s.io/client-go/util/workqueue"
)

const maxRetries = 15

type controller struct {
	queue   workqueue.RateLimitingInterface
	plain   workqueue.Interface
	delayed workqueue.DelayingInterface
}

func (c *controller) sync(key string) error { return fmt.Errorf("no %s", key) }

func (c *controller) worker() {
	for {
		key, quit := c.queue.Get()
		if quit {
			return
		}
		c.handle(c.sync(key.(string)), key)
		c.queue.Done(key)
	}
}

// The error is handed over, and a nil one leaves early.
func (c *controller) handle(err error, key interface{}) {
	if err == nil {
		c.queue.Forget(key)
		return
	}
	c.queue.Add(key) // want OK502 error
}

// A queue without rate limiting: a finding, and no fix that would compile.
func (c *controller) plainWorker() {
	for {
		key, quit := c.plain.Get()
		if quit {
			return
		}
		err := c.sync(key.(string))
		if err != nil && key != "" {
			c.plain.Add(key) // want OK502 error
		}
		c.plain.Done(key)
	}
}

func (c *controller) inElse() {
	key, _ := c.queue.Get()
	defer c.queue.Done(key)
	if err := c.sync(key.(string)); err == nil {
		c.queue.Forget(key)
	} else {
		c.queue.Add(key) // want OK502 error
	}
}

func (c *controller) inSwitch() {
	key, _ := c.queue.Get()
	defer c.queue.Done(key)
	err := c.sync(key.(string))
	switch {
	case err == nil:
		c.queue.Forget(key)
	case err != nil:
		c.queue.Add(key) // want OK502 error
	}
}

// Another key than the one that failed: it may be fresh work.
func (c *controller) another(parent string) {
	key, _ := c.queue.Get()
	defer c.queue.Done(key)
	if err := c.sync(key.(string)); err != nil {
		c.queue.Add("parent/" + parent) // want OK502 warning
		return
	}
	c.queue.Forget(key)
}
