package cache

import (
	"k8s.io/apimachinery/pkg/util/sets"
)

type IndexFunc func(obj interface{}) ([]string, error)

type Indexers map[string]IndexFunc

type Index map[string]sets.String

type Indices map[string]Index
