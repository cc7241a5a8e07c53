package pair

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/failover"
)

// Failover is what the arithmetic of package failover needs to know of a pair.
type Failover struct {
	Groups []*failover.Group
	Places map[diag.Path]diag.Range
	// Found are routers whose nodes do not take each other's adverts: each node is
	// master by itself, and nothing is computed of them.
	Found diag.List
}

// Failover returns the groups that the nodes' keepalived.conf make.
func (p *Pair) Failover() *Failover {
	f := &Failover{Places: map[diag.Path]diag.Range{}}
	bySync := map[string]*failover.Group{}
	for _, r := range p.Routers() {
		if deaf := r.Deaf(); len(deaf) > 0 {
			f.Found = append(f.Found, deaf...)
			continue
		}
		sync := r.Members[0].SyncGroup
		g := bySync[sync]
		if sync == "" || g == nil {
			g = f.group(r)
			f.Groups, bySync[sync] = append(f.Groups, g), g
		} else {
			g.Name += ", " + r.Name()
			g.Others = append(g.Others, r.timers())
			g.WithoutHAProxy = g.WithoutHAProxy && r.withoutHAProxy()
		}
		g.VIPs = append(g.VIPs, r.Members[0].VIPs...)
		f.track(g, r)
	}
	return f
}

// group is a router as a group, without what it watches.
func (f *Failover) group(r *Router) *failover.Group {
	first := r.Members[0]
	g := &failover.Group{Name: r.Name(), Path: f.path(first, "", first.Block.Range), Timers: r.timers(), WithoutHAProxy: r.withoutHAProxy()}
	for _, m := range r.Members {
		g.StartupDelay = max(g.StartupDelay, Seconds(m.Node.global("vrrp_startup_delay"), 0))
		g.Nodes = append(g.Nodes, failover.Node{
			Name: m.Node.Name, Path: f.path(m, "priority", m.At("priority")), Priority: min(max(m.Priority, 1), 254), NoPreempt: m.NoPreempt,
		})
	}
	return g
}

// withoutHAProxy says whether the virtual IPs are for something else: nothing watches
// HAProxy, and none of its frontends listens on them.
func (r *Router) withoutHAProxy() bool {
	for _, m := range r.Members {
		if slices.ContainsFunc(m.Tracks, func(t Track) bool { return t.Kind == failover.HAProxy }) {
			return false
		}
		if len(m.Node.HAProxyFiles) == 0 && !m.Node.HasLVS() || slices.ContainsFunc(m.VIPs, m.Node.Hears) {
			return false
		}
	}
	return true
}

// track adds what the nodes of a router watch.
func (f *Failover) track(g *failover.Group, r *Router) {
	for _, m := range r.Members {
		i := slices.IndexFunc(g.Nodes, func(n failover.Node) bool { return n.Name == m.Node.Name })
		if i < 0 {
			continue
		}
		for _, t := range m.Tracks {
			watch := failover.Tracker{Kind: t.Kind, Name: t.Name, Weight: t.Weight, Interval: t.Interval, Rise: t.Rise, Fall: t.Fall}
			same := func(o failover.Tracker) bool {
				o.Path = ""
				return o == watch
			}
			if t.Missing || slices.ContainsFunc(g.Nodes[i].Trackers, same) {
				continue
			}
			watch.Path = f.path(m, fmt.Sprintf("track %s at %s", t.Name, t.At), t.At)
			g.Nodes[i].Trackers = append(g.Nodes[i].Trackers, watch)
		}
	}
}

func (f *Failover) path(m *Member, key string, at diag.Range) diag.Path {
	path := diag.Path(m.Node.Name).Key("vrrp_instance").Entry(m.Name)
	if key != "" {
		path = path.Entry(key)
	}
	f.Places[path] = at
	return path
}

// timers are the slowest of the nodes'.
func (r *Router) timers() failover.Timers {
	t := failover.Timers{Version: r.Members[0].Version}
	for _, m := range r.Members {
		t.AdvertInt, t.Delay = max(t.AdvertInt, m.AdvertInt), max(t.Delay, m.Delay)
	}
	return t
}

