package multipart

import (
	"net/textproto"
)

type FileHeader struct {
	Filename string
	Header   textproto.MIMEHeader
	Size     int64
}

type Form struct {
	Value map[string][]string
	File  map[string][]*FileHeader
}
