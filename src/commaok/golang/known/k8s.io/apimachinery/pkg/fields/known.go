package fields

type Set map[string]string

func (ls Set) Get(field string) string
func (ls Set) Has(field string) bool
func (ls Set) String() string
