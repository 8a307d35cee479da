package example

import (
	"context"
	"log"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// Options in a variable; what is not in the list is deleted.
func sweep(ctx context.Context, client kubernetes.Interface, known map[string]bool) {
	options := metav1.ListOptions{}
	options.ResourceVersion = "0"
	pods, err := client.CoreV1().Pods("").List(ctx, options) // want OK402 error
	if err != nil {
		return
	}
	for _, pod := range pods.Items {
		if !known[pod.Name] {
			client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{})
		}
	}
}

// It decides, and nothing is written.
func count(ctx context.Context, client kubernetes.Interface) bool {
	options := metav1.ListOptions{ResourceVersion: "0"}
	nodes, err := client.CoreV1().Nodes().List(ctx, options) // want OK402 warning
	if err != nil {
		return false
	}
	if len(nodes.Items) == 0 {
		log.Print("no nodes")
	}
	return true
}

// Only shown.
func show(ctx context.Context, client kubernetes.Interface) {
	nodes, _ := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{ResourceVersion: "0"}) // want OK402 note
	log.Print(nodes)
}

// An informer watches from the list's version on.
func informer(client kubernetes.Interface) cache.ListerWatcher {
	return &cache.ListWatch{
		ListFunc: func(options metav1.ListOptions) (runtime.Object, error) {
			options.ResourceVersion = "0"
			return client.CoreV1().Pods("").List(context.TODO(), options)
		},
		WatchFunc: func(options metav1.ListOptions) (watch.Interface, error) {
			return client.CoreV1().Pods("").Watch(context.TODO(), options)
		},
	}
}

// A watch brings it up to date.
func listAndWatch(ctx context.Context, client kubernetes.Interface) (watch.Interface, error) {
	pods, err := client.CoreV1().Pods("").List(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if err != nil {
		return nil, err
	}
	return client.CoreV1().Pods("").Watch(ctx, metav1.ListOptions{ResourceVersion: pods.ResourceVersion})
}

// The current state, and a version of its own.
func fresh(ctx context.Context, client kubernetes.Interface, version string) int {
	pods, _ := client.CoreV1().Pods("").List(ctx, metav1.ListOptions{ResourceVersion: version})
	nodes, _ := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if len(pods.Items) == 0 {
		client.CoreV1().Pods("").DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
	}
	return len(nodes.Items)
}

// Another type's field.
type version struct{ ResourceVersion string }

var first = version{ResourceVersion: "0"}

// The cache first, because it is cheap; the current state when that did not do.
func firstTry(ctx context.Context, client kubernetes.Interface, name string, first bool) error {
	nodes := client.CoreV1().Nodes()
	node, err := nodes.Get(ctx, name, metav1.GetOptions{ResourceVersion: "0"}) // want OK402 warning
	if !first {
		node, err = nodes.Get(ctx, name, metav1.GetOptions{})
	}
	if err != nil || node.Spec.Unschedulable {
		return err
	}
	return nodes.Delete(ctx, name, metav1.DeleteOptions{})
}
