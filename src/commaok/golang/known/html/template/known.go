package template

import (
	"text/template"
)

type FuncMap = template.FuncMap
