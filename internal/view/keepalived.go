package view

import (
	"cmp"
	"net/netip"
	"strconv"
	"time"

	"github.com/lbgen/lbgen/internal/model"
)

// Keepalived is keepalived.conf of one node, and the script that it calls.
type Keepalived struct {
	RouterID, RouterOrigin string
	ScriptUser             string
	Settings               []Setting // further lines of global_defs
	Raw                    []RawLine
	Email                  *Email
	Scripts                []Script
	Processes              []Process
	Groups                 []SyncGroup
	Instances              []Instance
	Notify                 *Notify // nil: no script is needed
}

// Email is how Keepalived sends mail.
type Email struct {
	To             []string
	From, Server   string
	ConnectTimeout int // seconds
	Origin         string
}

// SyncGroup holds instances that move together.
type SyncGroup struct {
	Name, Origin string
	Members      []string
}

// Instance is one vrrp_instance.
type Instance struct {
	Name, Origin    string
	Interface       string
	VirtualRouterID int
	Priority        int
	PriorityOrigin  string
	NoPreempt       bool
	AdvertInt       string    // seconds, with a fraction in version 3
	Version         int       // of VRRP: 2 or 3
	Settings        []Setting // further lines
	Peers           []Setting // addresses that unicast adverts go to and may come from; none: multicast
	AuthPass        *Secret
	VIPs            []VIP
	TrackInterfaces []TrackInterface
	TrackScripts    []string // names
	TrackProcesses  []string
	Notify          *Setting // what is called on each change of state; nil: nothing
	Alert           string   // origin of the mail on each change of state; "" for none
	Raw             []RawLine
}

// VIP is one line of virtual_ipaddress.
type VIP struct{ Address, Device, Label, Origin string }

// TrackInterface is one further interface whose link must be up. A weight of 0
// makes the instance FAULT.
type TrackInterface struct {
	Device, Origin string
	Weight         int
}

func resolveKeepalived(site *model.Site, n model.Node, in model.Inputs) *Keepalived {
	if len(site.VRRP) == 0 {
		return nil
	}
	g := site.Keepalived
	k := &Keepalived{
		RouterID: cmp.Or(n.RouterID, n.Name), RouterOrigin: Mark(origin(site, n)),
		ScriptUser: cmp.Or(g.ScriptUser, ScriptUser), Settings: globalSettings(g), Raw: rawLines(g.Raw, "keepalived.raw"),
		Email: resolveEmail(site), Notify: resolveNotify(site),
	}
	for i, v := range site.VRRP {
		k.add(site, n, v, at("vrrp", i), in)
	}
	for _, group := range site.SyncGroups() {
		k.Groups = append(k.Groups, resolveGroup(site, group))
	}
	return k
}

func globalSettings(g model.KeepalivedGlobal) []Setting {
	var s settings
	s.seconds("vrrp_startup_delay", g.StartupDelay, "keepalived.vrrp_startup_delay")
	s.fraction("vrrp_garp_interval", g.GARPInterval, "keepalived.vrrp_garp_interval")
	s.fraction("vrrp_gna_interval", g.GNAInterval, "keepalived.vrrp_gna_interval")
	if g.SkipCheckAdvAddr {
		s.add("vrrp_skip_check_adv_addr", "true", "keepalived.vrrp_skip_check_adv_addr")
	}
	s.number("max_auto_priority", g.MaxAutoPriority, "keepalived.max_auto_priority")
	return s
}

// settings collects the lines of what the site file has.
type settings []Setting

func (s *settings) add(key, value, path string) { *s = append(*s, Setting{key, value, Mark(path)}) }

func (s *settings) number(key string, n int, path string) {
	if n != 0 {
		s.add(key, strconv.Itoa(n), path)
	}
}

func (s *settings) seconds(key string, d model.Duration, path string) {
	s.number(key, d.Seconds(), path)
}

func (s *settings) fraction(key string, d model.Duration, path string) {
	if d != 0 {
		s.add(key, fraction(d, 0), path)
	}
}

func resolveGroup(site *model.Site, group model.SyncGroup) SyncGroup {
	path := at("vrrp", group.Members[0])
	g := SyncGroup{Name: group.Name, Origin: Mark(path + ".vips")}
	if site.VRRP[group.Members[0]].SyncGroup != "" {
		g.Origin = Mark(path + ".sync_group")
	}
	for _, i := range group.Members {
		for _, inst := range instancesOf(site.VRRP[i]) {
			g.Members = append(g.Members, inst.name)
		}
	}
	return g
}

// instance is one of those that an item becomes: one for each family of its
// VIPs.
type instance struct {
	name   string
	family int
}

func instancesOf(v model.VRRP) []instance {
	switch four, six := v.HasFamily(4), v.HasFamily(6); {
	case four && six:
		return []instance{{v.Name, 4}, {v.NameIPv6(), 6}}
	case six:
		return []instance{{v.Name, 6}}
	default:
		return []instance{{v.Name, 4}}
	}
}

// add resolves one item. Where it becomes two instances they move together, so
// that the first one's mails and notifications tell it all.
func (k *Keepalived) add(site *model.Site, n model.Node, v model.VRRP, path string, in model.Inputs) {
	scripts, processes := k.track(v, path+".track")
	for i, one := range instancesOf(v) {
		inst := resolveInstance(site, n, v, one.family, path, in)
		inst.Name, inst.TrackScripts, inst.TrackProcesses = one.name, scripts, processes
		if i == 0 {
			inst.Notify, inst.Alert = notifyLine(v, path), alert(site, v, path)
		}
		k.Instances = append(k.Instances, inst)
	}
}

