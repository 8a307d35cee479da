package unstructured

type Unstructured struct {
	Object map[string]interface{}
}

type UnstructuredList struct {
	Object map[string]interface{}
	Items  []Unstructured
}

func (u *Unstructured) GetAnnotations() map[string]string
func (u *Unstructured) GetLabels() map[string]string
func (u *Unstructured) GetName() string
func (u *Unstructured) GetNamespace() string
func (u *Unstructured) GetResourceVersion() string
func (u *Unstructured) UnstructuredContent() map[string]interface{}

func NestedMap(obj map[string]interface{}, fields ...string) (map[string]interface{}, bool, error)
func NestedSlice(obj map[string]interface{}, fields ...string) ([]interface{}, bool, error)
func NestedString(obj map[string]interface{}, fields ...string) (string, bool, error)
func NestedStringMap(obj map[string]interface{}, fields ...string) (map[string]string, bool, error)
func NestedStringSlice(obj map[string]interface{}, fields ...string) ([]string, bool, error)
