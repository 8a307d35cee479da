package v1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

type DeploymentSpec struct {
	Selector *metav1.LabelSelector
	Template corev1.PodTemplateSpec
}

type Deployment struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Spec   DeploymentSpec
	Status DeploymentStatus
}

type StatefulSetSpec struct {
	Selector *metav1.LabelSelector
	Template corev1.PodTemplateSpec
}

type StatefulSet struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Spec   StatefulSetSpec
	Status StatefulSetStatus
}

type DaemonSetSpec struct {
	Selector *metav1.LabelSelector
	Template corev1.PodTemplateSpec
}

type DaemonSet struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Spec   DaemonSetSpec
	Status DaemonSetStatus
}

type ReplicaSetSpec struct {
	Selector *metav1.LabelSelector
	Template corev1.PodTemplateSpec
}

type ReplicaSet struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Spec   ReplicaSetSpec
	Status ReplicaSetStatus
}