// alert returns the origin of Keepalived's own mails, which our script's
// replace; "" where there are none.
func alert(site *model.Site, v model.VRRP, path string) string {
	switch {
	case v.SMTPAlert != nil && *v.SMTPAlert:
		return Mark(path + ".smtp_alert")
	case v.SMTPAlert == nil && site.Notifications.Email != nil && len(v.Notify.Mail) == 0:
		return Mark("notifications.email")
	default:
		return ""
	}
}

func resolveInstance(site *model.Site, n model.Node, v model.VRRP, family int, path string, in model.Inputs) Instance {
	inst := Instance{
		Origin: Mark(path), Interface: site.Device(n, v.NIC), VirtualRouterID: v.VirtualRouterID,
		Priority: v.Priority(n), PriorityOrigin: Mark(origin(site, n) + ".priority"),
		NoPreempt: NoPreempt(site, n, v),
		Version:   v.VRRPVersion(family), AdvertInt: fraction(v.AdvertInt, AdvertInt),
		Settings: instanceSettings(n, v, family, path), Raw: rawLines(v.Raw, path+".raw"),
	}
	if _, own := v.Priorities[n.Name]; own {
		inst.PriorityOrigin = Mark(path + ".priorities[" + n.Name + "]")
	}
	if inst.Version == 2 && !v.AuthPass.IsZero() {
		inst.AuthPass = resolveSecret(v.AuthPass, path+".auth_pass", in)
	}
	if v.Unicast {
		inst.Peers = peers(site, n, v, family)
	}
	for i, vip := range v.VIPs {
		if vip.Address.Addr.Is4() == (family == 4) {
			inst.VIPs = append(inst.VIPs, VIP{vipPrefix(site, v, vip).String(), inst.Interface, vip.Label, Mark(at(path+".vips", i))})
		}
	}
	for i, nic := range v.Track.NICs {
		inst.TrackInterfaces = append(inst.TrackInterfaces, TrackInterface{site.Device(n, nic.NIC), Mark(at(path+".track.nics", i)), int(nic.Weight)})
	}
	return inst
}

func instanceSettings(n model.Node, v model.VRRP, family int, path string) []Setting {
	var s settings
	s.seconds("preempt_delay", v.PreemptDelay, path+".preempt_delay")
	s.seconds("garp_master_delay", v.GARP.MasterDelay, path+".garp.master_delay")
	s.number("garp_master_repeat", v.GARP.MasterRepeat, path+".garp.master_repeat")
	s.seconds("garp_master_refresh", v.GARP.MasterRefresh, path+".garp.master_refresh")
	s.number("garp_master_refresh_repeat", v.GARP.MasterRefreshRepeat, path+".garp.master_refresh_repeat")
	switch {
	case v.Unicast:
		s.add("unicast_src_ip", n.Address(v.NIC, family).String(), path+".unicast")
	case v.MulticastSource && family == 4:
		s.add("mcast_src_ip", n.Address(v.NIC, family).String(), path+".mcast_src_ip")
	}
	return s
}

// peers are the addresses of the other nodes, each the one that the node itself
// sends from. The node's own is not among them: Keepalived would complain of
// its own adverts every second.
func peers(site *model.Site, n model.Node, v model.VRRP, family int) []Setting {
	var list settings
	for i, other := range site.Nodes {
		if other.Name != n.Name {
			list.add(other.Address(v.NIC, family).String(), "", at("nodes", i)+".addresses["+v.NIC+"]")
		}
	}
	return list
}

// NoPreempt says whether the node has nopreempt in the instance: the one with
// the highest priority has, unless the site wants the VIP back. On both, a node
// whose priority fell would never be relieved, and on the lower one it has no
// effect.
func NoPreempt(site *model.Site, n model.Node, v model.VRRP) bool {
	if v.Preempt || len(site.Nodes) == 1 {
		return false
	}
	for _, other := range site.Nodes {
		if v.Priority(other) > v.Priority(n) {
			return false
		}
	}
	return true
}

// vipPrefix gives a VIP without prefix length that of its network: left to
// itself, Keepalived would take it for a single host.
func vipPrefix(site *model.Site, v model.VRRP, vip model.VIP) netip.Prefix {
	bits := vip.Address.Bits
	if bits < 0 {
		subnet, _ := site.NICs[v.NIC].Subnet.Of(vip.Address.Addr)
		bits = subnet.Bits()
	}
	return netip.PrefixFrom(vip.Address.Addr, bits)
}

func resolveEmail(site *model.Site) *Email {
	e := site.Notifications.Email
	if e == nil {
		return nil
	}
	email := &Email{To: e.To, From: e.From, Server: e.SMTPServer, ConnectTimeout: seconds(e.SMTPConnectTimeout, SMTPConnectTimeout), Origin: Mark("notifications.email")}
	if email.Server == "" {
		email.Server = SMTPServer
	}
	return email
}

// origin is the model path of the node.
func origin(site *model.Site, n model.Node) string {
	for i, other := range site.Nodes {
		if other.Name == n.Name {
			return at("nodes", i)
		}
	}
	return "nodes"
}

func seconds(d model.Duration, otherwise time.Duration) int {
	if d == 0 {
		d = model.Duration(otherwise)
	}
	return d.Seconds()
}

// fraction prints seconds as version 3 takes them, with up to two decimals.
func fraction(d model.Duration, otherwise time.Duration) string {
	if d == 0 {
		d = model.Duration(otherwise)
	}
	return strconv.FormatFloat(time.Duration(d).Seconds(), 'f', -1, 64)
}
