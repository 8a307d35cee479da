package watch

import "sync"

var (
	mu      sync.Mutex
	running = map[string]chan struct{}{}
)

func start(id string) {
	mu.Lock()
	if _, ok := running[id]; ok {
		mu.Unlock()
		return
	}
	mu.Unlock()
	stop := make(chan struct{})
	go watch(id, stop)
	mu.Lock()
	running[id] = stop // want OK301 error
	mu.Unlock()
}

func watch(id string, stop chan struct{}) {
	<-stop
	_ = id
}

type embedded struct {
	sync.RWMutex
	names map[string]string
}

func (e *embedded) name(id string) string {
	e.RLock()
	name, ok := e.names[id]
	e.RUnlock()
	if !ok {
		name = id + "-name"
		e.Lock()
		e.names[id] = name // want OK301 warning
		e.Unlock()
	}
	return name
}
