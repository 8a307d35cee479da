package v1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

type ResourceName string

type ResourceList map[ResourceName]resource.Quantity

type ConfigMap struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Immutable  *bool
	Data       map[string]string
	BinaryData map[string][]byte
}

type Secret struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Immutable  *bool
	Data       map[string][]byte
	StringData map[string]string
	Type       SecretType
}

type EnvVar struct {
	Name      string
	Value     string
	ValueFrom *EnvVarSource
}

type ResourceRequirements struct {
	Limits   ResourceList
	Requests ResourceList
}

type Container struct {
	Name         string
	Image        string
	Command      []string
	Args         []string
	WorkingDir   string
	Ports        []ContainerPort
	EnvFrom      []EnvFromSource
	Env          []EnvVar
	Resources    ResourceRequirements
	VolumeMounts []VolumeMount
}

type PodSpec struct {
	Volumes            []Volume
	InitContainers     []Container
	Containers         []Container
	NodeSelector       map[string]string
	ServiceAccountName string
	NodeName           string
	Hostname           string
	Tolerations        []Toleration
	Overhead           ResourceList
}

type PodStatus struct {
	Phase                 PodPhase
	Conditions            []PodCondition
	Message               string
	Reason                string
	HostIP                string
	PodIP                 string
	PodIPs                []PodIP
	InitContainerStatuses []ContainerStatus
	ContainerStatuses     []ContainerStatus
}

type Pod struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Spec   PodSpec
	Status PodStatus
}

type PodList struct {
	metav1.TypeMeta
	metav1.ListMeta
	Items []Pod
}

type PodTemplateSpec struct {
	metav1.ObjectMeta
	Spec PodSpec
}

type NodeStatus struct {
	Capacity    ResourceList
	Allocatable ResourceList
	Conditions  []NodeCondition
	Addresses   []NodeAddress
}

type NodeSpec struct {
	PodCIDR    string
	PodCIDRs   []string
	ProviderID string
	Taints     []Taint
}

type Node struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Spec   NodeSpec
	Status NodeStatus
}

type Namespace struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Spec   NamespaceSpec
	Status NamespaceStatus
}

type ServiceSpec struct {
	Ports       []ServicePort
	Selector    map[string]string
	ClusterIP   string
	ClusterIPs  []string
	ExternalIPs []string
}

type Service struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Spec   ServiceSpec
	Status ServiceStatus
}

type ReplicationControllerSpec struct {
	Replicas *int32
	Selector map[string]string
	Template *PodTemplateSpec
}

type ReplicationController struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Spec   ReplicationControllerSpec
	Status ReplicationControllerStatus
}

type PersistentVolume struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Spec   PersistentVolumeSpec
	Status PersistentVolumeStatus
}

type PersistentVolumeClaim struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Spec   PersistentVolumeClaimSpec
	Status PersistentVolumeClaimStatus
}

type ServiceAccount struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Secrets []ObjectReference
}

type Endpoints struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Subsets []EndpointSubset
}
