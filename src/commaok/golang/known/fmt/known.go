package fmt

type Stringer interface {
	String() string
}

func Errorf(format string, a ...any) error
func Sprint(a ...any) string
func Sprintf(format string, a ...any) string
func Sprintln(a ...any) string
