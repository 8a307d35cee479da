package owners

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
)

func ownerOf(pod *corev1.Pod, uid types.UID) bool {
	for _, ref := range pod.OwnerReferences {
		if *ref.Controller && ref.UID == uid { // want OK501 error
			return true
		}
	}
	return false
}

func newPod(set metav1.Object) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		OwnerReferences: []metav1.OwnerReference{metav1.OwnerReference{ // want OK501 warning
			APIVersion:         "apps/v1",
			Kind:               "StatefulSet",
			Name:               set.GetName(),
			UID:                set.GetUID(),
			BlockOwnerDeletion: ptr.To(true),
		}},
	}}
}

func controls(set metav1.Object, pod *corev1.Pod) bool {
	return metav1.IsControlledBy(pod, set)
}
