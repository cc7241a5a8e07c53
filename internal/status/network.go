package status

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/site"
)

// vips judges who has each virtual IP.
func (j *judge) vips() {
	routers := j.routers()
	for _, g := range j.groups {
		var holders []int // of any of the group's
		held := map[string][]int{}
		for _, address := range g.VIPs {
			for i := range j.answers {
				if j.has(i, address, routers[address]) {
					held[address] = append(held[address], i)
					holders = append(holders, i)
				}
			}
		}
		slices.Sort(holders)
		should := j.should(g, slices.Compact(holders))
		for _, address := range g.VIPs {
			v := VIP{Address: address, Held: j.names(held[address]), Should: j.names(should)}
			j.VIPs = append(j.VIPs, v)
			j.vip(g, v, held[address], should)
		}
	}
	j.devices()
}

// routers are the items of vrrp by their virtual IPs.
func (j *judge) routers() map[string]*site.VRRP {
	all := map[string]*site.VRRP{}
	for i := range j.site.VRRP {
		for _, vip := range j.site.VRRP[i].VIPs {
			all[vip.Address.Addr().String()] = &j.site.VRRP[i]
		}
	}
	return all
}

// has says whether a node has a virtual IP: it says so itself or, where it cannot be
// asked, another one hears its adverts.
func (j *judge) has(i int, address string, v *site.VRRP) bool {
	if f := j.answers[i].Facts; f != nil {
		return slices.ContainsFunc(f.Addresses, func(h heldAddress) bool { return h.address == address })
	}
	return j.sends(i, v)
}

// sends says whether adverts of a node are heard by others, for one item of vrrp or, with
// nil, for any.
func (j *judge) sends(i int, v *site.VRRP) bool {
	own := map[string]bool{}
	for _, nic := range j.site.Nodes[i].NICs {
		for _, a := range nic.Addresses {
			own[a.Addr().String()] = true
		}
	}
	for _, a := range j.answers {
		if a.Facts == nil {
			continue
		}
		for _, h := range a.Facts.Heard {
			if slices.ContainsFunc(h.adverts, func(one advert) bool { return own[one.source] && (v == nil || one.vrid == v.VirtualRouterID) }) {
				return true
			}
		}
	}
	return false
}

// should is who has the virtual IPs of a group, by the arithmetic: who has had them meets
// what is broken now. A node that cannot be asked counts as one that is down, unless its
// adverts are heard.
func (j *judge) should(g *failover.Group, holders []int) []int {
	s := g.Settle(holders)
	broken := j.broken()
	for _, part := range g.Parts() {
		if slices.Contains(broken, part) {
			s = g.Next(s, part).To
		}
	}
	return s.Masters
}

// broken are the parts of the site that are seen to be broken.
func (j *judge) broken() []failover.Part {
	var all []failover.Part
	add := func(i int, kind failover.Kind, name string) {
		all = append(all, failover.Part{Node: i, Kind: kind, Name: name})
	}
	vrrp := map[string]bool{}
	for i := range j.site.VRRP {
		vrrp[j.site.VRRP[i].NIC] = true
	}
	for i, a := range j.answers {
		if a.Facts == nil {
			if !j.sends(i, nil) {
				add(i, failover.Machine, "")
			}
			continue
		}
		for unit, kind := range map[string]failover.Kind{"haproxy": failover.HAProxy, "keepalived": failover.Keepalived} {
			if a.Facts.Units[unit]["ActiveState"] != "active" {
				add(i, kind, "")
			}
		}
		for _, nic := range j.site.Nodes[i].NICs {
			if a.Facts.Links[nic.Device].up {
				continue
			}
			add(i, failover.NIC, nic.Role)
			if vrrp[nic.Role] {
				add(i, failover.OwnNIC, "")
			}
		}
	}
	return all
}

func (j *judge) names(nodes []int) []string {
	names := []string{}
	for _, i := range nodes {
		names = append(names, j.site.Nodes[i].Name)
	}
	return names
}

func (j *judge) vip(g *failover.Group, v VIP, held, should []int) {
	t := Trouble{Nodes: v.Held}
	switch {
	case len(held) > 1:
		t.Kind, t.Summary = "vip-twice", fmt.Sprintf("%s is on %s at the same time", v.Address, strings.Join(v.Held, " and "))
		t.Remedy = "they do not hear each other's adverts, or do not take them: look at virtual_router_id, password and firewall on both"
	case len(held) == 0 && len(should) == 0:
		t.Kind, t.Nodes, t.Summary = "vip-nowhere", j.names(j.all()), v.Address+" is on no node, as far as could be asked, and none can have it"
		t.Remedy = "start with what is said above"
	case len(held) == 0:
		t.Kind, t.Nodes = "vip-nowhere", v.Should
		t.Summary = fmt.Sprintf("%s is on no node, as far as could be asked; %s should have it", v.Address, strings.Join(v.Should, " and "))
		t.Remedy = "journalctl -u keepalived -n 30"
	case !slices.Equal(held, should) && len(should) > 0:
		t.Kind, t.Summary = "vip-elsewhere", fmt.Sprintf("%s is on %s, and should be on %s (%s)", v.Address, v.Held[0],
			strings.Join(v.Should, " and "), priorities(g))
		t.Remedy = "journalctl -u keepalived -n 30 on " + strings.Join(v.Should, " and ")
	default:
		return
	}
	j.addTrouble(t)
}

