// Package view turns a site into what the templates print: defaults applied,
// names looked up, roles and priorities computed. Nothing here can fail for a
// user's reason; the model has refused that before.
//
// Each part that becomes a line of its own carries its Origin: the model path
// that it came from, between marks that the template prints and render takes
// out again (see Mark).
package view

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
)

// Node is one node of a site, ready to print.
type Node struct {
	Site, Name string
	Platform   model.Platform
	HAProxy    *HAProxy    // one and the same for all nodes
	Keepalived *Keepalived // nil where the site has no VRRP
	Sysctl     []Setting   // none: no file
	Pages      []Page
	LogRotate  int // rotations that are kept, one a day
	Devices    []Device
	Firewall   Firewall
	Install    Install
}

// Setting is one line key = value.
type Setting struct{ Key, Value, Origin string }

// Page is a file that HAProxy serves itself.
type Page struct {
	Name, Path string // Path is the model path that names it
	Data       []byte
}

// Device is an interface of the node with its own addresses.
type Device struct {
	Name      string
	Addresses []netip.Prefix
}

// Header returns the first line of each rendered file, as a comment of that
// file's grammar. It holds no clock and no version: the same site gives the
// same bytes on any day.
func (n Node) Header(comment string) string {
	return comment + " Made by lbgen from site " + n.Site + ". Do not edit: change the site file and render again."
}

// Facility is the syslog facility of HAProxy's log lines, which rsyslog's rule
// must name too.
func (n Node) Facility() string { return HAProxyFacility }

// KeepalivedFacility is the one of Keepalived's.
func (n Node) KeepalivedFacility() string { return KeepalivedFacility }

// Resolve returns the nodes of the site, in the order of the site file.
func Resolve(site *model.Site, in model.Inputs) []Node {
	platform := site.Machine()
	haproxy := resolveHAProxy(site, in)
	sysctl := resolveSysctl(site)
	pages := resolvePages(site, in)
	var nodes []Node
	for _, n := range site.Nodes {
		nodes = append(nodes, Node{
			Site: site.Site, Name: n.Name, Platform: platform,
			HAProxy: haproxy, Keepalived: resolveKeepalived(site, n, in),
			Sysctl: sysctl, Pages: pages, LogRotate: LogRotations,
			Devices: resolveDevices(site, n), Firewall: resolveFirewall(site, n), Install: resolveInstall(site, n),
		})
	}
	return nodes
}

// resolveSysctl asks for nonlocal bind in exactly the families in which
// HAProxy binds an address that a node may not hold.
func resolveSysctl(site *model.Site) []Setting {
	origin := map[bool]string{} // by Is4
	foreign := func(addrs []netip.Addr, always bool, path string) {
		for _, a := range addrs {
			if _, ok := origin[a.Is4()]; !ok && (always || len(site.Nodes) > 1) {
				origin[a.Is4()] = path
			}
		}
	}
	for i, f := range site.Frontends {
		for j, b := range f.Binds {
			foreign(site.BindAddresses(b), b.VIP != "", "frontends["+strconv.Itoa(i)+"].binds["+strconv.Itoa(j)+"]")
		}
	}
	if site.Stats != nil {
		foreign(addressesOn(site, site.Stats.NIC), false, "stats.nic")
	}
	var settings []Setting
	if path, ok := origin[true]; ok {
		settings = append(settings, Setting{"net.ipv4.ip_nonlocal_bind", "1", Mark(path)})
	}
	if path, ok := origin[false]; ok {
		settings = append(settings, Setting{"net.ipv6.ip_nonlocal_bind", "1", Mark(path)})
	}
	return settings
}

func resolvePages(site *model.Site, in model.Inputs) []Page {
	var pages []Page
	for _, ref := range site.PageRefs() {
		name := model.PageName(ref.File)
		if !slices.ContainsFunc(pages, func(p Page) bool { return p.Name == name }) {
			pages = append(pages, Page{Name: name, Path: ref.Path, Data: in.Pages[ref.File]})
		}
	}
	return pages
}

func resolveDevices(site *model.Site, n model.Node) []Device {
	var devices []Device
	for _, role := range roles(site) {
		name := site.Device(n, role)
		i := slices.IndexFunc(devices, func(d Device) bool { return d.Name == name })
		if i < 0 {
			i = len(devices)
			devices = append(devices, Device{Name: name})
		}
		for _, a := range n.Addresses[role] {
			subnet, _ := site.NICs[role].Subnet.Of(a)
			devices[i].Addresses = append(devices[i].Addresses, netip.PrefixFrom(a, subnet.Bits()))
		}
	}
	slices.SortFunc(devices, func(a, b Device) int { return strings.Compare(a.Name, b.Name) })
	return devices
}

// roles returns the NIC roles sorted, so that no map order reaches a file.
func roles(site *model.Site) []string {
	var all []string
	for role := range site.NICs {
		all = append(all, role)
	}
	slices.Sort(all)
	return all
}

// addressesOn returns every node's own addresses on a NIC, in the order of the
// site file.
func addressesOn(site *model.Site, role string) []netip.Addr {
	return site.BindAddresses(model.Bind{NIC: role})
}

func at(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
