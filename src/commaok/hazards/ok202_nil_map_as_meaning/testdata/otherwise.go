package watch

type config struct {
	Selector map[string]string `yaml:"selector,omitempty"`
}

func everything() map[string]string { return map[string]string{"all": "true"} }

func (c *config) defaults() {
	if c.Selector != nil { // want OK202 error
		c.Selector["seen"] = "yes"
	} else {
		c.Selector = everything()
	}
}
