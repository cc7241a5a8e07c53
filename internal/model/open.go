package model

import "net/netip"

// IsOpen says whether the firewall lets clients in to the bind.
func (b Bind) IsOpen() bool {
	if b.Open != nil {
		return *b.Open
	}
	return b.VIP != "" || b.Address.IsValid() && !b.Address.IsLoopback()
}

// Held is an address that a node may hold, and the role of its NIC.
type Held struct {
	Role string
	Addr netip.Addr
}

// heldBy returns the addresses that a node may hold: its own, by role in
// alphabetical order, and the VIPs, in that of the file.
func (s *Site) heldBy(n Node) []Held {
	var all []Held
	for _, role := range sortedKeys(n.Addresses) {
		for _, a := range n.Addresses[role] {
			all = append(all, Held{role, a})
		}
	}
	for _, v := range s.VRRP {
		for _, vip := range v.VIPs {
			all = append(all, Held{v.NIC, vip.Address.Addr})
		}
	}
	return all
}

// reaches returns the addresses of a node to which clients of a bind to an
// address come. One that lbgen does not know, such as that of a tunnel, is on
// the NIC whose network it is in, or may be on any.
func (s *Site) reaches(n Node, address netip.Addr) []Held {
	var all []Held
	for _, h := range s.heldBy(n) {
		if h.Addr == address || address.IsUnspecified() && h.Addr.Is4() == address.Is4() {
			all = append(all, h)
		}
	}
	if len(all) > 0 || address.IsUnspecified() || s.heldByAnother(n, address) {
		return all
	}
	for _, role := range sortedKeys(s.NICs) {
		subnet, ok := s.NICs[role].Subnet.Of(address)
		if ok && subnet.Contains(address) {
			return []Held{{role, address}}
		}
		all = append(all, Held{role, address})
	}
	return all
}

func (s *Site) heldByAnother(n Node, address netip.Addr) bool {
	for _, other := range s.Nodes {
		for _, addrs := range other.Addresses {
			for _, a := range addrs {
				if other.Name != n.Name && a == address {
					return true
				}
			}
		}
	}
	return false
}

// OpenTo returns the addresses of a node to which clients of a bind come: none
// where it is not open.
func (s *Site) OpenTo(n Node, b Bind) []Held {
	switch {
	case !b.IsOpen():
		return nil
	case b.Address.IsValid():
		return s.reaches(n, b.Address.Addr)
	}
	var all []Held
	for _, addr := range n.Addresses[b.NIC] {
		all = append(all, Held{b.NIC, addr})
	}
	for _, v := range s.VRRP {
		for _, vip := range v.VIPs {
			if b.VIP != "" && (v.Name == b.VIP || vip.Name == b.VIP) {
				all = append(all, Held{v.NIC, vip.Address.Addr})
			}
		}
	}
	return all
}
