package prometheus

type Labels map[string]string