func (j *judge) all() []int {
	var all []int
	for i := range j.site.Nodes {
		all = append(all, i)
	}
	return all
}

func priorities(g *failover.Group) string {
	var all []string
	for _, n := range g.Nodes {
		all = append(all, fmt.Sprintf("%s has priority %d", n.Name, n.Priority))
	}
	return strings.Join(all, ", ")
}

// devices judges whether virtual IPs are where the files put them.
func (j *judge) devices() {
	j.eachVIP(func(device, address string, a Answer) {
		for _, h := range a.Facts.Addresses {
			if h.address == address && h.device != device {
				j.add(a.Set.Node, "vip-wrong-device", fmt.Sprintf("%s is on %s, and belongs on %s", address, h.device, device),
					"somebody has added it by hand: ip addr del it there")
			}
		}
	})
}

func (j *judge) eachVIP(do func(device, address string, a Answer)) {
	for i := range j.site.VRRP {
		v := &j.site.VRRP[i]
		for _, vip := range v.VIPs {
			for _, a := range j.answers {
				if a.Facts != nil {
					do(nodeOf(j.site, a.Set.Node).Device(v.NIC), vip.Address.Addr().String(), a)
				}
			}
		}
	}
}

// strangers judges what other machines do.
func (j *judge) strangers() {
	ours, macs := j.own()
	asked := map[string]bool{}
	j.eachVIP(func(device, address string, a Answer) {
		if slices.Contains(a.Facts.Asked, heldAddress{device, address}) {
			asked[address] = true
		}
		for _, answer := range a.Facts.Answers {
			if answer.device != device || answer.address != address || macs[answer.mac] {
				continue
			}
			j.add(a.Set.Node, "foreign-address",
				fmt.Sprintf("another machine answers for %s: %s, seen on %s%s", address, answer.mac, device, j.but()),
				"find it by its address in the switches, and take the address from it")
		}
	})
	for _, v := range j.VIPs {
		if !asked[v.Address] {
			j.unseen(strings.Join(j.names(j.all()), ", "), "whether another machine answers for "+v.Address,
				"a node with the address needs arping of iputils for it")
		}
	}
	for i := range j.site.VRRP {
		j.adverts(&j.site.VRRP[i], ours, macs)
	}
}

// but says that a node which could not be asked may be the stranger.
func (j *judge) but() string {
	var missing []string
	for _, a := range j.answers {
		if a.Facts == nil {
			missing = append(missing, a.Set.Node)
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return " (" + strings.Join(missing, ", ") + " could not be asked, and may be it)"
}

// own are the addresses and hardware addresses of the nodes.
func (j *judge) own() (addresses, macs map[string]bool) {
	addresses, macs = map[string]bool{}, map[string]bool{}
	for i := range j.site.Nodes {
		for _, nic := range j.site.Nodes[i].NICs {
			for _, a := range nic.Addresses {
				addresses[a.Addr().String()] = true
			}
		}
	}
	for _, a := range j.answers {
		if a.Facts == nil {
			continue
		}
		for _, h := range a.Facts.Addresses {
			addresses[h.address] = true
		}
		for _, l := range a.Facts.Links {
			macs[l.mac] = true
		}
		for _, h := range a.Facts.Heard { // of a node that cannot be asked
			for _, one := range h.adverts {
				if addresses[one.source] {
					macs[one.mac] = true
				}
			}
		}
	}
	return addresses, macs
}

// adverts judges those that were heard of the virtual router.
func (j *judge) adverts(v *site.VRRP, ours, macs map[string]bool) {
	for _, a := range j.answers {
		if a.Facts == nil {
			continue
		}
		device := nodeOf(j.site, a.Set.Node).Device(v.NIC)
		h := a.Facts.Heard[device]
		switch {
		case a.Facts.Heard["-"] != nil:
			j.unseen(a.Set.Node, "other machines' adverts", "tcpdump is not there")
			continue
		case h == nil || !h.whole:
			j.unseen(a.Set.Node, "other machines' adverts on "+device, "tcpdump has failed")
			continue
		}
		for _, one := range h.adverts {
			mine := slices.ContainsFunc(v.Instances, func(i site.Instance) bool { return i.Family == one.family })
			if mine && one.vrid == v.VirtualRouterID && !ours[one.source] && !macs[one.mac] {
				j.add(a.Set.Node, "foreign-vrid", fmt.Sprintf("%s (%s) sends adverts for virtual_router_id %d of %s on %s, with priority %d%s",
					one.source, one.mac, one.vrid, v.Name, device, one.priority, j.but()), "give one of the two another virtual_router_id")
			}
		}
	}
}
