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
	event.Type = kind
	event.Object = object
	l.current.Store(event)
}

func (l *latest) send(kind string, object any) {
	event := &Event{Type: kind}
	event.Object = object
	l.events <- event
}

func (l *latest) get() *Event { return l.current.Load() }
