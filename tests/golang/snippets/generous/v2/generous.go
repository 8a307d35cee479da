// Package generous exports what dot imports use.
package generous

var Shared map[string][]int

func Make() map[string]int { return nil }
