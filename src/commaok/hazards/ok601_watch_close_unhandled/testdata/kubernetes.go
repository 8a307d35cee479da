package example

import (
	"context"
	"log"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
)

type cache map[string]*corev1.Pod

// A closed channel is ready at once, with a zero event.
func (c cache) blind(ctx context.Context, w watch.Interface) {
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-w.ResultChan(): // want OK601 error
			if pod, ok := event.Object.(*corev1.Pod); ok {
				c[pod.Name] = pod
			}
		}
	}
}

// The break leaves the select, and the loop comes back.
func (c cache) goesRound(w watch.Interface) {
	events := w.ResultChan()
	for {
		select {
		case event, ok := <-events:
			if !ok { // want OK601 error
				log.Print("the watch is closed")
				break
			}
			c[event.Object.(*corev1.Pod).Name] = nil
		}
	}
}

func (c cache) continues(client kubernetes.Interface, ctx context.Context) {
	w, err := client.CoreV1().Pods("").Watch(ctx, metav1.ListOptions{})
	if err != nil {
		return
	}
	for {
		event, ok := <-w.ResultChan()
		if !ok { // want OK601 error
			continue
		}
		c[event.Object.(*corev1.Pod).Name] = nil
	}
}

// Opened again, from now; what was deleted in between stays in the cache.
func (c cache) fromNow(ctx context.Context, client kubernetes.Interface) {
	for ctx.Err() == nil {
		w, err := client.CoreV1().Pods("").Watch(ctx, metav1.ListOptions{LabelSelector: "a=b"}) // want OK601 error
		if err != nil {
			continue
		}
		for event := range w.ResultChan() {
			pod, _ := event.Object.(*corev1.Pod)
			switch event.Type {
			case watch.Deleted:
				delete(c, pod.Name)
			default:
				c[pod.Name] = pod
			}
		}
	}
}

// Nothing is done about deletions here, so a gap in them does no harm.
func (c cache) onlyAdds(ctx context.Context, client kubernetes.Interface) {
	for ctx.Err() == nil {
		w, err := client.CoreV1().Pods("").Watch(ctx, metav1.ListOptions{}) // want OK601 warning
		if err != nil {
			continue
		}
		for event := range w.ResultChan() {
			pod, _ := event.Object.(*corev1.Pod)
			c[pod.Name] = pod
		}
	}
}

// The literal is the goroutine.
func (c cache) literal(w watch.Interface) {
	go func() {
		defer w.Stop()
		for event := range w.ResultChan() { // want OK601 error
			c[event.Object.(*corev1.Pod).Name] = nil
		}
	}()
}

// Called once and for all: main comes back from it.
func follow(w watch.Interface) {
	for event := range w.ResultChan() { // want OK601 warning
		log.Print(event.Type)
	}
}

func start(w watch.Interface) { follow(w) }
