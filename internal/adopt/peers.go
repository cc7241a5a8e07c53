package adopt

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/lbgen/lbgen/internal/pair"
)

// byPeers takes the addresses of two nodes from each other's lists of peers.
func (im *importer) byPeers() {
	for _, router := range im.routers {
		if len(router.Members) != 2 {
			continue
		}
		for i, m := range router.Members {
			other := router.Members[1-i]
			role := im.roles.of(m.Node.Name, m.Interface)
			if len(im.roles.own[m.Node.Name][role]) > 0 {
				continue
			}
			if p, ok := im.ofBoth(router, i); ok { // in the order of the nodes
				im.asked("all nodes have the same list of peers: %s is taken as %s's own; --address %s=%s:ADDRESS/LENGTH says another",
					p.Addr(), m.Node.Name, m.Node.Name, m.Interface)
				im.roles.address(m.Node.Name, role, im.network(p.Addr(), m))
				continue
			}
			if len(other.Peers) != 1 {
				continue
			}
			if p, ok := prefix(other.Peers[0]); ok {
				im.roles.address(m.Node.Name, role, im.network(p.Addr(), m))
			}
		}
	}
}

// ofBoth is a node's address where both nodes list the same two: the one that stands where
// the node stands.
func (im *importer) ofBoth(r *pair.Router, i int) (netip.Prefix, bool) {
	a, b := r.Members[0], r.Members[1]
	isPeer := func(vip string) bool { return slices.Contains(a.Peers, vip) }
	if len(a.Peers) != 2 || !slices.Equal(a.Peers, b.Peers) || slices.ContainsFunc(a.VIPs, isPeer) {
		return netip.Prefix{}, false
	}
	return prefix(a.Peers[i])
}

// strangers are the peers of a node whose own files alone were given: a site file has all
// nodes that send adverts to each other.
func (im *importer) strangers() []*node {
	if len(im.nodes) != 1 || len(im.routers) == 0 {
		return nil
	}
	own := im.nodes[0]
	lowest := 255
	for _, r := range im.routers {
		lowest = min(lowest, r.Members[0].Priority)
	}
	var all []*node
	for i, address := range strangersOf(im.routers) {
		n, addresses := mapping(), mapping()
		name := fmt.Sprintf("peer%d", i+1)
		n.set("name", name)
		n.set("priority", priorityBelow(lowest, i))
		for _, role := range im.roles.order {
			for _, p := range im.roles.own[own.Name][role] {
				a, ok := prefix(address)
				if !ok || !im.hasRouter(role) || a.Addr().Is4() != p.Addr().Is4() {
					a = im.free(role, i+1, p.Addr().Is4())
				}
				im.roles.address(name, role, netip.PrefixFrom(a.Addr(), p.Bits()))
			}
			var texts []string
			for _, p := range im.roles.own[name][role] {
				texts = append(texts, p.Addr().String())
			}
			addresses.put(role, oneOrList(texts))
		}
		n.set("addresses", addresses)
		im.asked("the files of the peer %s were not given: it is called %s, and its priority is a guess; give its files, too", address, name)
		all = append(all, n)
	}
	return all
}

// priorityBelow is one that is lower, where there is room, and is nobody else's.
func priorityBelow(lowest, i int) int {
	if p := lowest - 1 - i; p > 0 {
		return p
	}
	return lowest + 1 + i
}

// strangersOf are the peers of routers that one node alone is a part of.
func strangersOf(routers []*pair.Router) []string {
	var all []string
	for _, r := range routers {
		for _, p := range r.Members[0].Peers {
			if !slices.Contains(all, p) && len(r.Members) == 1 && p != r.Members[0].Source {
				all = append(all, p)
			}
		}
	}
	return all
}

// hasRouter says whether an instance runs over the NICs of a role.
func (im *importer) hasRouter(role string) bool {
	return slices.ContainsFunc(im.routers, func(r *pair.Router) bool {
		return im.roles.of(r.Members[0].Node.Name, r.Members[0].Interface) == role
	})
}
