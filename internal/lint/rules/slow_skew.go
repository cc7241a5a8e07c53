package rules

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// longSkew is a skew time that is longer than everything else that happens when
// Keepalived is stopped.
const longSkew = 500 * time.Millisecond

func slowSkew() lint.Rule {
	return lint.Rule{
		ID: "LB1022", Name: "slow-skew", Severity: diag.Info, Since: "0.1",
		Title: "Low priorities cost more than half a second in every failover",
		Text: `Before it takes over, a node waits for its skew time, (256 - priority) / 256 of a second (RFC 3768 6.1; of advert_int in version
3): 0.61 s with priority 100, 0.80 s with 50, 0.01 s with 253. With 254 and 253 a failover after Keepalived was stopped, or a NIC was lost
that it tracks, takes 0.01 s. The rule looks at pairs without weights: those need the room between the priorities.`,
		Bad: `
defaults: {profile: modern}
nodes:
  - {name: lb1, priority: 150, addresses: {front: 192.0.2.1}}
  - {name: lb2, priority: §100, addresses: {front: 192.0.2.2}}
`,
		Good: `
defaults: {profile: modern}
nodes:
  - {name: lb1, priority: 254, addresses: {front: 192.0.2.1}}
  - {name: lb2, priority: 253, addresses: {front: 192.0.2.2}}
`,
		Run: func(p *lint.Pass) {
			if cmp.Or(p.Site.Written.Defaults.Profile, model.ProfileModern) != model.ProfileModern || len(p.Site.Nodes) < 2 {
				return
			}
			said := map[diag.Path]bool{}
			for i := range p.Site.VRRP {
				v := &p.Site.VRRP[i]
				second := secondBest(v)
				path := v.PriorityPath(&p.Site.Nodes[second])
				skew := skewOf(v, v.Members[second].Priority)
				if skew < longSkew || hasWeights(v) || said[path] {
					continue
				}
				said[path] = true
				p.Report(lint.Finding{Path: path, Summary: fmt.Sprintf("%s waits %.2fs before it takes over, as long as priority %d is low",
					p.Site.Nodes[second].Name, skew.Seconds(), v.Members[second].Priority),
					Detail: fmt.Sprintf("with 254 and 253 it waits %.2fs", skewOf(v, 253).Seconds())})
			}
		},
	}
}

// secondBest is the index of the node that takes over from the preferred master.
func secondBest(v *site.VRRP) int {
	best := -1
	for i, m := range v.Members {
		if i != v.Preferred && (best < 0 || m.Priority > v.Members[best].Priority) {
			best = i
		}
	}
	return best
}

func skewOf(v *site.VRRP, priority int) time.Duration {
	unit := time.Second
	if v.Version == 3 {
		unit = v.AdvertInt
	}
	return unit * time.Duration(256-priority) / 256
}

// hasWeights says whether something that is tracked changes the priority.
func hasWeights(v *site.VRRP) bool {
	return v.Track.HAProxy != nil && v.Track.HAProxy.Weight != 0 ||
		slices.ContainsFunc(v.Track.NICs, func(n model.TrackNIC) bool { return n.Weight != 0 }) ||
		slices.ContainsFunc(v.Track.Scripts, func(s site.TrackScript) bool { return s.Weight != 0 })
}
