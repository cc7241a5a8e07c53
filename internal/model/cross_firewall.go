package model

import (
	"fmt"
	"slices"

	"github.com/lbgen/lbgen/internal/diag"
)

func (c *cross) firewall() {
	if !c.zonesNeeded() {
		return
	}
	zones := known{what: "firewall zone of a NIC", list: "nics", names: map[string]bool{}}
	for _, nic := range c.site.NICs {
		if nic.Zone != "" {
			zones.names[nic.Zone] = true
		}
	}
	for _, zone := range sortedKeys(c.site.Firewall.Zones) {
		c.refer(diag.Path("firewall.zones").Entry(zone), zone, zones)
	}
	c.lockedOut()
}

// lockedOut refuses a table of nftables that lets no ssh in to any NIC. On the node
// install.sh asks once more, with the ports that sshd has there.
func (c *cross) lockedOut() {
	if c.site.Firewall.Kind != "nftables" {
		return
	}
	for _, nic := range c.site.NICs {
		zone := c.site.Firewall.Zones[nic.Zone]
		if nic.Zone == "" || len(zone.OpenPorts) > 0 || !slices.Contains(zone.RemoveServices, "ssh") {
			return
		}
	}
	c.add("firewall.zones", "bad-value", "nobody could log in to the nodes any more: every zone loses ssh",
		"leave it to one of them, such as that of the management network")
}

// zonesNeeded wants a zone wherever a rule has to go into one, and says
// whether all are there.
func (c *cross) zonesNeeded() bool {
	reason, needs := c.zoneReason()
	if !needs {
		return true
	}
	needed := map[string]diag.Path{} // role -> path that needs it
	if s := c.site.Stats; s != nil {
		needed[s.NIC] = "stats.nic"
	}
	if p := c.site.Peers; p != nil {
		needed[p.NIC] = "peers.nic"
	}
	for i, f := range c.site.Frontends {
		for j, b := range f.Binds {
			c.bindZones(needed, diag.Path("frontends").Index(i).Key("binds").Index(j), b)
		}
	}
	for i, v := range c.site.VRRP {
		needed[v.NIC] = diag.Path("vrrp").Index(i).Key("nic")
	}
	before := len(c.found)
	for _, role := range sortedKeys(c.site.NICs) {
		if path, ok := needed[role]; ok && c.site.NICs[role].Zone == "" && !c.hasFailedBelow(diag.Path("nics").Entry(role).Key("zone")) {
			c.add(diag.Path("nics").Entry(role), "missing-field", fmt.Sprintf("NIC %q has no firewall zone", role),
				"add zone: "+reason+", and rules for this NIC must go into its zone",
				c.elsewhere("it needs rules because of this", path))
		}
	}
	return len(c.found) == before
}

// zoneReason says why a NIC needs a zone, and whether it does.
func (c *cross) zoneReason() (string, bool) {
	switch c.site.Firewall.Kind {
	case "none":
		return "", false
	case "nftables":
		return "nftables filters what comes in", true
	}
	p, ok := PlatformNamed(c.site.Platform)
	return fmt.Sprintf("on %s firewalld is in use", c.site.Platform), ok && p.Firewalld
}

// bindZones notes the NIC whose zone has to let a bind's clients in; that of a
// VIP is needed anyhow. Where they may come by several NICs, as for "*", those
// with a zone are enough, but not none.
func (c *cross) bindZones(needed map[string]diag.Path, path diag.Path, b Bind) {
	switch {
	case !b.IsOpen():
	case b.NIC != "":
		needed[b.NIC] = path
	case b.Address.IsValid() && c.inTheDark(b) && !c.hasFailedBelow("nics") && !c.hasFailedBelow("nodes"):
		c.add(path, "missing-field", "the firewall lets nobody in to this bind: no NIC that its clients come by has a zone",
			"add zone to these NICs, or write open: false where something else lets clients in")
	}
}

// inTheDark says whether clients come by NICs that have no zone, and by no others.
func (c *cross) inTheDark(b Bind) bool {
	dark := false
	for _, n := range c.site.Nodes {
		for _, h := range c.site.OpenTo(n, b) {
			if c.site.NICs[h.Role].Zone != "" {
				return false
			}
			dark = true
		}
	}
	return dark
}
