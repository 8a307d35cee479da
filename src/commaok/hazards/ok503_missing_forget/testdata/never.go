package example

import (
	"k8s.io/client-go/util/workqueue"
)

type controller struct {
	queue workqueue.RateLimitingInterface
	other workqueue.RateLimitingInterface
}

func newController() *controller {
	return &controller{
		queue: workqueue.NewRateLimitingQueue(workqueue.DefaultControllerRateLimiter()),
		other: workqueue.NewRateLimitingQueue(workqueue.DefaultControllerRateLimiter()),
	}
}

// Other's Forget is not queue's.
func (c *controller) worker(sync func(key interface{}) error) {
	for {
		key, quit := c.queue.Get()
		if quit {
			return
		}
		if err := sync(key); err != nil {
			c.queue.AddRateLimited(key) // want OK503 error
		} else {
			c.other.Forget(key)
		}
		c.queue.Done(key)
	}
}

// Only put in here: what takes it out is elsewhere, but nothing there forgets.
type feeder struct {
	queue workqueue.RateLimitingInterface
}

func (f *feeder) feed(key string) {
	f.queue.AddRateLimited(key) // want OK503 warning
}
