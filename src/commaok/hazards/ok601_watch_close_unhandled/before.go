package nodes

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
)

type tracker struct {
	client  kubernetes.Interface
	changed func(node *corev1.Node)
}

func (t *tracker) run(ctx context.Context) error {
	watcher, err := t.client.CoreV1().Nodes().Watch(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	go t.follow(watcher)
	return nil
}

func (t *tracker) follow(watcher watch.Interface) {
	for event := range watcher.ResultChan() { // want OK601 error
		if node, ok := event.Object.(*corev1.Node); ok {
			t.changed(node)
		}
	}
}
