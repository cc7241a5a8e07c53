package model

import (
	"fmt"
	"net/netip"
	"slices"
)

// PeersName is the name of the section by which the nodes' HAProxy share their
// stick tables.
const PeersName = "lbgen"

// DefaultPeersPort is one that SELinux lets HAProxy bind and connect to as it
// is (http_cache_port_t); 10000, which HAProxy's examples use, is not.
const DefaultPeersPort = 10001

// PortOrDefault returns the port of the channel (1-65535).
func (p *Peers) PortOrDefault() int {
	if p.Port == 0 {
		return DefaultPeersPort
	}
	return p.Port
}

// PeerAddress returns the node's address on the channel: of IPv4 where every
// node has one there, of IPv6 otherwise; none where the site has no channel.
func (s *Site) PeerAddress(n Node) netip.Addr {
	if s.Peers == nil {
		return netip.Addr{}
	}
	for _, is4 := range []bool{true, false} {
		ofFamily := func(a netip.Addr) bool { return a.IsValid() && a.Is4() == is4 }
		if !slices.ContainsFunc(s.Nodes, func(n Node) bool { return !slices.ContainsFunc(n.Addresses[s.Peers.NIC], ofFamily) }) {
			all := n.Addresses[s.Peers.NIC]
			return all[slices.IndexFunc(all, ofFamily)]
		}
	}
	return netip.Addr{}
}

func (c *cross) peers() {
	p := c.site.Peers
	if p == nil {
		return
	}
	if !c.refer("peers.nic", p.NIC, c.roles) {
		return
	}
	if len(c.site.Nodes) == 1 && !c.hasFailedBelow("nodes") {
		c.add("peers", "bad-value", "peers needs a second node", "one node has nobody to share with: take peers out, or add the other node")
		return
	}
	before := len(c.found)
	c.addressesOn(p.NIC, "peers.nic", "the nodes' HAProxy talk to each other there")
	if len(c.found) == before && len(c.site.Nodes) > 1 && !c.hasFailedBelow("nodes") && !c.site.PeerAddress(c.site.Nodes[0]).IsValid() {
		c.add("peers.nic", "bad-value", fmt.Sprintf("the nodes' addresses on NIC %q are of different families", p.NIC),
			"HAProxy connects from each node to each other one: give all of them IPv4 addresses there, or all of them IPv6 ones")
	}
}

// peerListeners takes the channel's addresses, so that no bind may.
func (c *cross) peerListeners(l *listeners) {
	for _, n := range c.site.Nodes {
		addr := c.site.PeerAddress(n)
		if !addr.IsValid() || c.shared[addr] {
			continue
		}
		if !c.listen(l, netip.AddrPortFrom(addr, uint16(c.site.Peers.PortOrDefault())), place{list: "peers", i: noIndex}) {
			return // one finding is enough
		}
	}
}
