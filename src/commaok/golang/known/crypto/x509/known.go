package x509

type Certificate struct {
	Raw            []byte
	DNSNames       []string
	EmailAddresses []string
}

func ParseCertificate(der []byte) (*Certificate, error)
func ParseCertificates(der []byte) ([]*Certificate, error)