// Deaf returns why nodes of a router do not take each other's adverts: one finding
// for each cause and node.
func (r *Router) Deaf() diag.List {
	var found diag.List
	a := r.Members[0]
	for _, b := range r.Members[1:] {
		for _, d := range differences(a, b) {
			found = append(found, diag.Diagnostic{
				Code: "failover", Summary: fmt.Sprintf("%s and %s do not take each other's adverts: %s; both are master of %s at the same time",
					a.Node.Name, b.Node.Name, d.what, strings.Join(a.VIPs, ", ")),
				Detail: d.remedy, Subject: d.b, Related: []diag.Related{{Message: "the other node's", Range: d.a}},
			})
		}
	}
	return found
}

// difference is one that keeps a node from taking the other's adverts.
type difference struct {
	what, remedy string
	a, b         diag.Range
}

func differences(a, b *Member) []difference {
	var all []difference
	differ := func(what, remedy string, keywords ...string) {
		all = append(all, difference{what, remedy, a.At(keywords...), b.At(keywords...)})
	}
	if a.VRID != b.VRID {
		differ(fmt.Sprintf("virtual_router_id is %d and %d", a.VRID, b.VRID), "give both the same number", "virtual_router_id")
	}
	if a.Version != b.Version {
		differ(fmt.Sprintf("version is %d and %d", a.Version, b.Version), "give both the same version", "version")
	}
	if a.Version == 2 && b.Version == 2 {
		if a.AdvertInt != b.AdvertInt {
			differ(fmt.Sprintf("advert_int is %s and %s, and VRRP version 2 wants one", a.AdvertInt, b.AdvertInt), "give both the same",
				"advert_int")
		}
		switch {
		case a.AuthType != b.AuthType:
			differ(fmt.Sprintf("auth_type is %s and %s", orNone(a.AuthType), orNone(b.AuthType)), "give both the same", "authentication")
		case a.AuthType != "" && password(a) != password(b):
			differ("their passwords differ", "give both the same auth_pass: 8 bytes of it count", "authentication")
		}
	}
	if a.Unicast() != b.Unicast() {
		differ("one sends to its peers alone and the other by multicast", "give both a unicast_peer list, or neither", "unicast_peer",
			"unicast_src_ip")
	}
	if !sameVIPs(a, b) {
		differ("their lists of virtual IPs differ", "give both the same virtual_ipaddress", "virtual_ipaddress")
	}
	return append(all, peers(a, b)...)
}

// password is what of auth_pass counts (vrrp_parser.c: 8 bytes).
func password(m *Member) string {
	p := m.Block.Line("authentication").Of("auth_pass")
	return p[:min(len(p), 8)]
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// sameVIPs compares the addresses of the adverts; those that are excluded are not
// in them.
func sameVIPs(a, b *Member) bool { return slices.Equal(advertised(a), advertised(b)) }

func advertised(m *Member) []string {
	var all []string
	for _, v := range m.Block.Listed("virtual_ipaddress") {
		address, _, _ := strings.Cut(v.Keyword(), "/")
		all = append(all, address)
	}
	slices.Sort(all)
	return all
}

// peers finds a node that does not send to the other's address, where that is known.
func peers(a, b *Member) []difference {
	var all []difference
	for _, two := range [][2]*Member{{a, b}, {b, a}} {
		from, to := two[0], two[1]
		if from.Unicast() && to.Source != "" && len(from.Peers) > 0 && !slices.Contains(from.Peers, to.Source) {
			all = append(all, difference{
				fmt.Sprintf("%s sends from %s, which is not in unicast_peer of %s", to.Node.Name, to.Source, from.Node.Name),
				"put each node's unicast_src_ip into the other's unicast_peer", to.At("unicast_src_ip"), peerList(from),
			})
		}
	}
	return all
}

func peerList(m *Member) diag.Range {
	for _, l := range m.Block.Lines {
		if l.Keyword() == "unicast_peer" {
			return l.Range
		}
	}
	return m.Block.Range
}

// Global returns the block's last line of a keyword in global_defs; nil where there
// is none.
func (n *Node) Global(keyword string) *keepalived.Node {
	var found *keepalived.Node
	if n.Keepalived == nil {
		return nil
	}
	for _, b := range n.Keepalived.Lines {
		if line := b.Line(keyword); b.Keyword() == "global_defs" && line != nil {
			found = line
		}
	}
	return found
}
