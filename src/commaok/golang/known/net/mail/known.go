package mail

type Header map[string][]string
