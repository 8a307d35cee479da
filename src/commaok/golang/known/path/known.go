package path

func Base(path string) string
func Clean(path string) string
func Dir(path string) string
func Ext(path string) string
func Join(elem ...string) string
func Split(path string) (dir, file string)
