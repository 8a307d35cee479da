package rand

type Rand struct{}

func Int() int
func Intn(n int) int
func Perm(n int) []int

func (r *Rand) Perm(n int) []int
