package rules

import (
	"github.com/lbgen/lbgen/internal/certificate"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func certificateExpired() lint.Rule {
	return lint.Rule{
		ID: "LB3007", Name: "certificate-expired", Severity: diag.Error, Since: "0.1",
		Title: "A certificate has expired, or is not yet valid",
		Text: `Browsers show a page that warns of the site, and programs refuse it. It is looked at where the certificate lies
beside the site file; of those on the nodes ` + "`lbgen status`" + ` tells the same. The day is that of the machine
that lbgen runs on.`,
		Bad:  secure("§{file: certs/expired.pem}"),
		Good: secure("{file: certs/shop.pem}"),
		Run:  func(p *lint.Pass) { reportFaults(p, 0, certificate.Expired, certificate.NotYet) },
	}
}
