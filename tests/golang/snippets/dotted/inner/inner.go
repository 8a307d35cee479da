// Package renamed is not called like its directory.
package renamed

type Registry map[string]*Entry

type Entry struct{ Tags map[string]string }

type Alias = Registry

var Default = Registry{}

func Open() (*Entry, error) { return nil, nil }
