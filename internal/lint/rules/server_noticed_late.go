package rules

import (
	"fmt"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/lint"
)

// lateHang is when somebody has called already.
const lateHang = 20 * time.Second

func serverNoticedLate() lint.Rule {
	return lint.Rule{
		ID: "LB2014", Name: "server-noticed-late", Severity: diag.Warning, Since: "0.1",
		Title: "A server that hangs gets requests for more than 20 seconds",
		Text: `A server that accepts connections and does not answer is the worst that happens to one: every request to
it waits for ` + "`timeouts.server`" + `, by default a minute. Until HAProxy takes it out it needs
inter + (fall - 1) x fastinter + fall x timeouts.check: 4.5s with the defaults, 36s with those of profile rhel; HAProxy
before 3.2.1 may notice a ` + "`timeouts.check`" + ` below ` + "`inter`" + ` as late as ` + "`inter`" + `: 6.5s. A lower
` + "`timeouts.check`" + ` costs nothing: a page that is asked every two seconds should not take ten.`,
		Bad: `
backends:
  - {name: app, health: {inter: §30s}, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Good: `
backends:
  - {name: app, health: {inter: 5s, fastinter: 1s, fall: 2}, timeouts: {check: 3s}, servers: [{name: web1, address: 198.51.100.11:80}]}
`,
		Run: func(p *lint.Pass) {
			for i := range p.Site.Backends {
				b, path := &p.Site.Backends[i], diag.Path("backends").Index(i)
				check, on := failover.CheckOf(b)
				if !on {
					continue
				}
				w := check.Detection(failover.Slow)
				if w.Worst <= lateHang {
					continue
				}
				switch {
				case b.Health.Health.Inter != 0:
					path = path.Key("health").Key("inter")
				case b.Backend.Timeouts.Check != 0:
					path = path.Key("timeouts").Key("check")
				case b.Health.Health.Fall != 0:
					path = path.Key("health").Key("fall")
				}
				p.Report(lint.Finding{Path: path, Summary: fmt.Sprintf("backend %q sends requests to a server that hangs for up to %s", b.Name,
					w.Worst),
					Detail: "lower inter, fall or timeouts.check, or write fastinter: the time between the checks of a server that is in doubt"})
			}
		},
	}
}
