package lab

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"slices"
	"sync"
	"time"
)

// authority signs every certificate in a lab: those of HAProxy, of the servers
// and of the client, so that whoever verifies one finds it good.
type authority struct {
	cert  *x509.Certificate
	key   *ecdsa.PrivateKey
	pem   []byte
	names []string // that a certificate is good for beside those asked for

	mu     sync.Mutex
	issued map[[2]string]*tls.Certificate // by what they are called and the name
}

// authorityPEM is an authority on its way to an agent. It is worth nothing
// outside of the lab.
type authorityPEM struct {
	Cert, Key []byte
	Names     []string
}

// newAuthority makes one whose certificates are good for the names.
func newAuthority(names []string) (authorityPEM, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return authorityPEM{}, err
	}
	cert := template("lbgen rehearsal")
	cert.IsCA, cert.BasicConstraintsValid, cert.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, key.Public(), key)
	if err != nil {
		return authorityPEM{}, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return authorityPEM{}, err
	}
	return authorityPEM{Cert: block("CERTIFICATE", der), Key: block("PRIVATE KEY", keyDER), Names: names}, nil
}

func template(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0), // no clock matters here
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func (p authorityPEM) open() (*authority, error) {
	pair, err := tls.X509KeyPair(p.Cert, p.Key)
	if err != nil {
		return nil, err
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("a key of type %T", pair.PrivateKey)
	}
	return &authority{cert: pair.Leaf, key: key, pem: p.Cert, names: p.Names, issued: map[[2]string]*tls.Certificate{}}, nil
}

// issue returns a certificate that is good for the name, an address or a host's,
// and for those that all are good for.
func (a *authority) issue(name string) (*tls.Certificate, error) {
	return a.issueAs("stub.invalid", name)
}

// issueAs is issue, with what the certificate is called by: so is seen which of the
// files of haproxy.cfg was shown.
func (a *authority) issueAs(subject, name string) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := [2]string{subject, name}
	if c, ok := a.issued[key]; ok {
		return c, nil
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	cert := template(subject)
	for _, n := range slices.Concat([]string{name}, a.names) {
		if ip := net.ParseIP(n); ip != nil {
			cert.IPAddresses = append(cert.IPAddresses, ip)
		} else if n != "" {
			cert.DNSNames = append(cert.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, a.cert, private.Public(), a.key)
	if err != nil {
		return nil, err
	}
	a.issued[key] = &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}
	return a.issued[key], nil
}

// server is a server's side of TLS, with a certificate for whatever name is
// asked for.
func (a *authority) server() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
			name := h.ServerName
			if name == "" {
				name, _, _ = net.SplitHostPort(h.Conn.LocalAddr().String())
			}
			return a.issue(name)
		},
	}
}

// client is a client's side. It shows a certificate if it is asked for one, and
// takes every one that it is shown: those of the site are replaced by a stub, so that
// there is nothing to be learnt from theirs.
func (a *authority) client(host string) *tls.Config {
	return &tls.Config{
		ServerName: host, InsecureSkipVerify: true,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return a.issue("client") },
	}
}

// revoked is its list of those that are: none.
func (a *authority) revoked() ([]byte, error) {
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: a.cert.NotBefore, NextUpdate: a.cert.NotAfter}
	der, err := x509.CreateRevocationList(rand.Reader, list, a.cert, a.key)
	return block("X509 CRL", der), err
}

// file returns what stands in for a certificate file of haproxy.cfg: the
// authority's own where others are verified with it, one with its key otherwise.
func (a *authority) file(kind, path string) ([]byte, error) {
	switch kind {
	case "crt":
	case "crl-file":
		return a.revoked()
	default:
		return a.pem, nil
	}
	c, err := a.issueAs(path, "")
	if err != nil {
		return nil, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		return nil, err
	}
	return slices.Concat(block("CERTIFICATE", c.Certificate[0]), block("PRIVATE KEY", key)), nil
}
