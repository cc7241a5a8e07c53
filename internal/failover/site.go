package failover

import (
	"slices"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/site"
)

// Groups returns the groups of a site, in the order of the site file: one for
// each item of vrrp, or for all items of a sync group together.
func Groups(s *site.Site) []*Group {
	var groups []*Group
	bySync := map[string]*Group{}
	for i := range s.VRRP {
		v := &s.VRRP[i]
		g := bySync[v.SyncGroup]
		if v.SyncGroup == "" || g == nil {
			g = newGroup(s, v)
			groups = append(groups, g)
			bySync[v.SyncGroup] = g
		} else {
			g.Name += ", " + v.Name
			g.Others = append(g.Others, timers(v)...)
			g.WithoutHAProxy = g.WithoutHAProxy && withoutHAProxy(s, v)
		}
		for _, vip := range v.VIPs {
			g.VIPs = append(g.VIPs, vip.Address.Addr().String())
		}
		for j := range g.Nodes {
			g.Nodes[j].Trackers = append(g.Nodes[j].Trackers, trackers(&v.Track, v.Path().Key("track"))...)
		}
	}
	return groups
}

func newGroup(s *site.Site, v *site.VRRP) *Group {
	all := timers(v)
	g := &Group{Name: v.Name, Path: v.Path(), Timers: all[0], Others: all[1:], StartupDelay: time.Duration(s.Keepalived.StartupDelay),
		WithoutHAProxy: withoutHAProxy(s, v)}
	for i := range s.Nodes {
		n, m := &s.Nodes[i], v.Members[i]
		g.Nodes = append(g.Nodes, Node{Name: n.Name, Path: n.Path(), Priority: m.Priority, NoPreempt: m.NoPreempt})
	}
	return g
}

// withoutHAProxy says whether the virtual IPs of an item are for something else:
// nothing watches HAProxy, and no frontend listens on them.
func withoutHAProxy(s *site.Site, v *site.VRRP) bool {
	for i := range v.VIPs {
		if s.Hears(v.VIPs[i].Address.Addr()) {
			return false
		}
	}
	return v.Track.HAProxy == nil && !slices.ContainsFunc(v.Track.Scripts, func(t site.TrackScript) bool { return t.WatchesHAProxy })
}

// timers are those of the instances that an item becomes: one for each family
// of its VIPs, in a sync group where there are both.
func timers(v *site.VRRP) []Timers {
	all := make([]Timers, 0, len(v.Instances))
	for _, one := range v.Instances {
		all = append(all, Timers{one.Version, v.AdvertInt, time.Duration(v.PreemptDelay)})
	}
	return all
}

func trackers(t *site.Track, path diag.Path) []Tracker {
	var all []Tracker
	for i, nic := range t.NICs {
		all = append(all, Tracker{Kind: NIC, Name: nic.NIC, Path: path.Key("nics").Index(i), Weight: int(nic.Weight)})
	}
	for i, s := range t.Scripts {
		own := Tracker{Kind: Script, Name: s.Name, Path: path.Key("scripts").Index(i), Weight: s.Weight, Interval: s.Interval,
			Rise: s.Rise, Fall: s.Fall, Outside: s.Outside}
		if s.WatchesHAProxy {
			own.Kind, own.Name, own.Script = HAProxy, "", s.Name
		}
		all = append(all, own)
	}
	h := t.HAProxy
	if h == nil {
		return all
	}
	watch := Tracker{Kind: HAProxy, Path: path.Key("haproxy"), Weight: h.Weight, Interval: h.Interval, Rise: h.Rise, Fall: h.Fall}
	if h.Method == "process" { // the kernel tells
		watch.Interval = 0
	}
	watch.Asked = h.Method == "http"
	return append(all, watch)
}

// CheckOf returns how HAProxy checks the servers of a backend that say nothing
// themselves, and whether it does at all.
func CheckOf(b *site.Backend) (ServerCheck, bool) {
	return ServerCheck{
		Inter: b.Health.Inter, FastInter: b.Health.FastInter, DownInter: b.Health.DownInter, Rise: b.Health.Rise, Fall: b.Health.Fall,
		Connect: b.Timeouts.Connect, Check: b.Timeouts.Check, Twice: b.Health.MySQL != nil || b.Health.LDAP,
	}, !b.Health.Off
}

// Single returns the steps in which one thing breaks while all else is well,
// from every state in which all is well.
func (g *Group) Single() []Step {
	return slices.DeleteFunc(g.Steps(), func(s Step) bool { return len(s.From.Broken) > 0 })
}
