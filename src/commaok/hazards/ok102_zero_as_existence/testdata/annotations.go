package sync

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const paused = "example.com/paused"

func forget(meta *metav1.ObjectMeta) {
	if meta.Annotations[paused] != "" { // want OK102 error
		delete(meta.Annotations, paused)
	}
}

func handle(pods []*corev1.Pod, queue chan<- string) {
	for _, pod := range pods {
		if pod.Labels["app"] == "" { // want OK102 warning
			continue
		}
		queue <- pod.Name
	}
}

func silentSkip(pod *corev1.Pod) {
	if pod.GetAnnotations()[paused] == "" { // want OK102 warning
		return
	}
	pod.Name = ""
}

func used(pod *corev1.Pod) string {
	if name := pod.Annotations["name"]; name != "" { // want OK102 note
		return name
	}
	return pod.Name
}

func other(pod *corev1.Pod) bool {
	return pod.Labels["app"] == "web"
}
