package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// pairRules compare the nodes.
func pairRules() []Rule {
	return []Rule{
		{ID: "LB5060", Name: "instance-on-one-node", Severity: diag.Error,
			Title: "An instance is on some of the nodes only",
			Text:  "Where its node is lost, nobody takes its virtual IPs.",
			Bad: instance("virtual_ipaddress {\n    192.0.2.10/24\n}") + "@lb1 §vrrp_instance VI_2 {\n@lb1    interface eth0\n@lb1    " +
				"virtual_router_id 24\n@lb1    virtual_ipaddress {\n@lb1        192.0.2.11/24\n@lb1    }\n@lb1    track_script {\n@lb1        " +
				"alive\n@lb1    }\n@lb1 }\n",
			Run: lonelyInstance},
		{ID: "LB5061", Name: "scripts-differ", Severity: diag.Warning,
			Title: "A script, its weight or its times differ between the nodes",
			Text: "The nodes measure themselves by different rules. Where a check is on one node only, the other keeps the virtual IPs " +
				"whatever happens to it.",
			Bad: "# lb2\n" + script("§interval 5"), Run: scriptsDiffer},
		{ID: "LB5062", Name: "haproxy-differs", Severity: diag.Warning, Mistakes: []string{"XN11"},
			Title: "haproxy.cfg differs between the nodes",
			Text: "Clients get another answer after a failover. What must differ, such as a node's own address, stands in a bind of all " +
				"nodes' addresses with net.ipv4.ip_nonlocal_bind.",
			Bad: "# lb2\n" + section("backend app", "§server c 192.0.2.23:80 check"), Run: haproxyDiffers},
		{ID: "LB5063", Name: "file-on-some-nodes", Severity: diag.Error,
			Title: "A node has no keepalived.conf, or no haproxy.cfg",
			Text:  "A node without one of them cannot take the other's place.",
			Bad:   "", Run: halfNodes},
	}
}

func lonelyInstance(p *Pass) {
	var with []*pair.Node
	for _, n := range p.Pair.Nodes {
		if n.Keepalived != nil {
			with = append(with, n)
		}
	}
	for _, r := range p.Pair.Routers() {
		if m := r.Members[0]; len(r.Members) == 1 && len(with) > 1 {
			p.Report(m.Block.Range, fmt.Sprintf("%s is on %s alone: where that is lost, nobody has its virtual IPs", m.Name, m.Node.Name),
				"write the instance on the other nodes, too")
		}
	}
}

// scriptsDiffer compares what the nodes of a router watch.
func scriptsDiffer(p *Pass) {
	for _, r := range p.Pair.Routers() {
		first := r.Members[0]
		for _, m := range r.Members[1:] {
			compareTracks(p, first, m)
		}
	}
}

func compareTracks(p *Pass, a, b *pair.Member) {
	find := func(m *pair.Member, t pair.Track) *pair.Track {
		for i := range m.Tracks {
			if o := &m.Tracks[i]; o.Kind == t.Kind && (o.Script == nil) == (t.Script == nil) && (t.Script != nil || o.Name == t.Name) &&
				(t.Script == nil || o.Script.Value() == t.Script.Value()) {
				return o
			}
		}
		return nil
	}
	for _, t := range b.Tracks {
		o := find(a, t)
		switch {
		case t.Missing:
		case o == nil:
			p.Report(t.At, fmt.Sprintf("%s watches this and %s does not", b.Node.Name, a.Node.Name), "watch the same on all nodes")
		case o.Weight != t.Weight || o.Interval != t.Interval || o.Rise != t.Rise || o.Fall != t.Fall:
			at, other := differs(o, &t)
			p.Report(at, fmt.Sprintf("what is watched differs between %s and %s", a.Node.Name, b.Node.Name),
				"write the same weight, interval, rise and fall on all nodes",
				diag.Related{Message: "the other node's", Range: other})
		}
	}
	for _, t := range a.Tracks {
		if !t.Missing && find(b, t) == nil {
			p.Report(t.At, fmt.Sprintf("%s watches this and %s does not", a.Node.Name, b.Node.Name), "watch the same on all nodes")
		}
	}
}

