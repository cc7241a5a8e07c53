package certificate_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/certificate"
)

var now = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

const day = 24 * time.Hour

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func (a *authority) sign(t *testing.T, name string, from, until time.Duration) (authority, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	number, _ := rand.Int(rand.Reader, big.NewInt(1<<62))
	tmpl := &x509.Certificate{SerialNumber: number, Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(from), NotAfter: now.Add(until),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	parent, signer := tmpl, key
	if a != nil {
		parent, signer = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert, key}, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func TestFaults(t *testing.T) {
	var none *authority
	root, rootPEM := none.sign(t, "root", -day, 3650*day)
	middle, middlePEM := root.sign(t, "middle", -day, 365*day)
	_, oldPEM := root.sign(t, "old", -9*day, -day)
	_, leaf := middle.sign(t, "shop", -day, 90*day)
	_, soon := middle.sign(t, "shop", -day, 20*day)
	_, over := middle.sign(t, "shop", -9*day, -time.Second)
	_, later := middle.sign(t, "shop", day, 90*day)
	for name, tt := range map[string]struct{ pem, kinds, says string }{
		"good":                {leaf + middlePEM, "", ""},
		"with the root":       {leaf + middlePEM + rootPEM, "", ""},
		"alone":               {leaf, "", ""},
		"soon":                {soon + middlePEM, "certificate-expires", "the certificate expires on 2026-12-20"},
		"over":                {over + middlePEM, "certificate-expired", "the certificate has expired on 2026-11-30"},
		"later":               {later + middlePEM, "certificate-not-yet-valid", "good from 2026-12-01 on"},
		"another has signed":  {leaf + rootPEM, "certificate-chain", "certificate 2 in it has not signed the one before it"},
		"the wrong order":     {leaf + rootPEM + middlePEM, "certificate-chain", "certificate 2"},
		"an old intermediate": {leaf + oldPEM, "certificate-expired certificate-chain", "the intermediate certificate old has expired"},
	} {
		chain, err := certificate.Parse([]byte("a word before\n" + tt.pem))
		if err != nil {
			t.Fatal(name, err)
		}
		var kinds, says []string
		for _, f := range chain.Faults(now, certificate.Soon) {
			kinds, says = append(kinds, string(f.Kind)), append(says, f.Summary)
		}
		if strings.Join(kinds, " ") != tt.kinds || !strings.Contains(strings.Join(says, "; "), tt.says) {
			t.Errorf("%s: %s: %s", name, kinds, says)
		}
	}
}

func TestWhatIsNoCertificate(t *testing.T) {
	for text, says := range map[string]string{
		"": "there is no certificate in it",
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n":   "there is no certificate in it",
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n":   "certificate 1 in it cannot be read",
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE----- x\n": "there is no certificate in it",
	} {
		if _, err := certificate.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
