package nodes

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	toolswatch "k8s.io/client-go/tools/watch"
)

type tracker struct {
	client  kubernetes.Interface
	changed func(node *corev1.Node)
}

// run opens the watch again from the last resourceVersion for as long as the history is there, and
// returns when it is not: the caller lists anew.
func (t *tracker) run(ctx context.Context, resourceVersion string) error {
	watcher, err := toolswatch.NewRetryWatcher(resourceVersion, &cache.ListWatch{
		WatchFunc: func(options metav1.ListOptions) (watch.Interface, error) {
			return t.client.CoreV1().Nodes().Watch(ctx, options)
		},
	})
	if err != nil {
		return err
	}
	defer watcher.Stop()
	for event := range watcher.ResultChan() {
		if event.Type == watch.Error {
			return errorOf(event.Object)
		}
		if node, ok := event.Object.(*corev1.Node); ok {
			t.changed(node)
		}
	}
	return ctx.Err()
}

func errorOf(object runtime.Object) error {
	if status, ok := object.(*metav1.Status); ok {
		return &statusError{status}
	}
	return nil
}

type statusError struct{ *metav1.Status }

func (e *statusError) Error() string { return e.Message }
