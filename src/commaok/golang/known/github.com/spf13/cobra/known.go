package cobra

type Command struct {
	Use         string
	Aliases     []string
	Short       string
	Long        string
	Example     string
	ValidArgs   []string
	Annotations map[string]string
}

func (c *Command) Commands() []*Command
func (c *Command) Name() string
func (c *Command) Parent() *Command
