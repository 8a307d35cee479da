package controller

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

type client interface {
	Get(ctx context.Context, name string, into *corev1.Pod) error
}

func mark(ctx context.Context, c client) {
	pod := &corev1.Pod{}
	if err := c.Get(ctx, "a", pod); err != nil {
		return
	}
	pod.Annotations["seen"] = "yes" // want OK201 error
}

func markCopy(pod *corev1.Pod) *corev1.Pod {
	var updated *corev1.Pod = pod.DeepCopy()
	updated.Labels["seen"] = "yes" // want OK201 error
	return updated
}

func MarkGiven(pod *corev1.Pod) {
	pod.Labels["seen"] = "yes" // want OK201 warning
}

func markGetter(object metav1.Object) {
	labels := object.GetLabels()
	labels["seen"] = "yes" // want OK201 error
	object.SetLabels(labels)
}

func markNew(config *corev1.ConfigMap) {
	fresh := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{}}}
	fresh.Labels["seen"] = "yes"
	if config.Data == nil {
		config.Data = map[string]string{}
	}
	config.Data["seen"] = "yes"
}

func ensure(object *metav1.ObjectMeta) {
	if object.Annotations == nil {
		object.Annotations = map[string]string{}
	}
}

func markEnsured(pod *corev1.Pod) {
	ensure(&pod.ObjectMeta)
	pod.Annotations["seen"] = "yes"
}

func caller(pod *corev1.Pod) {
	if pod.Labels == nil {
		pod.Labels = make(map[string]string)
	}
	markPrepared(pod)
}

func markPrepared(pod *corev1.Pod) {
	pod.Labels["seen"] = "yes"
}
