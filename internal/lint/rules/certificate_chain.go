package rules

import (
	"github.com/lbgen/lbgen/internal/certificate"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func certificateChain() lint.Rule {
	return lint.Rule{
		ID: "LB3010", Name: "certificate-chain", Severity: diag.Warning, Since: "0.1",
		Title: "A certificate cannot be followed to its authority",
		Text: `A client that knows the root alone needs the certificates in between, each behind the one that it has signed. Browsers
often have them from other sites, so that it works for whoever tries it, and fails for programs and telephones.
` + "`fullchain.pem`" + ` of ACME's clients has them, ` + "`cert.pem`" + ` has not. An authority of your own that signs
with its root, and says in the certificate where that is to be had, draws this too: accept it with a comment.`,
		Bad:  secure("§{file: certs/alone.pem}"),
		Good: secure("{file: certs/shop.pem}"),
		Run: func(p *lint.Pass) {
			for _, c := range certificatesAtHand(p) {
				if c.chain.Alone() {
					p.Report(lint.Finding{Path: c.path, Summary: "certificate " + c.name + ": the one that has signed it is missing",
						Detail: "add it behind the certificate; it is to be had at " + c.chain.Leaf().IssuingCertificateURL[0]})
				}
			}
			reportFaults(p, 0, certificate.Broken)
		},
	}
}
