package reflect

type Kind uint

type StructTag string

type Value struct{}

type StructField struct {
	Name      string
	PkgPath   string
	Type      Type
	Tag       StructTag
	Index     []int
	Anonymous bool
}

type Type interface {
	Elem() Type
	Field(i int) StructField
	FieldByName(name string) (StructField, bool)
	In(i int) Type
	Key() Type
	Kind() Kind
	Name() string
	NumField() int
	Out(i int) Type
	PkgPath() string
	String() string
}

func DeepEqual(x, y any) bool
func Indirect(v Value) Value
func New(typ Type) Value
func TypeOf(i any) Type
func ValueOf(i any) Value

func (v Value) Bytes() []byte
func (v Value) Call(in []Value) []Value
func (v Value) Elem() Value
func (v Value) Field(i int) Value
func (v Value) FieldByName(name string) Value
func (v Value) Index(i int) Value
func (v Value) Interface() (i any)
func (v Value) Kind() Kind
func (v Value) Len() int
func (v Value) MapIndex(key Value) Value
func (v Value) MapKeys() []Value
func (v Value) MethodByName(name string) Value
func (v Value) String() string
func (v Value) Type() Type
