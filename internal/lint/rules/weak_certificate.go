package rules

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func weakCertificate() lint.Rule {
	return lint.Rule{
		ID: "LB3011", Name: "weak-certificate", Severity: diag.Warning, Since: "0.1",
		Title: "A certificate has a key or a signature that is not trusted any more",
		Text: `RSA keys of less than 2048 bits can be broken, and signatures with SHA-1 be forged: browsers refuse both, and OpenSSL
at the security level of RHEL and Debian does not even load the first.`,
		Bad:  secure("§{file: certs/weak.pem}"),
		Good: secure("{file: certs/shop.pem}"),
		Run: func(p *lint.Pass) {
			for _, c := range certificatesAtHand(p) {
				if weak := c.chain.Weak(); weak != "" {
					p.Report(lint.Finding{Path: c.path, Summary: "certificate " + c.name + ": " + weak,
						Detail: "have a new one made, with a key of RSA 2048 or P-256"})
				}
			}
		},
	}
}
