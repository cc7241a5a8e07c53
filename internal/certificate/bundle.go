package certificate

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
)

// Bundle is a certificate, its chain and its key.
type Bundle struct {
	Chain Chain
	// PEM is one file with all of it, as HAProxy reads it; nil where the key is not at hand.
	PEM []byte
	// KeyStart and KeyEnd are where in PEM the key stands, without the lines around it.
	KeyStart, KeyEnd int
}

// Problem is why files are no certificate for HAProxy. It never repeats a key.
type Problem struct{ Summary, Remedy string }

func (p *Problem) Error() string { return p.Summary + ": " + p.Remedy }

// Read reads a certificate with its chain and its key from PEM files, in the order in which
// they are put together. With needsKey there has to be a key in one of them. What is no PEM,
// such as the names that openssl pkcs12 writes between the blocks, is left out.
func Read(needsKey bool, files ...[]byte) (Bundle, error) {
	var b Bundle
	var chain, out bytes.Buffer
	var key crypto.Signer
	for _, data := range files {
		for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
			text := pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes})
			switch {
			case block.Type == "CERTIFICATE":
				chain.Write(text)
			case strings.HasSuffix(block.Type, "PRIVATE KEY"):
				one, err := privateKey(block)
				if err == nil && key != nil {
					err = &Problem{"there are two private keys", "HAProxy takes one: leave the certificate's"}
				}
				if err != nil {
					return Bundle{}, err
				}
				key = one
				b.KeyStart = out.Len() + bytes.IndexByte(text, '\n') + 1
				b.KeyEnd = out.Len() + bytes.LastIndex(text, []byte("\n-----END"))
			}
			if block.Type == "CERTIFICATE" || block.Type == "DH PARAMETERS" || strings.HasSuffix(block.Type, "PRIVATE KEY") {
				out.Write(text)
			}
		}
	}
	var err error
	if b.Chain, err = Parse(chain.Bytes()); err != nil {
		return Bundle{}, &Problem{err.Error(), "write the certificate, then each one that has signed the one before it, as PEM"}
	}
	if key == nil {
		if needsKey {
			return Bundle{}, &Problem{"there is no private key", "put it behind the certificates, or write {cert: FILE, key: FILE}"}
		}
		return b, nil
	}
	if !fits(key, b.Chain.Leaf()) {
		return Bundle{}, &Problem{"the private key is not that of the certificate", b.Chain.stray(key)}
	}
	b.PEM = out.Bytes()
	return b, nil
}

// fits says whether the key is that of the certificate.
func fits(key crypto.Signer, c *x509.Certificate) bool {
	public, ok := c.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(key.Public())
}

// stray says whose key it is that does not fit the first certificate.
func (c Chain) stray(key crypto.Signer) string {
	for i, one := range c {
		if fits(key, one) {
			return fmt.Sprintf("it is that of certificate %d: the server's certificate stands first, those that have signed it behind it", i+1)
		}
	}
	return "take the key with which the certificate was asked for"
}

// privateKey reads a key in any of the forms that HAProxy takes without a pass phrase.
func privateKey(block *pem.Block) (crypto.Signer, error) {
	if block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
		return nil, &Problem{"the private key has a pass phrase", "HAProxy cannot ask for it when it starts: openssl pkey -in FILE -out FILE2 " +
			"takes it off"}
	}
	var key any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	signer, ok := key.(crypto.Signer)
	if err != nil || !ok { // the error may quote what it has read
		return nil, &Problem{"the private key cannot be read", "it has to be RSA, EC or Ed25519, as openssl genpkey writes it"}
	}
	return signer, nil
}

// The sizes in bits below which a key no longer is safe (NIST SP 800-57, 112 bits of security), and
// which browsers refuse.
const (
	leastRSA = 2048
	leastEC  = 224
)

// Weak says what of the chain's keys and signatures no client should trust any more, "" if
// nothing. A root signs itself, which nobody looks at.
func (c Chain) Weak() string {
	for i, one := range c {
		what := fmt.Sprintf("certificate %d", i+1)
		if i == 0 {
			what = "the certificate"
		}
		switch key := one.PublicKey.(type) {
		case *rsa.PublicKey:
			if bits := key.N.BitLen(); bits < leastRSA {
				return fmt.Sprintf("%s has an RSA key of %d bits", what, bits)
			}
		case *ecdsa.PublicKey:
			if bits := key.Curve.Params().BitSize; bits < leastEC {
				return fmt.Sprintf("%s has an EC key of %d bits", what, bits)
			}
		}
		old := one.SignatureAlgorithm == x509.SHA1WithRSA || one.SignatureAlgorithm == x509.ECDSAWithSHA1 ||
			one.SignatureAlgorithm == x509.MD5WithRSA
		if old && !bytes.Equal(one.RawIssuer, one.RawSubject) {
			return what + " is signed with " + one.SignatureAlgorithm.String()
		}
	}
	return ""
}

// Alone says whether the chain ends with the server's certificate though another authority
// than a root has signed it: its own words say where that one's certificate is to be had.
func (c Chain) Alone() bool {
	return len(c) == 1 && len(c.Leaf().IssuingCertificateURL) > 0 && !bytes.Equal(c.Leaf().RawIssuer, c.Leaf().RawSubject)
}

// Covers says whether the certificate is good for the host.
func (c Chain) Covers(host string) bool { return c.Leaf().VerifyHostname(host) == nil }
