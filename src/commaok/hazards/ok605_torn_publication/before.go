package snapshot

import "sync/atomic"

type Event struct {
	Type   string
	Object any
}

type latest struct {
	current atomic.Pointer[Event]
	events  chan *Event
}

func (l *latest) publish(kind string, object any) {
	event := &Event{}
	l.current.Store(event) // want OK605 error
	event.Type = kind
	event.Object = object
}

func (l *latest) send(kind string, object any) {
	event := &Event{Type: kind}
	l.events <- event // want OK605 error
	event.Object = object
}

func (l *latest) get() *Event { return l.current.Load() }
