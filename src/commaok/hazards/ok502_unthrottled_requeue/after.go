package certificates

import (
	"k8s.io/client-go/util/workqueue"
)

type manager struct {
	queue workqueue.TypedRateLimitingInterface[string]
	sync  func(key string) error
}

func (m *manager) processNext() bool {
	key, quit := m.queue.Get()
	if quit {
		return false
	}
	defer m.queue.Done(key)

	if err := m.sync(key); err != nil {
		m.queue.AddRateLimited(key)
		return true
	}
	m.queue.Forget(key)
	return true
}
