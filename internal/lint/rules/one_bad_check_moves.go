package rules

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func oneBadCheckMoves() lint.Rule {
	return lint.Rule{
		ID: "LB1005", Name: "one-bad-check-moves", Severity: diag.Warning, Since: "0.1",
		Title: "A single bad check moves the virtual IPs",
		Text: `With ` + "`fall: 1`" + ` one check that comes late, on a machine that is busy for a moment, moves the virtual IPs
and breaks every connection. Two in a row cost one interval more.`,
		Bad: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track: {haproxy: {fall: §1}}
`,
		Good: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track: {haproxy: {interval: 1s, timeout: 1s, fall: 2}}
`,
		Run: func(p *lint.Pass) {
			say := func(path diag.Path) {
				p.Report(lint.Finding{Path: path.Key("fall"), Summary: "one bad check moves the virtual IPs",
					Detail: "write fall: 2, and a shorter interval if that is too slow",
					Fix:    p.Set("fall: 2", path, "fall", "2")})
			}
			for i, v := range p.Site.VRRP {
				path := diag.Path("vrrp").Index(i).Key("track")
				if h := v.Track.HAProxy; h != nil && h.Fall == 1 {
					say(path.Key("haproxy"))
				}
				for j, s := range v.Track.Scripts {
					if s.Fall == 1 {
						say(path.Key("scripts").Index(j))
					}
				}
			}
		},
	}
}
