package page

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/judge"
)

// vipRow has a lane for each node, so that two that hold the address at the same
// time lie one above the other; across them it says when nobody or several did.
func vipRow(s scale, vip string, holds []judge.Hold, k *key) row {
	holds = of(vip, holds)
	stretches := holders(s, holds)
	name := vip
	if group := k.group(vip); group != "" {
		name += " of " + group
	}
	r := newRow("vip", name, custody(stretches))
	r.Absent = "held by nobody"
	for _, node := range k.nodesOf(holds) {
		r.Lanes = append(r.Lanes, nodeLane(s, node, holds, k))
	}
	for _, st := range stretches {
		if len(st.nodes) != 1 {
			r.Over = append(r.Over, st.bar(s))
		}
	}
	return r
}

func nodeLane(s scale, node string, holds []judge.Hold, k *key) lane {
	l := newLane("", node)
	for _, h := range holds {
		if h.Node == node {
			l.add(s, fmt.Sprintf("n%d", k.node(node)%tones), h.From, h.To, fmt.Sprintf("%s holds it, %s", node, between(h.From, h.To)))
		}
	}
	return l
}

func of(vip string, holds []judge.Hold) []judge.Hold {
	return slices.DeleteFunc(slices.Clone(holds), func(h judge.Hold) bool { return h.VIP != vip })
}

// stretch is a time in which the same nodes hold an address.
type stretch struct {
	from, to time.Duration
	nodes    []string
}

// holders cuts the time of a drill where somebody takes or leaves an address.
func holders(s scale, holds []judge.Hold) []stretch {
	cuts := []time.Duration{s.from, s.to}
	for _, h := range holds {
		cuts = append(cuts, min(max(h.From, s.from), s.to), min(max(h.To, s.from), s.to))
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var all []stretch
	for i := range len(cuts) - 1 {
		st := stretch{from: cuts[i], to: cuts[i+1], nodes: holding(holds, cuts[i])}
		if last := len(all) - 1; last >= 0 && slices.Equal(all[last].nodes, st.nodes) {
			all[last].to = st.to
			continue
		}
		all = append(all, st)
	}
	return all
}

func holding(holds []judge.Hold, at time.Duration) []string {
	var nodes []string
	for _, h := range holds {
		if h.From <= at && at < h.To && !slices.Contains(nodes, h.Node) {
			nodes = append(nodes, h.Node)
		}
	}
	slices.Sort(nodes)
	return nodes
}

func (st stretch) bar(s scale) bar {
	class, who := "nobody", "nobody"
	if len(st.nodes) > 1 {
		class, who = "several", strings.Join(st.nodes, " and ")
	}
	b := bar{Class: class, Tip: fmt.Sprintf("held by %s for %s", who, seconds(st.to-st.from))}
	b.X, b.W = s.span(st.from, st.to)
	if width := (face{size: 11, bold: true}).width(who) + 8; width < float64(b.W) {
		b.Text = &label{Text: who, X: b.X + b.W/2}
	}
	return b
}

// custody sums up how long an address was without a node, and with too many.
func custody(stretches []stretch) string {
	var none, several time.Duration
	for _, st := range stretches {
		switch len(st.nodes) {
		case 0:
			none += st.to - st.from
		case 1:
		default:
			several += st.to - st.from
		}
	}
	var parts []string
	if none > 0 {
		parts = append(parts, "nobody held it for "+seconds(none))
	}
	if several > 0 {
		parts = append(parts, "several nodes held it for "+seconds(several))
	}
	if parts == nil {
		return "always held by one node"
	}
	return strings.Join(parts, ", ")
}
