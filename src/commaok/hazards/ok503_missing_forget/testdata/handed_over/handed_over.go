package example

import (
	"k8s.io/client-go/util/workqueue"
)

type limiter interface{ AddRateLimited(key string) }

type wrapper struct {
	queue workqueue.RateLimitingInterface
	lim   limiter
}

// Somebody else made the queue, and may well forget.
func wrap(queue workqueue.RateLimitingInterface) *wrapper { return &wrapper{queue: queue} }

func (w *wrapper) retry(key string) { w.queue.AddRateLimited(key) }

// No queue of client-go.
func (w *wrapper) limited(key string) { w.lim.AddRateLimited(key) }

type pool struct {
	queue workqueue.RateLimitingInterface
}

func (p *pool) run(work func(workqueue.RateLimitingInterface) error) {
	if err := work(p.queue); err != nil {
		p.queue.AddRateLimited("all")
	}
}

// A parameter: the caller has the queue.
func put(queue workqueue.RateLimitingInterface, key string) {
	queue.AddRateLimited(key)
}
