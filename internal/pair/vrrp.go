package pair

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
)

// Member is one node's vrrp_instance, with Keepalived's own values for what it
// does not say (keepalived.conf(5) and vrrp.c of 2.2.7).
type Member struct {
	Node      *Node
	Block     *keepalived.Node
	Name      string
	Interface string
	VRID      int
	Version   int // of VRRP
	Family    int // 4 or 6
	State     string
	Priority  int // 1-255
	NoPreempt bool
	AdvertInt time.Duration
	Delay     time.Duration // preempt_delay
	AuthType  string
	VIPs      []string // without what stands behind an address
	Source    string   // unicast_src_ip
	Peers     []string
	SyncGroup string
	Tracks    []Track
}

// Unicast says whether the adverts go to single addresses.
func (m *Member) Unicast() bool { return len(m.Block.Listed("unicast_peer")) > 0 || m.Source != "" }

// Router is one virtual router as its nodes see it, or are meant to.
type Router struct {
	Members []*Member // in the order of the nodes
}

// Name is that of the first node's instance.
func (r *Router) Name() string { return r.Members[0].Name }

// Of returns what a node is in the router; nil where it has no part in it.
func (r *Router) Of(n *Node) *Member {
	for _, m := range r.Members {
		if m.Node == n {
			return m
		}
	}
	return nil
}

// Routers returns the virtual routers of the pair: instances of one number and
// family belong together, and so do those that share a virtual IP.
func (p *Pair) Routers() []*Router {
	p.once.Do(func() { p.routers = p.findRouters() })
	return p.routers
}

func (p *Pair) findRouters() []*Router {
	var all []*Router
	var left []*Member
	for _, n := range p.Nodes {
		for _, m := range members(n) {
			if r := joined(all, m, sameNumber); r != nil {
				r.Members = append(r.Members, m)
			} else if i := slices.IndexFunc(p.Nodes, func(o *Node) bool { return o == n }); i == 0 {
				all = append(all, &Router{Members: []*Member{m}})
			} else {
				left = append(left, m)
			}
		}
	}
	for _, m := range left {
		if r := joined(all, m, sharesVIP); r != nil {
			r.Members = append(r.Members, m)
		} else if r := joined(all, m, sameNumber); r != nil {
			r.Members = append(r.Members, m)
		} else {
			all = append(all, &Router{Members: []*Member{m}})
		}
	}
	return all
}

// joined returns the router that the instance belongs to by one of the ways, and
// that has none of its node yet.
func joined(all []*Router, m *Member, by func(a, b *Member) bool) *Router {
	for _, r := range all {
		if r.Of(m.Node) == nil && slices.ContainsFunc(r.Members, func(o *Member) bool { return by(o, m) }) {
			return r
		}
	}
	return nil
}

// sameNumber wants the same interface, too, where the instances share no address:
// two networks may have the same numbers.
func sameNumber(a, b *Member) bool {
	return a.VRID == b.VRID && a.Family == b.Family && (sharesVIP(a, b) || a.Name == b.Name || a.Interface == b.Interface)
}

func sharesVIP(a, b *Member) bool {
	return slices.ContainsFunc(a.VIPs, func(vip string) bool { return slices.Contains(b.VIPs, vip) })
}

// members returns the instances of a node.
func members(n *Node) []*Member {
	var all []*Member
	if n.Keepalived == nil {
		return nil
	}
	for _, b := range n.Keepalived.Lines {
		if b.Keyword() == "vrrp_instance" && b.Block && !b.Skipped {
			all = append(all, member(n, b))
		}
	}
	return all
}

func member(n *Node, b *keepalived.Node) *Member {
	m := &Member{
		Node: n, Block: b, Name: b.Value(), Interface: b.Of("interface"), State: cmp.Or(b.Of("state"), "BACKUP"),
		Source: b.Of("unicast_src_ip"), AuthType: b.Line("authentication").Of("auth_type"),
		VRID: number(b.Of("virtual_router_id"), 0), Priority: number(b.Of("priority"), usualPriority),
		AdvertInt: Seconds(b.Of("advert_int"), time.Second), Delay: Seconds(b.Of("preempt_delay"), 0),
	}
	if m.AuthType != "PASS" && m.AuthType != "AH" { // none without a type that it knows, whatever auth_pass says
		m.AuthType = ""
	}
	if m.State == "MASTER" { // Keepalived clears the delay (vrrp.c)
		m.Delay = 0
	}
	for _, v := range slices.Concat(b.Listed("virtual_ipaddress"), b.Listed("virtual_ipaddress_excluded")) {
		address, _, _ := strings.Cut(v.Keyword(), "/")
		m.VIPs = append(m.VIPs, address)
	}
	m.Source, _, _ = strings.Cut(m.Source, "/")
	for _, v := range b.Listed("unicast_peer") {
		address, _, _ := strings.Cut(v.Keyword(), "/")
		m.Peers = append(m.Peers, address)
	}
	m.Family = 4
	if len(m.VIPs) > 0 && strings.Contains(m.VIPs[0], ":") {
		m.Family = 6
	}
	m.Version = n.version(b, m.Family)
	// "nopreempt will not work with initial state MASTER - clearing" (vrrp.c).
	m.NoPreempt = b.Line("nopreempt") != nil && m.State != "MASTER"
	m.SyncGroup = n.syncGroup(m.Name)
	m.Tracks = n.tracks(m)
	return m
}

// usualPriority is VRRP_PRIO_DFL of vrrp.h.
const usualPriority = 100

func (n *Node) version(b *keepalived.Node, family int) int {
	version := number(b.Of("version"), number(n.global("vrrp_version"), 2))
	if family == 6 {
		return 3
	}
	return version
}

// global returns the value of a keyword of global_defs.
func (n *Node) global(keyword string) string {
	if n.Keepalived == nil {
		return ""
	}
	value := ""
	for _, b := range n.Keepalived.Lines {
		if b.Keyword() == "global_defs" {
			value = cmp.Or(b.Of(keyword), value)
		}
	}
	return value
}

func (n *Node) syncGroup(instance string) string {
	for _, b := range n.Keepalived.Lines {
		if b.Keyword() == "vrrp_sync_group" && slices.ContainsFunc(b.Listed("group"),
			func(l *keepalived.Node) bool { return l.Keyword() == instance }) {
			return b.Value()
		}
	}
	return ""
}

func number(text string, otherwise int) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return otherwise
	}
	return n
}

// Seconds reads one of Keepalived's times: seconds, perhaps with a fraction.
func Seconds(text string, otherwise time.Duration) time.Duration {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f < 0 || f > 1e6 {
		return otherwise
	}
	return time.Duration(f * float64(time.Second))
}

// At is the place of the last of the instance's lines with one of the keywords, or
// of its first line.
func (m *Member) At(keywords ...string) diag.Range {
	for _, k := range keywords {
		if line := m.Block.Line(k); line != nil {
			return line.Range
		}
	}
	return m.Block.Range
}

// Addresses are the node's own that its files name: unicast_src_ip and mcast_src_ip.
func (m *Member) Addresses() []netip.Addr {
	var all []netip.Addr
	for _, text := range []string{m.Source, m.Block.Of("mcast_src_ip")} {
		if a, err := netip.ParseAddr(text); err == nil {
			all = append(all, a)
		}
	}
	return all
}
