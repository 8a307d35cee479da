package example

import (
	"context"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/watch"
)

func follow(w watch.Interface, pods map[string]*corev1.Pod, names []string) error {
	for event := range w.ResultChan() {
		if event.Object == nil { // want OK604 warning
			continue
		}
		pod, ok := event.Object.(*corev1.Pod)
		if !ok {
			return fmt.Errorf("unexpected %T", event.Object)
		}
		// What is asked is about the pod's state, not whether it is one.
		if pod.Spec.NodeName == "" {
			continue
		}
		if pod.DeletionTimestamp != nil {
			continue
		}
		if pod.Name == "" {
			return fmt.Errorf("a pod without a name")
		}
		for range names {
			// This leaves out a name, not the event.
			if pod.Name == "" {
				continue
			}
		}
		pods[pod.Name] = pod
	}
	return nil
}

func changes(ctx context.Context, client *clientv3.Client, values map[string]string) {
	for response := range client.Watch(ctx, "/a") {
		for _, event := range response.Events {
			if event.Kv == nil { // want OK604 error
				continue
			}
			if event.Type == clientv3.EventTypeDelete {
				delete(values, string(event.Kv.Key))
			}
		}
	}
}
