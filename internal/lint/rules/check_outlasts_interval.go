package rules

import (
	"fmt"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
)

func checkOutlastsInterval() lint.Rule {
	return lint.Rule{
		ID: "LB1004", Name: "check-outlasts-interval", Severity: diag.Warning, Since: "0.1",
		Title: "A check of Keepalived may last longer than its interval",
		Text: `Keepalived starts no second check while one runs. A check that hangs until its time-out is then counted every time-out
and not every interval, and the failover takes longer than interval x fall says.`,
		Bad: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track: {haproxy: {interval: 1s, timeout: §5s}}
`,
		Good: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track: {haproxy: {interval: 5s, timeout: 5s}}
`,
		Run: func(p *lint.Pass) {
			say := func(path diag.Path, due, lasts time.Duration) {
				if interval, timeout := model.Duration(due), model.Duration(lasts); timeout > interval {
					p.Report(lint.Finding{Path: path.Key("timeout"), Summary: fmt.Sprintf("the check may last %s, and is due every %s", timeout, interval),
						Detail: "write a timeout of at most the interval", Related: also(p, "the interval", path.Key("interval")),
						Fix: p.Set("timeout: "+interval.String(), path, "timeout", interval.String())})
				}
			}
			for i, v := range p.Site.VRRP {
				path := diag.Path("vrrp").Index(i).Key("track")
				if h := v.Track.HAProxy; h != nil && h.Method != "process" {
					say(path.Key("haproxy"), h.Interval, h.Timeout)
				}
				for j, s := range v.Track.Scripts {
					say(path.Key("scripts").Index(j), s.Interval, s.Timeout)
				}
			}
		},
	}
}
