package metadata

import (
	"context"
)

type MD map[string][]string

func (md MD) Copy() MD
func (md MD) Get(k string) []string
func (md MD) Len() int

func FromIncomingContext(ctx context.Context) (MD, bool)
func FromOutgoingContext(ctx context.Context) (MD, bool)
func New(m map[string]string) MD
func Pairs(kv ...string) MD
