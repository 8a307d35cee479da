package quota

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

func ensureOne(ctx context.Context, client kubernetes.Interface, pod *corev1.Pod) error {
	pods, err := client.CoreV1().Pods(pod.Namespace).List(ctx, metav1.ListOptions{ResourceVersion: "0"}) // want OK402 error
	if err != nil {
		return err
	}
	if len(pods.Items) > 0 {
		return nil
	}
	_, err = client.CoreV1().Pods(pod.Namespace).Create(ctx, pod, metav1.CreateOptions{})
	return err
}
