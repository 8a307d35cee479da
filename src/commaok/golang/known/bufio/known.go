package bufio

import (
	"io"
)

type Reader struct{}

type Scanner struct{}

func NewReader(rd io.Reader) *Reader
func NewScanner(r io.Reader) *Scanner

func (b *Reader) ReadBytes(delim byte) ([]byte, error)
func (b *Reader) ReadLine() (line []byte, isPrefix bool, err error)
func (b *Reader) ReadString(delim byte) (string, error)
func (s *Scanner) Bytes() []byte
func (s *Scanner) Err() error
func (s *Scanner) Scan() bool
func (s *Scanner) Text() string
