package view

import (
	"net/netip"
	"strconv"
	"time"

	"github.com/lbgen/lbgen/internal/model"
)

// Keepalived is keepalived.conf of one node.
type Keepalived struct {
	RouterID, RouterOrigin string
	Email                  *Email
	Scripts                []Script
	Groups                 []SyncGroup
	Instances              []Instance
}

// Email is how Keepalived sends mail.
type Email struct {
	To             []string
	From, Server   string
	ConnectTimeout int // seconds
	Origin         string
}

// Script is a check that Keepalived runs.
type Script struct {
	Name, Command     string
	Interval, Timeout int // seconds
	Rise, Fall        int // results in a row
	Origin            string
}

// SyncGroup holds instances that move together: the two families of one item.
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
	AdvertInt       string // seconds, with a fraction in version 3
	Version         int    // of VRRP: 2 or 3
	AuthPass        *Secret
	VIPs            []VIP
	TrackInterfaces []TrackInterface
	TrackScript     string // name; "" for none
	Alert           bool   // mail on each change of state
}

// VIP is one line of virtual_ipaddress.
type VIP struct{ Address, Device, Origin string }

// TrackInterface is one further interface whose link must be up.
type TrackInterface struct{ Device, Origin string }

// killall proves that a process of the name lives. It comes from psmisc, in
// /usr/bin on every platform.
const killall = "/usr/bin/killall -0 haproxy"

func resolveKeepalived(site *model.Site, n model.Node, in model.Inputs) *Keepalived {
	if len(site.VRRP) == 0 {
		return nil
	}
	k := &Keepalived{RouterID: n.RouterID, RouterOrigin: Mark(origin(site, n)), Email: resolveEmail(site)}
	if k.RouterID == "" {
		k.RouterID = n.Name
	}
	for i, v := range site.VRRP {
		k.add(site, n, v, at("vrrp", i), in)
	}
	return k
}

// add resolves one item: one instance for each family of its VIPs, and a sync
// group where there are two.
func (k *Keepalived) add(site *model.Site, n model.Node, v model.VRRP, path string, in model.Inputs) {
	script := k.script(v.Track.HAProxy, v.Name, path+".track.haproxy")
	names := map[int]string{4: v.Name, 6: v.Name}
	if v.HasFamily(4) && v.HasFamily(6) {
		names[6] = v.NameIPv6()
		k.Groups = append(k.Groups, SyncGroup{Name: v.Name, Origin: Mark(path + ".vips"), Members: []string{names[4], names[6]}})
	}
	for _, family := range []int{4, 6} {
		if v.HasFamily(family) {
			inst := resolveInstance(site, n, v, family, path, in)
			inst.Name, inst.TrackScript, inst.Alert = names[family], script, k.Email != nil
			k.Instances = append(k.Instances, inst)
		}
	}
}

// script returns the name of the check, and adds one where none of the ones
// there are checks the same way.
func (k *Keepalived) script(h *model.TrackHAProxy, instance, path string) string {
	if h == nil {
		h = &model.TrackHAProxy{} // a node without HAProxy must not hold the VIP
	}
	s := Script{
		Name: "chk_haproxy", Command: killall, Origin: Mark(path),
		Interval: seconds(h.Interval, TrackInterval), Timeout: seconds(h.Timeout, TrackTimeout),
		Rise: number(h.Rise, TrackRise), Fall: number(h.Fall, TrackFall),
	}
	for _, other := range k.Scripts {
		if other.Interval == s.Interval && other.Timeout == s.Timeout && other.Rise == s.Rise && other.Fall == s.Fall {
			return other.Name
		}
	}
	if len(k.Scripts) > 0 {
		s.Name += "_" + instance
	}
	k.Scripts = append(k.Scripts, s)
	return s.Name
}

func resolveInstance(site *model.Site, n model.Node, v model.VRRP, family int, path string, in model.Inputs) Instance {
	inst := Instance{
		Origin: Mark(path), Interface: site.Device(n, v.NIC), VirtualRouterID: v.VirtualRouterID,
		Priority: v.Priority(n), PriorityOrigin: Mark(origin(site, n) + ".priority"),
		NoPreempt: NoPreempt(site, n, v),
		Version:   2, AdvertInt: strconv.Itoa(seconds(v.AdvertInt, AdvertInt)),
	}
	if _, own := v.Priorities[n.Name]; own {
		inst.PriorityOrigin = Mark(path + ".priorities[" + n.Name + "]")
	}
	if family == 6 {
		inst.Version, inst.AdvertInt = 3, fraction(v.AdvertInt, AdvertInt)
	} else if !v.AuthPass.IsZero() {
		inst.AuthPass = resolveSecret(v.AuthPass, path+".auth_pass", in)
	}
	for i, vip := range v.VIPs {
		if vip.Address.Addr.Is4() == (family == 4) {
			inst.VIPs = append(inst.VIPs, VIP{vipPrefix(site, v, vip).String(), inst.Interface, Mark(at(path+".vips", i))})
		}
	}
	for i, nic := range v.Track.NICs {
		inst.TrackInterfaces = append(inst.TrackInterfaces, TrackInterface{site.Device(n, nic.NIC), Mark(at(path+".track.nics", i))})
	}
	return inst
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
