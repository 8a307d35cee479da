package labels

type Set map[string]string

func (ls Set) Get(label string) string
func (ls Set) Has(label string) bool
func (ls Set) String() string

func Merge(labels1, labels2 Set) Set
