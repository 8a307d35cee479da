package gin

type H map[string]any