// differs are the places of the first line that differs: in the script, or where it
// is tracked.
func differs(a, b *pair.Track) (at, other diag.Range) {
	if a.Script == nil || b.Script == nil {
		return b.At, a.At
	}
	for _, k := range []string{"interval", "weight", "rise", "fall"} {
		if a.Script.Of(k) != b.Script.Of(k) {
			return place(b.Script, k), place(a.Script, k)
		}
	}
	return b.At, a.At
}

func place(n *keepalived.Node, keyword string) diag.Range {
	if l := n.Line(keyword); l != nil {
		return l.Range
	}
	return n.Range
}

// haproxyDiffers compares the sections of the nodes by their names, and their lines
// as words. A node's own name for peers and the like is not looked at.
func haproxyDiffers(p *Pass) {
	var first *pair.Node
	for _, n := range p.Pair.Nodes {
		if len(n.HAProxyFiles) == 0 {
			continue
		}
		if first == nil {
			first = n
			continue
		}
		for _, s := range n.HAProxy.Sections {
			o := sectionLike(first, s)
			if o == nil {
				p.Report(s.Head.Range, fmt.Sprintf("%s has no %s", first.Name, strings.Join(s.Head.Words(), " ")),
					"write it on all nodes, or on none")
				continue
			}
			if a, b := firstDifference(o, s); b != nil || a != nil {
				at, related := s.Head.Range, []diag.Related(nil)
				if b != nil {
					at = b.Range
				}
				if a != nil {
					related = append(related, diag.Related{Message: "on " + first.Name, Range: a.Range})
				}
				p.Report(at, fmt.Sprintf("%s differs between %s and %s", strings.Join(s.Head.Words(), " "), first.Name, n.Name),
					"write the same on all nodes: one of them has the virtual IPs, and clients must not notice which", related...)
			}
		}
		for _, s := range first.HAProxy.Sections {
			if sectionLike(n, s) == nil {
				p.Report(s.Head.Range, fmt.Sprintf("%s has no %s", n.Name, strings.Join(s.Head.Words(), " ")), "write it on all nodes, or on none")
			}
		}
	}
}

func sectionLike(n *pair.Node, s *haproxy.Section) *haproxy.Section {
	for _, o := range n.HAProxy.Sections {
		if o.Kind == s.Kind && o.Name == s.Name {
			return o
		}
	}
	return nil
}

// firstDifference returns the first lines that differ; nil where the section has no
// such line, twice nil where nothing differs.
func firstDifference(a, b *haproxy.Section) (*haproxy.Directive, *haproxy.Directive) {
	for i := range max(len(a.Lines), len(b.Lines)) {
		switch {
		case i >= len(a.Lines):
			return nil, b.Lines[i]
		case i >= len(b.Lines):
			return a.Lines[i], nil
		case !slices.Equal(a.Lines[i].Words(), b.Lines[i].Words()) || a.Lines[i].Modifier != b.Lines[i].Modifier:
			return a.Lines[i], b.Lines[i]
		}
	}
	return nil, nil
}

func halfNodes(p *Pass) {
	haproxies, keepaliveds := 0, 0
	for _, n := range p.Pair.Nodes {
		if len(n.HAProxyFiles) > 0 {
			haproxies++
		}
		if n.Keepalived != nil {
			keepaliveds++
		}
	}
	for _, n := range p.Pair.Nodes {
		if n.Keepalived == nil && keepaliveds > 0 {
			p.Report(diag.Range{File: n.Place}, n.Name+" has no keepalived.conf, and another node has", "name its file, or leave the node out")
		}
		if len(n.HAProxyFiles) == 0 && haproxies > 0 {
			p.Report(diag.Range{File: n.Place}, n.Name+" has no haproxy.cfg, and another node has", "name its file, or leave the node out")
		}
	}
}
