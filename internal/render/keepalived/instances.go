package keepalived

import (
	conf "github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// Instance is one vrrp_instance.
type Instance struct {
	Head       conf.Line
	Role       []conf.Line // who it is, and how it becomes master
	Timing     []conf.Line
	Peers      []conf.Line // addresses that unicast adverts go to and may come from; none: multicast
	Password   []conf.Line // at most one
	Signatures []conf.Line // of auth_hmac
	VIPs       []conf.Line
	Interfaces []conf.Line // that are tracked
	Scripts    []conf.Line
	Processes  []conf.Line
	Notify     []conf.Line
	Raw        []conf.Raw
}

// Group are instances that move together.
type Group struct {
	Head    conf.Line
	Members []conf.Line
}

// instances are those that an item becomes: one for each family of its VIPs. They
// move together, so that the first one's mails and notifications tell it all.
func (p *printer) instances(v *site.VRRP) []Instance {
	watched := p.track(v)
	var all []Instance
	for i := range v.Instances {
		inst := p.instance(v, &v.Instances[i])
		inst.Interfaces, inst.Scripts, inst.Processes = watched.interfaces, watched.scripts, watched.processes
		if i == 0 {
			inst.Notify = p.notifications(v)
		}
		all = append(all, inst)
	}
	return all
}

func (p *printer) instance(v *site.VRRP, one *site.Instance) Instance {
	from := v.Path()
	return Instance{
		Head: conf.NewLine(from, "vrrp_instance", conf.Name(one.Name)),
		Role: p.role(v, one), Timing: p.instanceTiming(v, one), Peers: p.peers(v, one), Password: p.password(v, one), VIPs: p.vips(v, one),
		Signatures: p.signatures(v), Raw: raw(from.Key("raw"), v.Raw),
	}
}

func (p *printer) role(v *site.VRRP, one *site.Instance) []conf.Line {
	from, member := v.Path(), v.Members[p.node.Index]
	var l lines
	l.add(from, "interface", conf.Name(p.node.Device(v.NIC)))
	if one.Version == 3 {
		l.add(from, "version", conf.Int(one.Version))
	}
	l.add(from, "virtual_router_id", conf.Int(v.VirtualRouterID))
	priority := v.PriorityPath(p.node)
	l.add(priority, "priority", conf.Int(member.Priority))
	if member.NoPreempt {
		l.add(priority, "nopreempt")
	}
	l.add(from, "advert_int", conf.Seconds(v.AdvertInt))
	return l
}

func (p *printer) instanceTiming(v *site.VRRP, one *site.Instance) []conf.Line {
	from := v.Path()
	garp := from.Key("garp")
	var l lines
	l.seconds(from.Key("preempt_delay"), "preempt_delay", v.PreemptDelay)
	l.seconds(garp.Key("master_delay"), "garp_master_delay", v.GARP.MasterDelay)
	l.number(garp.Key("master_repeat"), "garp_master_repeat", v.GARP.MasterRepeat)
	l.seconds(garp.Key("master_refresh"), "garp_master_refresh", v.GARP.MasterRefresh)
	l.number(garp.Key("master_refresh_repeat"), "garp_master_refresh_repeat", v.GARP.MasterRefreshRepeat)
	switch {
	case v.Unicast:
		l.add(from.Key("unicast"), "unicast_src_ip", conf.Address(p.node.Address(v.NIC, one.Family)))
	case v.MulticastSource && one.Family == 4:
		l.add(from.Key("mcast_src_ip"), "mcast_src_ip", conf.Address(p.node.Address(v.NIC, one.Family)))
	}
	return l
}

// peers are the addresses of the other nodes, each the one that the node itself
// sends from. The node's own is not among them: Keepalived would complain of
// its own adverts every second.
func (p *printer) peers(v *site.VRRP, one *site.Instance) []conf.Line {
	if !v.Unicast {
		return nil
	}
	var l lines
	for i := range p.Nodes {
		if other := &p.Nodes[i]; other.Index != p.node.Index {
			l.value(other.Path().Key("addresses").Entry(v.NIC), conf.Address(other.Address(v.NIC, one.Family)))
		}
	}
	return l
}

// passwordStub stands in for a secret that is not to be had. It never leaves the
// machine, and Keepalived accepts it.
const passwordStub = "standin0"

func (p *printer) password(v *site.VRRP, one *site.Instance) []conf.Line {
	if one.Version != 2 || v.AuthPass.IsZero() {
		return nil
	}
	path := v.Path().Key("auth_pass")
	value, known := p.in.Secrets[path]
	if !known {
		value = passwordStub
	}
	return []conf.Line{conf.NewLine(path, "auth_pass", conf.Password(value, path, known))}
}

// keyStub stands in for a key that is not to be had, as passwordStub for a password.
const keyStub = "standin0standin0standin0standin0"

// signatures are the lines of auth_hmac. The key that signs is named in any case, and
// defaults are left out.
func (p *printer) signatures(v *site.VRRP) []conf.Line {
	if v.AuthHMAC == nil {
		return nil
	}
	var l lines
	from := v.Path().Key("auth_hmac")
	l.add(from, "active_key", conf.Int(v.AuthHMAC.ActiveKeyID()))
	for i, k := range v.AuthHMAC.Keys {
		path := from.Key("keys").Index(i).Key("key")
		value, known := p.in.Secrets[path]
		if !known {
			value = keyStub
		}
		l.add(path, "key", conf.Int(k.ID), conf.Password(value, path, known))
	}
	if mode := v.AuthHMAC.Mode; mode != "" {
		l.add(from.Key("mode"), "mode", conf.Name(mode))
	}
	if kind := v.AuthHMAC.AntiReplay; kind != "" {
		l.add(from.Key("anti_replay"), "anti_replay", conf.Name(kind))
	}
	l.seconds(from.Key("time_window"), "time_window", v.AuthHMAC.TimeWindow)
	return l
}

func (p *printer) vips(v *site.VRRP, one *site.Instance) []conf.Line {
	device := p.node.Device(v.NIC)
	var l lines
	for i, vip := range v.VIPs {
		if vip.Address.Addr().Is4() != (one.Family == 4) {
			continue
		}
		words := []conf.Word{conf.Prefix(vip.Address), conf.Key("dev"), conf.Name(device)}
		if vip.Label != "" {
			words = append(words, conf.Key("label"), conf.Label(device, vip.LabelTail()))
		}
		l.value(v.Path().Key("vips").Index(i), words...)
	}
	return l
}

func (p *printer) group(group model.SyncGroup) Group {
	first := &p.VRRP[group.Members[0]]
	from := first.Path().Key("vips")
	if first.SyncGroup != "" {
		from = first.Path().Key("sync_group")
	}
	var l lines
	for _, i := range group.Members {
		for _, inst := range p.VRRP[i].Instances {
			l.value(diag.Path(""), conf.Name(inst.Name))
		}
	}
	return Group{conf.NewLine(from, "vrrp_sync_group", conf.Name(group.Name)), l}
}
