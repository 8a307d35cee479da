package pods

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/klog/v2"
)

type index map[string]*corev1.Pod

func (i index) follow(w watch.Interface) error {
	for event := range w.ResultChan() {
		pod, ok := event.Object.(*corev1.Pod)
		if !ok {
			return errUnexpected
		}
		if pod.GetUID() == "" { // want OK604 error
			continue
		}
		if event.Type == watch.Deleted {
			delete(i, string(pod.UID))
			continue
		}
		klog.V(4).Info("seen ", pod.Name)
		i[string(pod.UID)] = pod
	}
	return errClosed
}

type loss string

func (l loss) Error() string { return string(l) }

const (
	errClosed     = loss("the watch is closed")
	errUnexpected = loss("an event without a pod")
)
