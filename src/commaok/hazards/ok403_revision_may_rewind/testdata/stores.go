package example

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

type follower struct {
	client  kubernetes.Interface
	lastRV  string
	seenRV  string
	onlyRev string
}

// One stream, which is ordered: the place that stores it is the only one.
func (f *follower) follow(w watch.Interface) {
	for event := range w.ResultChan() {
		f.onlyRev = event.Object.(*corev1.Pod).ResourceVersion // want OK403 note
	}
}

// A handler is called for relists too.
func (f *follower) register(informer cache.SharedInformer) {
	informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		UpdateFunc: func(old, new interface{}) {
			f.seenRV = new.(*corev1.Pod).ResourceVersion // want OK403 warning
		},
	})
}

func (f *follower) list(ctx context.Context) {
	pods, err := f.client.CoreV1().Pods("").List(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if err != nil {
		return
	}
	f.lastRV = pods.ResourceVersion // want OK403 error
}

func (f *follower) next(ctx context.Context, w watch.Interface) (watch.Interface, error) {
	event := <-w.ResultChan()
	f.lastRV = event.Object.(*corev1.Pod).GetResourceVersion() // want OK403 error
	return f.client.CoreV1().Pods("").Watch(ctx, metav1.ListOptions{ResourceVersion: f.lastRV})
}

type response struct{ Revision int64 }

type counter struct {
	revision int64
	rev      int64
}

type header struct{ Header response }

// Compared first.
func (c *counter) advance(h header) {
	if h.Header.Revision <= c.revision {
		return
	}
	c.revision = h.Header.Revision
}

// What an update is based on, and a variable of the function's own.
func update(old, changed *corev1.Pod) string {
	changed.ResourceVersion = old.ResourceVersion
	var rv string
	rv = old.ResourceVersion
	return rv
}
