// Package certificate reads PEM files of certificates and says what is wrong with
// them on a given day. It asks no clock, and it never shows a key.
package certificate

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // HAProxy names a certificate by it; nothing is trusted because of it
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// Soon is how long before its end a certificate is said to run out. Those of 90 days
// are renewed 30 days before their end as a rule, and three weeks before it that has
// failed for more than a week.
const Soon = 21 * 24 * time.Hour

// Chain is what a PEM file has: the certificate that is shown, and behind it those
// that lead to an authority.
type Chain []*x509.Certificate

// Parse reads all certificates of PEM data. What else stands there is passed over.
func Parse(data []byte) (Chain, error) {
	var chain Chain
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		data = rest
		if block.Type != "CERTIFICATE" {
			continue
		}
		one, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d in it cannot be read: %w", len(chain)+1, err)
		}
		chain = append(chain, one)
	}
	if len(chain) == 0 {
		return nil, errors.New("there is no certificate in it: a PEM file has -----BEGIN CERTIFICATE----- in it")
	}
	return chain, nil
}

// Leaf is the certificate that is shown.
func (c Chain) Leaf() *x509.Certificate { return c[0] }

// Fingerprint is what HAProxy's "show ssl cert" calls SHA1 FingerPrint.
func (c Chain) Fingerprint() string {
	return fmt.Sprintf("%X", sha1.Sum(c.Leaf().Raw)) //nolint:gosec // see above
}

// Kind is a kind of fault.
type Kind string

// The kinds.
const (
	Expired  Kind = "certificate-expired"
	NotYet   Kind = "certificate-not-yet-valid"
	Expiring Kind = "certificate-expires"
	Broken   Kind = "certificate-chain"
)

// Fault is one thing that is wrong with a chain.
type Fault struct {
	Kind    Kind
	Summary string
	Remedy  string
}

// Faults returns what is wrong with the chain at a time. One that ends sooner than soon runs out.
func (c Chain) Faults(now time.Time, soon time.Duration) []Fault {
	var faults []Fault
	for i, one := range c {
		what := "the certificate"
		if i > 0 {
			what = "the intermediate certificate " + one.Subject.CommonName
		}
		const renew = "renew it, and reload HAProxy"
		switch {
		case now.After(one.NotAfter):
			faults = append(faults, Fault{Expired, what + " has expired on " + day(one.NotAfter), renew})
		case now.Before(one.NotBefore):
			faults = append(faults, Fault{NotYet, what + " is good from " + day(one.NotBefore) + " on", "look whether the clock is right"})
		case one.NotAfter.Sub(now) < soon:
			faults = append(faults, Fault{Expiring, what + " expires on " + day(one.NotAfter), renew})
		}
	}
	for i := range c[1:] {
		if bytes.Equal(c[i].RawIssuer, c[i+1].RawSubject) && c[i].CheckSignatureFrom(c[i+1]) == nil {
			continue
		}
		faults = append(faults, Fault{Broken, fmt.Sprintf("certificate %d in it has not signed the one before it", i+2),
			"the order is: the server's certificate, then each one that has signed the one before"})
		break
	}
	return faults
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02") }
