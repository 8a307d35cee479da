package v1

import (
	"k8s.io/apimachinery/pkg/types"
)

type TypeMeta struct {
	Kind       string
	APIVersion string
}

type ListMeta struct {
	SelfLink           string
	ResourceVersion    string
	Continue           string
	RemainingItemCount *int64
}

type OwnerReference struct {
	APIVersion         string
	Kind               string
	Name               string
	UID                types.UID
	Controller         *bool
	BlockOwnerDeletion *bool
}

type ObjectMeta struct {
	Name                       string
	GenerateName               string
	Namespace                  string
	SelfLink                   string
	UID                        types.UID
	ResourceVersion            string
	Generation                 int64
	CreationTimestamp          Time
	DeletionTimestamp          *Time
	DeletionGracePeriodSeconds *int64
	Labels                     map[string]string
	Annotations                map[string]string
	OwnerReferences            []OwnerReference
	Finalizers                 []string
	ManagedFields              []ManagedFieldsEntry
}

func (meta *ObjectMeta) GetAnnotations() map[string]string
func (meta *ObjectMeta) GetFinalizers() []string
func (meta *ObjectMeta) GetGeneration() int64
func (meta *ObjectMeta) GetLabels() map[string]string
func (meta *ObjectMeta) GetName() string
func (meta *ObjectMeta) GetNamespace() string
func (meta *ObjectMeta) GetOwnerReferences() []OwnerReference
func (meta *ObjectMeta) GetResourceVersion() string
func (meta *ObjectMeta) GetUID() types.UID

type Object interface {
	GetAnnotations() map[string]string
	GetFinalizers() []string
	GetGeneration() int64
	GetLabels() map[string]string
	GetName() string
	GetNamespace() string
	GetOwnerReferences() []OwnerReference
	GetResourceVersion() string
	GetUID() types.UID
}

type LabelSelector struct {
	MatchLabels      map[string]string
	MatchExpressions []LabelSelectorRequirement
}

type LabelSelectorRequirement struct {
	Key      string
	Operator LabelSelectorOperator
	Values   []string
}

type Condition struct {
	Type               string
	Status             ConditionStatus
	ObservedGeneration int64
	LastTransitionTime Time
	Reason             string
	Message            string
}

func FormatLabelSelector(labelSelector *LabelSelector) string
func GetControllerOf(controllee Object) *OwnerReference
func GetControllerOfNoCopy(controllee Object) *OwnerReference
func IsControlledBy(obj Object, owner Object) bool
func LabelSelectorAsMap(ps *LabelSelector) (map[string]string, error)
