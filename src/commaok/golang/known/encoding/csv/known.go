package csv

import (
	"io"
)

type Reader struct{}

func NewReader(r io.Reader) *Reader

func (r *Reader) Read() (record []string, err error)
func (r *Reader) ReadAll() (records [][]string, err error)
