package example

import (
	"k8s.io/client-go/util/workqueue"
)

type controller struct {
	queue workqueue.RateLimitingInterface
}

func (c *controller) worker(sync func(key interface{}) error) {
	key, quit := c.queue.Get()
	if quit {
		return
	}
	defer c.queue.Done(key)
	c.after(sync(key), key)
}
