package model

import (
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// host looks at what the machine itself is told.
func (c *cross) host() {
	c.maxconns()
	c.places()
	c.logs()
	c.sysctls()
	if s := c.site.Global.StatsSocket; s.Group != "" && s.Mode != "660" {
		c.add("global.stats_socket.group", "bad-value", "a group that may not use the socket",
			`its mode gives a group no rights: add mode: "660"`)
	}
	if u := c.site.ServiceUser; u != nil && u.User == "root" {
		c.add("service_user.user", "bad-value", "HAProxy would keep root's rights",
			"name a user that has none: HAProxy binds its ports before it becomes this user")
	}
}

// maxconns wants no part to take more connections than the whole does.
func (c *cross) maxconns() {
	whole := c.site.MaxconnInAll()
	part := func(path diag.Path, n int) {
		if n <= whole || whole == 0 || c.failed["global.maxconn"] {
			return
		}
		c.add(path, "bad-value", fmt.Sprintf("maxconn %d is more than HAProxy takes in all", n),
			fmt.Sprintf("global.maxconn is %d: raise that, or lower this", whole), c.elsewhere("the whole is here", "global.maxconn"))
	}
	part("defaults.maxconn", int(c.site.Defaults.Maxconn))
	for i, f := range c.site.Frontends {
		part(diag.Path("frontends").Index(i).Key("maxconn"), f.Maxconn)
	}
}

// foreignFolders are those of other programs where lbgen writes files of their
// names.
func foreignFolders() []string {
	return []string{
		"/etc/default", "/etc/firewalld", "/etc/keepalived", "/etc/logrotate.d", "/etc/rsyslog.d", "/etc/sysconfig",
		"/etc/sysctl.d", "/etc/systemd", "/etc/tmpfiles.d", "/usr/libexec",
	}
}

// places wants folders that are HAProxy's own.
func (c *cross) places() {
	p := c.site.Paths
	if p.HAProxy != "" && path.Base(p.HAProxy) != "haproxy" {
		c.add("paths.haproxy", "bad-value", fmt.Sprintf("HAProxy's program would be called %s", path.Base(p.HAProxy)),
			"whoever watches HAProxy looks for a process haproxy: give it that name, in a folder of its own")
	}
	for _, folder := range []struct{ name, path string }{{"config", p.Config}, {"chroot", p.Chroot}, {"logs", p.Logs}} {
		parts := strings.Split(strings.TrimPrefix(folder.path, "/"), "/")
		switch at := diag.Path("paths").Key(folder.name); {
		case folder.path == "" || c.failed[at]:
		case len(parts) < 2:
			c.add(at, "bad-value", folder.path+" is not HAProxy's own folder", "name one below it, such as "+folder.path+"/haproxy")
		case slices.Contains(foreignFolders(), "/"+parts[0]+"/"+parts[1]),
			slices.Contains([]string{"install.sh", "node.table", "firewalld.sh", "firewalld.table", "MANIFEST"}, parts[0]):
			c.add(at, "bad-value", fmt.Sprintf("/%s/%s belongs to another program", parts[0], parts[1]),
				"name a folder that is HAProxy's own, such as /etc/haproxy")
		}
	}
	if p.Logs != "" && p.Logs == "/var/log/keepalived" {
		c.add("paths.logs", "bad-value", "/var/log/keepalived is Keepalived's folder", "HAProxy's log needs one of its own")
	}
}

// sysctls wants each setting once, and none that takes away what HAProxy needs.
func (c *cross) sysctls() {
	first := map[string]string{}
	nonlocal := c.site.NonlocalBind()
	for _, key := range sortedKeys(c.site.Host.Sysctl) {
		path, name := diag.Path("host.sysctl").Entry(key), SysctlName(key)
		if other, ok := first[name]; ok {
			c.add(path, "duplicate", fmt.Sprintf("setting %s is defined twice", name), "one of them would win: take the other out",
				c.elsewhere("it is defined here already", diag.Path("host.sysctl").Entry(other)))
			continue
		}
		first[name] = key
		for _, n := range nonlocal {
			if value := c.site.Host.Sysctl[key]; n.Setting == name && value != "1" {
				c.add(path, "bad-value", fmt.Sprintf("%s %s contradicts what HAProxy needs", name, value),
					"without it HAProxy does not start on a node that does not hold the address: take it out, lbgen sets it to 1",
					c.elsewhere("it is needed for this", n.Path))
			}
		}
	}
}

// SysctlName returns the name of a kernel setting with dots between its parts.
// Where the first separator is a slash, dots belong to the parts (sysctl.d(5)).
func SysctlName(key string) string {
	if i := strings.IndexAny(key, "./"); i < 0 || key[i] == '.' {
		return key
	}
	return strings.Map(func(r rune) rune {
		switch r {
		case '/':
			return '.'
		case '.':
			return '/'
		default:
			return r
		}
	}, key)
}

// Nonlocal is a kernel setting that lets HAProxy bind addresses which the node
// does not hold at the moment, and the first model path that needs it.
type Nonlocal struct {
	Setting string
	Path    diag.Path
}

// NonlocalBind returns a setting for exactly the families in which HAProxy binds
// an address that a node may not hold.
func (s *Site) NonlocalBind() []Nonlocal {
	path := map[bool]diag.Path{} // by Is4
	foreign := func(addrs []netip.Addr, at diag.Path) {
		for _, a := range addrs {
			if _, ok := path[a.Is4()]; !ok && !s.everyNodeHolds(a) {
				path[a.Is4()] = at
			}
		}
	}
	for i, f := range s.Frontends {
		for j, b := range f.Binds {
			foreign(s.BindAddresses(b), diag.Path("frontends").Index(i).Key("binds").Index(j))
		}
	}
	if s.Stats != nil {
		foreign(s.BindAddresses(Bind{NIC: s.Stats.NIC}), "stats.nic")
	}
	var needed []Nonlocal
	if at, ok := path[true]; ok {
		needed = append(needed, Nonlocal{"net.ipv4.ip_nonlocal_bind", at})
	}
	if at, ok := path[false]; ok {
		needed = append(needed, Nonlocal{"net.ipv6.ip_nonlocal_bind", at})
	}
	return needed
}

// everyNodeHolds says whether a bind to the address succeeds wherever it is
// tried: all addresses, the machine's own, or those of a lone node.
func (s *Site) everyNodeHolds(a netip.Addr) bool {
	if a.IsUnspecified() || a.IsLoopback() {
		return true
	}
	return !slices.ContainsFunc(s.Nodes, func(n Node) bool { return !n.holds(a) })
}

func (n Node) holds(a netip.Addr) bool {
	for _, own := range n.Addresses {
		if slices.Contains(own, a) {
			return true
		}
	}
	return false
}
