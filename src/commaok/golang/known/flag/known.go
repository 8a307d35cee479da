package flag

func Arg(i int) string
func Args() []string
func NArg() int
