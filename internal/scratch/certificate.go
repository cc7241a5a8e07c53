package scratch

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"time"
)

// certificate returns what stands in for a certificate file.
func (r *Root) certificate(kind, path string) (string, error) {
	if r.opts.Certificate == nil {
		return selfSigned()
	}
	data, err := r.opts.Certificate(kind, path)
	return string(data), err
}

// trust puts an authority where OpenSSL looks for those that the system trusts,
// and leaves the root no link to the machine's own.
func (r *Root) trust() error {
	if !r.opts.Separate {
		return nil
	}
	data, err := r.certificate("ca-file", trusted[0])
	for _, path := range trusted {
		if err == nil && !r.Has(path) {
			err = r.Put(path, data, 0o644)
		}
	}
	return err
}

// selfSigned returns a certificate and its key in one PEM file, as HAProxy
// wants them. It is for reading only: it was never valid for anything.
func selfSigned() (string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "stub.invalid"},
		NotBefore:    time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0), // the clock does not matter
		IsCA: true, BasicConstraintsValid: true,
	}
	certDER, err := x509.CreateCertificate(rand.Reader, cert, cert, key.Public(), key)
	if err != nil {
		return "", err
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certDER})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})), nil
}
