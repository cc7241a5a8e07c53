package rules

import (
	"time"

	"github.com/lbgen/lbgen/internal/certificate"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func certificateExpires() lint.Rule {
	return lint.Rule{
		ID: "LB3008", Name: "certificate-expires", Severity: diag.Warning, Since: "0.1",
		Title: "A certificate expires within 30 days",
		Text: `Certificates of 90 days are renewed 30 days before their end. One that lies beside the site file is renewed there,
rendered and installed again, which takes somebody who thinks of it: docs/certificates.md has a hook that
does. The day is that of the machine that lbgen runs on, so that a pipeline that passed yesterday may fail today.`,
		Bad:  secure("§{file: certs/expires.pem}"),
		Good: secure("{file: certs/shop.pem}"),
		Run:  func(p *lint.Pass) { reportFaults(p, 30*24*time.Hour, certificate.Expiring) },
	}
}
