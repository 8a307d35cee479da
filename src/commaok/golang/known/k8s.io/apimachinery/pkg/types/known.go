package types

type UID string

type PatchType string

type NodeName string

type NamespacedName struct {
	Namespace string
	Name      string
}

func (n NamespacedName) String() string
