package textproto

type MIMEHeader map[string][]string

func (h MIMEHeader) Get(key string) string
func (h MIMEHeader) Values(key string) []string
