package render

import (
	"maps"
	"net/netip"
	"path"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render/haproxy"
	"github.com/lbgen/lbgen/internal/render/keepalived"
	"github.com/lbgen/lbgen/internal/site"
)

// Node is one node of a site, ready to print.
type Node struct {
	Site, Name string
	Platform   model.Platform
	HAProxy    *haproxy.Config    // one and the same for all nodes
	Logs       []site.Log         // where HAProxy's log lines go
	Keepalived *keepalived.Config // nil where the site has no VRRP
	Nonlocal   []KernelSetting    // what HAProxy's binds need; none: no file
	Sysctl     []KernelSetting    // what the site file asks for; none: no file
	Pages      []Page
	// Certificates are those that come from beside the site file.
	Certificates []artifact.File
	Folders      []string // that HAProxy needs and no package brings
	// ConfigVariables tell the package's unit where HAProxy's configuration is;
	// none: where the package has it.
	ConfigVariables []string
	LogDays         int  // that log files are kept
	LogDateExt      bool // old log files have the date in their names
	Devices         []Device
	Firewall        Firewall
	Install         Install
	// KeepalivedFacility is the number of the local syslog facility of Keepalived's
	// messages, which its option file and rsyslog's rule both name.
	KeepalivedFacility int
}

// KernelSetting is one line key = value for sysctl.
type KernelSetting struct {
	Key, Value string
	From       diag.Path
}

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

// resolve returns the nodes of the site, in the order of the site file.
func resolve(s *site.Site, in model.Inputs) []Node {
	w, config := s.Written, haproxy.New(s, in)
	nonlocal, sysctl, pages := resolveNonlocal(s), resolveSysctl(w.Host), resolvePages(w, in)
	folders, variables, ports := resolveFolders(s), configVariables(s), resolvePorts(s)
	certificates, needs := resolveCertificates(s, in), s.NodesOwn()
	nodes := make([]Node, 0, len(s.Nodes))
	for i := range s.Nodes {
		n := &s.Nodes[i]
		nodes = append(nodes, Node{
			Site: s.Name, Name: n.Name, Platform: n.Machine,
			HAProxy: config, Logs: s.Logs, Keepalived: keepalived.New(s, n, in),
			Nonlocal: nonlocal, Sysctl: sysctl, Pages: pages, Certificates: certificates, Folders: folders, ConfigVariables: variables,
			LogDays: s.LogDays, LogDateExt: w.Host.LogDateExt, KeepalivedFacility: s.Keepalived.Facility,
			Devices: resolveDevices(n), Firewall: resolveFirewall(s, n), Install: resolveInstall(s, n, ports, needs),
		})
	}
	return nodes
}

// resolveFolders returns the folders that HAProxy needs where they are not the
// package's own, sorted. They are made where they are missing and otherwise left
// as they are.
func resolveFolders(s *site.Site) []string {
	machine, own := s.Machine, s.Written.Paths
	var folders []string
	if own.Chroot != "" || !machine.Unit {
		folders = append(folders, machine.Chroot)
	}
	if own.StatsSocket != "" || !machine.Unit {
		folders = append(folders, path.Dir(machine.StatsSocket))
	}
	if own.Config != "" && machine.Unit && machine.ConfigFolder != "" {
		folders = append(folders, machine.ConfigFolderPath())
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// configVariables are those of the units of all distributions.
func configVariables(s *site.Site) []string {
	machine := s.Machine
	if s.Written.Paths.Config == "" || !machine.Unit {
		return nil
	}
	variables := []string{"CONFIG=" + machine.ConfigFile()}
	if machine.ConfigFolder != "" {
		variables = append(variables, machine.ConfigFolder+"="+machine.ConfigFolderPath())
	}
	return variables
}

// resolveNonlocal returns the settings that let HAProxy bind addresses which
// the node may not hold.
func resolveNonlocal(s *site.Site) []KernelSetting {
	var settings []KernelSetting
	for _, n := range s.Nonlocal {
		settings = append(settings, KernelSetting{n.Setting, "1", n.Path})
	}
	return settings
}

// resolveSysctl returns the settings that the site file asks for, sorted.
func resolveSysctl(host model.Host) []KernelSetting {
	var settings []KernelSetting
	for _, key := range slices.Sorted(maps.Keys(host.Sysctl)) {
		settings = append(settings, KernelSetting{key, string(host.Sysctl[key]), diag.Path("host.sysctl").Entry(key)})
	}
	return settings
}

func resolvePages(site *model.Site, in model.Inputs) []Page {
	var pages []Page
	for _, ref := range site.PageRefs() {
		name := model.PageName(ref.File)
		if !slices.ContainsFunc(pages, func(p Page) bool { return p.Name == name }) {
			pages = append(pages, Page{Name: name, Path: string(ref.Path), Data: in.Pages[ref.File]})
		}
	}
	return pages
}

// resolveDevices joins the roles that one interface has.
func resolveDevices(n *site.Node) []Device {
	var devices []Device
	for _, nic := range n.NICs {
		i := slices.IndexFunc(devices, func(d Device) bool { return d.Name == nic.Device })
		if i < 0 {
			i = len(devices)
			devices = append(devices, Device{Name: nic.Device})
		}
		devices[i].Addresses = append(devices[i].Addresses, nic.Addresses...)
	}
	slices.SortFunc(devices, func(a, b Device) int { return strings.Compare(a.Name, b.Name) })
	return devices
}
