package example

import (
	"context"
	"log"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
)

type follower struct {
	client kubernetes.Interface
	pods   map[string]*corev1.Pod
}

// 410 Gone comes as an Error event, and the next watch begins at the same revision.
func (f *follower) retries(ctx context.Context, version string) {
	for ctx.Err() == nil {
		w, err := f.client.CoreV1().Pods("").Watch(ctx, metav1.ListOptions{ResourceVersion: version})
		if err != nil {
			continue
		}
		for event := range w.ResultChan() { // want OK602 error
			pod, ok := event.Object.(*corev1.Pod)
			if !ok {
				continue
			}
			version = pod.ResourceVersion
			switch event.Type {
			case watch.Added, watch.Modified:
				f.pods[pod.Name] = pod
			case watch.Deleted:
				delete(f.pods, pod.Name)
			}
		}
	}
}

// Whoever calls it has to guess why it came back.
func (f *follower) once(w watch.Interface) {
	for event := range w.ResultChan() { // want OK602 warning
		switch event.Type {
		case watch.Added:
			log.Print("added")
		case watch.Deleted:
			log.Print("deleted")
		}
	}
}

func (f *follower) asks(w watch.Interface) error {
	for event := range w.ResultChan() {
		switch event.Type {
		case watch.Added:
			log.Print("added")
		case watch.Error:
			return apierrors.FromObject(event.Object)
		}
	}
	return nil
}

func (f *follower) defaults(w watch.Interface) {
	for event := range w.ResultChan() {
		switch event.Type {
		case watch.Added:
			log.Print("added")
		default:
			log.Printf("unexpected %s", event.Type)
		}
	}
}

// It is looked into elsewhere.
func (f *follower) passes(w watch.Interface, handle func(watch.Event)) {
	for event := range w.ResultChan() {
		handle(event)
		switch event.Type {
		case watch.Added:
			log.Print("added")
		}
	}
}
