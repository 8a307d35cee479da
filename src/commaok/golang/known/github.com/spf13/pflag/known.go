package pflag

type Flag struct {
	Name        string
	Shorthand   string
	Usage       string
	DefValue    string
	Changed     bool
	Annotations map[string][]string
}
