package certificate_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/certificate"
)

func block(t *testing.T, kind string, der []byte, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func pkcs8(t *testing.T, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return block(t, "PRIVATE KEY", der, err)
}

func sec1(t *testing.T, key *ecdsa.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalECPrivateKey(key)
	return block(t, "EC PRIVATE KEY", der, err)
}

// TestRead: the file that HAProxy gets has the certificates and the key and nothing else, and
// the key is where it is said to be.
func TestRead(t *testing.T) {
	var none *authority
	root, rootPEM := none.sign(t, "root", -day, 365*day)
	leaf, leafPEM := root.sign(t, "shop", -day, 90*day)
	key, other := pkcs8(t, leaf.key), pkcs8(t, root.key)
	const parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
	for name, files := range map[string][]string{
		"one file":         {leafPEM + rootPEM + key},
		"key first":        {key + leafPEM + rootPEM},
		"two files":        {leafPEM + rootPEM, key},
		"SEC 1":            {leafPEM + rootPEM, parameters + sec1(t, leaf.key)},
		"words, CR and LF": {"Bag Attributes\r\n  friendlyName: shop\r\n" + strings.ReplaceAll(leafPEM+rootPEM+key, "\n", "\r\n")},
		"no newline":       {strings.TrimSuffix(leafPEM+rootPEM, "\n"), key},
	} {
		b, err := certificate.Read(true, contents(files)...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		secret := string(b.PEM[b.KeyStart:b.KeyEnd])
		if !strings.HasPrefix(secret, "MI") && !strings.HasPrefix(secret, "MH") || strings.Contains(secret, "-----") {
			t.Errorf("%s: the key is not where it is said to be: %q", name, secret)
		}
		rest := string(b.PEM[:b.KeyStart]) + string(b.PEM[b.KeyEnd:])
		if len(b.Chain) != 2 || strings.Count(rest, "-----BEGIN") != 3 || strings.ContainsAny(rest, "\r") || strings.Contains(rest, "friendly") {
			t.Errorf("%s: %d certificates\n%s", name, len(b.Chain), rest)
		}
	}
	encrypted := "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n"
	for name, tt := range map[string]struct {
		files []string
		says  string
	}{
		"nothing":               {[]string{""}, "there is no certificate"},
		"a key alone":           {[]string{key}, "there is no certificate"},
		"no key":                {[]string{leafPEM}, "there is no private key"},
		"another key":           {[]string{rootPEM + key}, "the private key is not that of the certificate: take the key"},
		"the wrong order":       {[]string{rootPEM + leafPEM + key}, "it is that of certificate 2: the server's certificate stands first"},
		"two keys":              {[]string{leafPEM + key + other}, "there are two private keys"},
		"a pass phrase":         {[]string{leafPEM + encrypted}, "the private key has a pass phrase"},
		"a key cut off":         {[]string{leafPEM + block(t, "PRIVATE KEY", []byte("secret"), nil)}, "the private key cannot be read"},
		"a certificate cut off": {[]string{block(t, "CERTIFICATE", []byte("x"), nil) + key}, "certificate 1 in it cannot be read"},
	} {
		_, err := certificate.Read(true, contents(tt.files)...)
		var problem *certificate.Problem
		if !errors.As(err, &problem) || !strings.Contains(err.Error(), tt.says) || problem.Remedy == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if b, err := certificate.Read(false, []byte(leafPEM)); err != nil || b.PEM != nil || len(b.Chain) != 1 {
		t.Error("without the key:", b, err)
	}
}

func contents(files []string) [][]byte {
	var all [][]byte
	for _, f := range files {
		all = append(all, []byte(f))
	}
	return all
}

func TestWeakAndAlone(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	large, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p256, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	for _, tt := range []struct {
		cert x509.Certificate
		says string
	}{
		{x509.Certificate{PublicKey: &small.PublicKey}, "the certificate has an RSA key of 1024 bits"},
		{x509.Certificate{PublicKey: &large.PublicKey}, ""},
		{x509.Certificate{PublicKey: &p256.PublicKey}, ""},
		{x509.Certificate{PublicKey: &p256.PublicKey, SignatureAlgorithm: x509.ECDSAWithSHA1, RawIssuer: []byte("a")}, "signed with ECDSA-SHA1"},
		{x509.Certificate{PublicKey: &p256.PublicKey, SignatureAlgorithm: x509.SHA1WithRSA}, ""}, // a root
	} {
		if got := (certificate.Chain{&tt.cert}).Weak(); !strings.Contains(got, tt.says) || (got == "") != (tt.says == "") {
			t.Errorf("%q, want %q", got, tt.says)
		}
	}
	public := &x509.Certificate{RawIssuer: []byte("authority"), IssuingCertificateURL: []string{"http://a.example/ca.der"}}
	own := &x509.Certificate{RawIssuer: []byte("authority")}
	if !(certificate.Chain{public}).Alone() || (certificate.Chain{public, own}).Alone() || (certificate.Chain{own}).Alone() {
		t.Error("a chain that lacks its intermediate certificate is one whose certificate says where that is")
	}
}
