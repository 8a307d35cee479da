package example

import (
	"context"
	"errors"
	"log"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
)

// The caller learns of the end.
func returns(w watch.Interface) error {
	for event := range w.ResultChan() {
		log.Print(event.Type)
	}
	return errors.New("the watch is closed")
}

// Somebody opens it again.
func again(w watch.Interface, done <-chan struct{}) {
	go wait.Until(func() {
		for event := range w.ResultChan() {
			log.Print(event.Type)
		}
	}, time.Second, done)
	go wait.Until(func() { once(w) }, time.Second, done)
}

func once(w watch.Interface) {
	for event := range w.ResultChan() {
		log.Print(event.Type)
	}
}

// The end is passed on: whoever ranges over the result sees it close.
func filtered(w watch.Interface) <-chan watch.Event {
	result := make(chan watch.Event)
	go func() {
		defer close(result)
		for event := range w.ResultChan() {
			result <- event
		}
	}()
	return result
}

// It is told.
func logged(w watch.Interface) {
	go func() {
		for event := range w.ResultChan() {
			log.Print(event.Type)
		}
		log.Print("the watch is closed")
	}()
}

// It waits for one pod, and leaves.
func waits(w watch.Interface, name string) {
	go func() {
		for event := range w.ResultChan() {
			if pod, ok := event.Object.(*corev1.Pod); ok && pod.Name == name {
				return
			}
		}
	}()
}

func asks(ctx context.Context, w watch.Interface) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case event, ok := <-w.ResultChan():
			if !ok {
				return errors.New("the watch is closed")
			}
			log.Print(event.Type)
		}
	}
}

// The zero event is told apart by its object, or its type.
func zero(w watch.Interface) {
	for {
		event := <-w.ResultChan()
		if event.Object == nil {
			return
		}
	}
}

func opensAgain(ctx context.Context, open func() watch.Interface) {
	w := open()
	for {
		event, ok := <-w.ResultChan()
		if !ok {
			w = open()
			continue
		}
		log.Print(event.Type)
	}
}

// A list comes first each time, and the watch begins where it ended.
func listsAgain(ctx context.Context, client kubernetes.Interface) {
	for {
		pods, err := client.CoreV1().Pods("").List(ctx, metav1.ListOptions{})
		if err != nil {
			continue
		}
		w, err := client.CoreV1().Pods("").Watch(ctx, metav1.ListOptions{ResourceVersion: pods.ResourceVersion})
		if err != nil {
			continue
		}
		for event := range w.ResultChan() {
			log.Print(event.Type == watch.Deleted)
		}
	}
}

// Not a watch.
func others(numbers chan int, names func() chan string) {
	go func() {
		for number := range numbers {
			log.Print(number)
		}
	}()
	for {
		name := <-names()
		log.Print(name)
	}
}

// One receive is no loop.
func first(w watch.Interface) watch.EventType {
	event := <-w.ResultChan()
	return event.Type
}

// What has no metadata is an error, and the zero event has none.
func names(w watch.Interface, add func(string)) error {
	for {
		event := <-w.ResultChan()
		object, err := meta.Accessor(event.Object)
		if err != nil {
			return err
		}
		add(object.GetName())
	}
}
