package example

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/pointer"
)

// Nobody in this package looks for a controller.
func own(pod *corev1.Pod, owner metav1.Object) {
	pod.OwnerReferences = []metav1.OwnerReference{metav1.OwnerReference{Kind: "Node", Name: owner.GetName(), UID: owner.GetUID()}} // want OK501 note
}

func control(pod *corev1.Pod, owner metav1.Object) {
	pod.OwnerReferences = []metav1.OwnerReference{{
		Kind:       "Node",
		Name:       owner.GetName(),
		UID:        owner.GetUID(),
		Controller: pointer.Bool(true),
	}}
}

func ownAgain(pod *corev1.Pod, owner metav1.Object) {
	pod.OwnerReferences = []metav1.OwnerReference{{ // want OK501 note
		Kind: "Node",
		Name: owner.GetName(),
		UID:  owner.GetUID(), // no controller
	}}
}
