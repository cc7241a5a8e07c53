package rules

import (
	"fmt"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

// slowRise is how long a node that is well again may wait for its checks: a
// template that many have copied has an interval of 2s and rise 10, which is 20s.
const slowRise = 20 * time.Second

func slowToCountAgain() lint.Rule {
	return lint.Rule{
		ID: "LB1012", Name: "slow-to-count-again", Severity: diag.Info, Since: "0.1",
		Title: "A node that is well again does not count for long",
		Text: `A check has to succeed ` + "`rise`" + ` times before the node takes part again. Until then the pair is one node: if
that fails too, nobody serves, although both could. A template that many have copied has an interval of 2s and rise
10, which is 20s; 2 checks are enough. Who wants a node to prove itself before the virtual IPs go back to it has
` + "`preempt_delay`" + ` for that, which holds up nothing else.`,
		Bad: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track: {haproxy: {rise: §10}}
`,
		Good: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track: {haproxy: {rise: 3}}
`,
		Run: func(p *lint.Pass) {
			say := func(path diag.Path, interval time.Duration, rise, fall int) {
				wait := time.Duration(rise) * interval
				if rise > fall && wait >= slowRise {
					p.Report(lint.Finding{Path: path.Key("rise"), Summary: fmt.Sprintf("a node that is well again does not count for %s", wait),
						Detail: "write rise: 2, and preempt_delay where the virtual IPs should go back later", Fix: p.Set("rise: 2", path, "rise", "2")})
				}
			}
			for i, v := range p.Site.VRRP {
				path := diag.Path("vrrp").Index(i).Key("track")
				if h, written := v.Track.HAProxy, v.Track.Track.HAProxy; h != nil && written != nil {
					say(path.Key("haproxy"), h.Interval, written.Rise, h.Fall)
				}
				for j, s := range v.Track.Scripts {
					say(path.Key("scripts").Index(j), s.Interval, s.TrackScript.Rise, s.Fall)
				}
			}
		},
	}
}
