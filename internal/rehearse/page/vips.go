package page

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/drawing"
	"github.com/lbgen/lbgen/internal/judge"
)

// vipRow has a lane for each node, so that two that have the address at the same
// time lie one above the other; across them it says when nobody or several did.
func vipRow(s scale, vip string, spans []judge.VIPSpan, k *key) row {
	spans = of(vip, spans)
	cut := stretches(s, spans)
	name := vip
	if group := k.group(vip); group != "" {
		name += " of " + group
	}
	r := newRow("vip", name, coverage(cut))
	r.Absent = "on no node"
	for _, node := range k.nodesOf(spans) {
		r.Lanes = append(r.Lanes, nodeLane(s, node, spans, k))
	}
	for _, st := range cut {
		if len(st.nodes) != 1 {
			r.Over = append(r.Over, st.bar(s))
		}
	}
	return r
}

func nodeLane(s scale, node string, spans []judge.VIPSpan, k *key) lane {
	l := newLane("", node)
	for _, h := range spans {
		if h.Node == node {
			l.add(s, fmt.Sprintf("n%d", k.node(node)%tones), h.From, h.To, fmt.Sprintf("%s has it, %s", node, between(h.From, h.To)))
		}
	}
	return l
}

func of(vip string, spans []judge.VIPSpan) []judge.VIPSpan {
	return slices.DeleteFunc(slices.Clone(spans), func(h judge.VIPSpan) bool { return h.VIP != vip })
}

// stretch is a time in which the same nodes have an address.
type stretch struct {
	from, to time.Duration
	nodes    []string
}

// stretches cuts the time of a drill where somebody takes or leaves an address.
func stretches(s scale, spans []judge.VIPSpan) []stretch {
	cuts := []time.Duration{s.from, s.to}
	for _, h := range spans {
		cuts = append(cuts, min(max(h.From, s.from), s.to), min(max(h.To, s.from), s.to))
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var all []stretch
	for i := range len(cuts) - 1 {
		st := stretch{from: cuts[i], to: cuts[i+1], nodes: nodesAt(spans, cuts[i])}
		if last := len(all) - 1; last >= 0 && slices.Equal(all[last].nodes, st.nodes) {
			all[last].to = st.to
			continue
		}
		all = append(all, st)
	}
	return all
}

func nodesAt(spans []judge.VIPSpan, at time.Duration) []string {
	var nodes []string
	for _, h := range spans {
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
	b := bar{Class: class, Tip: fmt.Sprintf("on %s for %s", who, seconds(st.to-st.from))}
	b.X, b.W = s.span(st.from, st.to)
	if width := (drawing.Face{Size: 11, Bold: true}).Width(who) + 8; width < float64(b.W) {
		b.Text = &label{Text: who, X: b.X + b.W/2}
	}
	return b
}

// coverage sums up how long an address was without a node, and with too many.
func coverage(stretches []stretch) string {
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
		parts = append(parts, "no node had it for "+seconds(none))
	}
	if several > 0 {
		parts = append(parts, "several nodes had it for "+seconds(several))
	}
	if parts == nil {
		return "always on one node"
	}
	return strings.Join(parts, ", ")
}
