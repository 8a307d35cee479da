package example

import (
	"log"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"
)

type controller struct {
	pods map[string]*corev1.Pod
}

func (c *controller) register(informer cache.SharedIndexInformer) {
	informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(obj interface{}) {
			pod, ok := obj.(*corev1.Pod)
			// An informer of pods adds pods.
			if !ok {
				return
			}
			if pod.UID == "" { // want OK604 warning
				return
			}
			c.pods[pod.Name] = pod
		},
		DeleteFunc: func(obj interface{}) {
			pod, ok := obj.(*corev1.Pod)
			if !ok { // want OK604 error
				return
			}
			delete(c.pods, pod.Name)
		},
	})
	informer.AddEventHandler(cache.ResourceEventHandlerFuncs{DeleteFunc: c.deleted})
	informer.AddEventHandler(cache.ResourceEventHandlerFuncs{DeleteFunc: c.deletedFinally})
	informer.AddEventHandler(cache.ResourceEventHandlerFuncs{DeleteFunc: c.told})
}

func (c *controller) deleted(obj interface{}) {
	if _, ok := obj.(*corev1.Pod); !ok { // want OK604 error
		return
	}
	delete(c.pods, obj.(*corev1.Pod).Name)
}

func (c *controller) deletedFinally(obj interface{}) {
	pod, ok := obj.(*corev1.Pod)
	if !ok {
		tombstone, ok := obj.(cache.DeletedFinalStateUnknown)
		if !ok {
			return
		}
		pod, ok = tombstone.Obj.(*corev1.Pod)
		if !ok {
			return
		}
	}
	delete(c.pods, pod.Name)
}

func (c *controller) told(obj interface{}) {
	pod, ok := obj.(*corev1.Pod)
	if !ok {
		log.Printf("unexpected %T", obj)
		return
	}
	delete(c.pods, pod.Name)
}

// No event handler.
func (c *controller) forget(obj interface{}) {
	pod, ok := obj.(*corev1.Pod)
	if !ok {
		return
	}
	if pod.UID == "" {
		return
	}
	delete(c.pods, pod.Name)
}
