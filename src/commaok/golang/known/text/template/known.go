package template

type FuncMap map[string]any
