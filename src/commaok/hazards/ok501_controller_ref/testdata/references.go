package example

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Right, and there is a function for it.
func byHand(pod *corev1.Pod) *metav1.OwnerReference {
	for _, ref := range pod.GetOwnerReferences() { // want OK501 note
		if ref.Controller != nil && *ref.Controller {
			return &ref
		}
	}
	return nil
}

// More than the controller is asked for.
func ofKind(pod *corev1.Pod, kind string) bool {
	for _, ref := range pod.OwnerReferences {
		if ref.Kind == kind && ref.Controller != nil && *ref.Controller {
			return true
		}
	}
	return false
}

func handedIn(ref *metav1.OwnerReference) bool {
	return !*ref.Controller // want OK501 warning
}

func checkedBefore(ref metav1.OwnerReference) bool {
	if ref.Controller == nil {
		return false
	}
	return *ref.Controller
}

func known(pod *corev1.Pod) bool {
	ref := metav1.GetControllerOf(pod)
	return ref != nil && *ref.Controller
}

type gauge struct{ Controller *bool }

func other(g gauge) bool { return *g.Controller }

// An owner for the garbage collector, in a package that asks for controllers.
func own(pod *corev1.Pod, owner metav1.Object) {
	pod.OwnerReferences = append(pod.OwnerReferences, metav1.OwnerReference{APIVersion: "v1", Kind: "Node", Name: owner.GetName(), UID: owner.GetUID()}) // want OK501 note
}

// Only compared.
func same(a metav1.OwnerReference) bool {
	return a == (metav1.OwnerReference{APIVersion: "v1", Kind: "Node", Name: "a", UID: "b"})
}
