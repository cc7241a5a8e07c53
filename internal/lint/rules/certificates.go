package rules

import (
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"slices"
	"time"

	"github.com/lbgen/lbgen/internal/certificate"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
)

// atHand is a certificate that lies beside the site file, and where the site names it first.
type atHand struct {
	path  diag.Path
	name  string
	chain certificate.Chain
}

func certificatesAtHand(p *lint.Pass) []atHand {
	var all []atHand
	seen := map[model.Certificate]bool{}
	for _, ref := range p.Site.Written.CertificateRefs() {
		if b, ok := p.Certificates[ref.Certificate]; ok && !seen[ref.Certificate] {
			seen[ref.Certificate] = true
			all = append(all, atHand{ref.Path, ref.Certificate.String(), b.Chain})
		}
	}
	return all
}

// reportFaults reports what is wrong with the certificates at hand, of some kinds. One that
// ends sooner than soon runs out.
func reportFaults(p *lint.Pass, soon time.Duration, kinds ...certificate.Kind) {
	for _, c := range certificatesAtHand(p) {
		for _, f := range c.chain.Faults(p.Now, soon) {
			if slices.Contains(kinds, f.Kind) {
				p.Report(lint.Finding{Path: c.path, Summary: "certificate " + c.name + ": " + f.Summary, Detail: f.Remedy})
			}
		}
	}
}

// exampleDay is the day on which the rules' examples are looked at.
func exampleDay() time.Time { return time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC) }

// madeUp are the certificates of a rule's example: what is wrong with one, its file's name
// says. They are never shown to anybody, so nobody has signed them.
func madeUp(s *model.Site) map[model.Certificate]certificate.Bundle {
	const day = 24 * time.Hour
	all := map[model.Certificate]certificate.Bundle{}
	for _, ref := range s.CertificateRefs() {
		one := &x509.Certificate{
			NotBefore: exampleDay().Add(-30 * day), NotAfter: exampleDay().Add(60 * day), DNSNames: []string{"www.example.com"},
			RawIssuer: []byte("authority"), RawSubject: []byte("www.example.com"),
		}
		switch ref.Certificate.Name() {
		case "expired.pem":
			one.NotAfter = exampleDay().Add(-day)
		case "expires.pem":
			one.NotAfter = exampleDay().Add(20 * day)
		case "alone.pem":
			one.IssuingCertificateURL = []string{"http://authority.example.net/issuer.der"}
		case "weak.pem":
			one.PublicKey = &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1023), E: 65537}
		}
		all[ref.Certificate] = certificate.Bundle{Chain: certificate.Chain{one}}
	}
	return all
}

// secure is the fragment of a frontend with a certificate beside the site file.
func secure(file string) string {
	return `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 443, tls: {certificate: ` + file + `}}]
    default_backend: app
`
}
