package example

import (
	"errors"
	"sync"
	"time"

	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

type controller struct {
	queue workqueue.RateLimitingInterface
	group sync.WaitGroup
	seen  set
}

type set map[string]bool

func (s set) Add(key string) { s[key] = true }

func (c *controller) sync(key string) error { return errors.New(key) }

// An event handler: nothing has failed that will be retried.
func (c *controller) onAdd(obj interface{}) {
	key, err := cache.MetaNamespaceKeyFunc(obj)
	if err == nil {
		c.queue.Add(key)
	}
}

// An event handler that falls back to another key after an error.
func (c *controller) onDelete(obj interface{}) {
	key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(obj)
	if err != nil {
		c.queue.Add("resync")
		return
	}
	c.queue.Add(key)
}

func (c *controller) worker() {
	key, quit := c.queue.Get()
	if quit {
		return
	}
	defer c.queue.Done(key)
	err := c.sync(key.(string))
	if err != nil {
		// Neither of these is a queue.
		c.seen.Add(key.(string))
		c.group.Add(1)
		c.queue.AddRateLimited(key)
		return
	}
	c.queue.Forget(key)
	// More of the work is there, and nothing failed.
	c.queue.Add(key)
}

// It waits by its own means.
func (c *controller) patient() {
	key, _ := c.queue.Get()
	defer c.queue.Done(key)
	if err := c.sync(key.(string)); err != nil {
		time.Sleep(time.Second)
		c.queue.Add(key)
	}
}

func (c *controller) later() {
	key, _ := c.queue.Get()
	defer c.queue.Done(key)
	if err := c.sync(key.(string)); err != nil {
		c.queue.AddAfter(key, time.Minute)
	}
}

// The error is nil where the key is added.
func (c *controller) again() {
	key, _ := c.queue.Get()
	defer c.queue.Done(key)
	if err := c.sync(key.(string)); err == nil {
		c.queue.Add(key)
	}
}
