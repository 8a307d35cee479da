package example

import (
	"example/limits"

	"k8s.io/client-go/util/workqueue"
)

type controller struct {
	queue workqueue.TypedRateLimitingInterface[string]
}

// The limiter forgets by itself, after a while without failures.
func newController() *controller {
	return &controller{
		queue: workqueue.NewTypedRateLimitingQueue(limits.NewWithReset[string](8)),
	}
}

func (c *controller) worker(sync func(key string) error) {
	key, _ := c.queue.Get()
	defer c.queue.Done(key)
	if sync(key) != nil {
		c.queue.AddRateLimited(key)
	}
}
