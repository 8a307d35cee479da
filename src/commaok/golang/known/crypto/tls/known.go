package tls

import (
	"crypto/x509"
)

type Certificate struct {
	Certificate [][]byte
	Leaf        *x509.Certificate
}

type ConnectionState struct {
	ServerName       string
	PeerCertificates []*x509.Certificate
	VerifiedChains   [][]*x509.Certificate
}

type Config struct {
	Certificates []Certificate
	NextProtos   []string
	ServerName   string
}

func LoadX509KeyPair(certFile, keyFile string) (Certificate, error)
func X509KeyPair(certPEMBlock, keyPEMBlock []byte) (Certificate, error)
