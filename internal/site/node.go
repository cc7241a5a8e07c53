package site

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// Node is one machine.
type Node struct {
	*model.Node
	Index    int
	Machine  model.Platform
	RouterID string // Keepalived's name for it
	NICs     []NIC  // one for each role of the site, by role
}

// NIC is the interface that a node has in a role.
type NIC struct {
	Role, Device string
	Zone         string         // of the firewall; "" for one that stays as it is
	Addresses    []netip.Prefix // the node's own, with the length of their network
}

func (s *Site) nodes() []Node {
	nodes := make([]Node, 0, len(s.Written.Nodes))
	for i := range s.Written.Nodes {
		w := &s.Written.Nodes[i]
		n := Node{Node: w, Index: i, Machine: s.Written.MachineOf(*w), RouterID: cmp.Or(w.RouterID, w.Name), NICs: make([]NIC, 0, len(s.Roles))}
		for _, role := range s.Roles {
			nic := s.NICs[role]
			own := NIC{Role: role, Device: s.Written.Device(*w, role), Zone: nic.Zone}
			for _, a := range w.Addresses[role] {
				subnet, _ := nic.Subnet.Of(a)
				own.Addresses = append(own.Addresses, netip.PrefixFrom(a, subnet.Bits()))
			}
			n.NICs = append(n.NICs, own)
		}
		nodes = append(nodes, n)
	}
	return nodes
}

// Path is where the node stands.
func (n *Node) Path() diag.Path { return diag.Path("nodes").Index(n.Index) }

// Device returns the name of the node's interface in a role; "" where the site
// has no such role.
func (n *Node) Device(role string) string {
	for i := range n.NICs {
		if n.NICs[i].Role == role {
			return n.NICs[i].Device
		}
	}
	return ""
}

// OpenTo returns the addresses of a node to which clients of a bind come: none
// where it is not open.
func (s *Site) OpenTo(n *Node, b *Bind) []model.Held { return s.Written.OpenTo(*n.Node, *b.Bind) }

// Networks returns the network of each NIC role, by the name of one of its
// roles. Roles that a node plays with one and the same device are in one network.
func (s *Site) Networks() map[string]string {
	of := make(map[string]string, len(s.Roles))
	for i, role := range s.Roles {
		of[role] = role
		for _, other := range s.Roles[:i] {
			if !s.shareDevice(role, other) {
				continue
			}
			for joins, network := range of { // it may bring two networks together
				if network == of[role] && joins != role {
					of[joins] = of[other]
				}
			}
			of[role] = of[other]
		}
	}
	return of
}

func (s *Site) shareDevice(a, b string) bool {
	return slices.ContainsFunc(s.Nodes, func(n Node) bool { return n.Device(a) == n.Device(b) })
}
