package failover

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/view"
)

// Groups returns the groups of a site, in the order of the site file: one for
// each item of vrrp, or for all items of a sync group together.
func Groups(site *model.Site) []*Group {
	var groups []*Group
	bySync := map[string]*Group{}
	for i, v := range site.VRRP {
		path := at("vrrp", i)
		g := bySync[v.SyncGroup]
		if v.SyncGroup == "" || g == nil {
			g = newGroup(site, v, path)
			groups = append(groups, g)
			bySync[v.SyncGroup] = g
		} else {
			g.Name += ", " + v.Name
			g.Others = append(g.Others, timers(v)...)
		}
		for _, vip := range v.VIPs {
			g.VIPs = append(g.VIPs, vip.Address.Addr.String())
		}
		for j := range g.Nodes {
			g.Nodes[j].Trackers = append(g.Nodes[j].Trackers, trackers(v.Track, path+".track")...)
		}
	}
	return groups
}

func newGroup(site *model.Site, v model.VRRP, path string) *Group {
	all := timers(v)
	g := &Group{Name: v.Name, Path: path, Timers: all[0], Others: all[1:], StartupDelay: time.Duration(site.Keepalived.StartupDelay)}
	for i, n := range site.Nodes {
		g.Nodes = append(g.Nodes, Node{Name: n.Name, Path: at("nodes", i), Priority: v.Priority(n), NoPreempt: view.NoPreempt(site, n, v)})
	}
	return g
}

// timers are those of the instances that an item becomes: one for each family
// of its VIPs, in a sync group where there are both.
func timers(v model.VRRP) []Timers {
	var all []Timers
	if v.HasFamily(4) {
		all = append(all, Timers{cmp.Or(v.Version, 2), advertInt(v), time.Duration(v.PreemptDelay)})
	}
	if v.HasFamily(6) || len(all) == 0 {
		all = append(all, Timers{3, advertInt(v), time.Duration(v.PreemptDelay)})
	}
	return all
}

func advertInt(v model.VRRP) time.Duration {
	return time.Duration(cmp.Or(v.AdvertInt, model.Duration(view.AdvertInt)))
}

func trackers(t model.Track, path string) []Tracker {
	var all []Tracker
	for i, nic := range t.NICs {
		all = append(all, Tracker{Kind: NIC, Name: nic.NIC, Path: at(path+".nics", i), Weight: int(nic.Weight)})
	}
	for i, s := range t.Scripts {
		all = append(all, Tracker{Kind: Script, Name: s.Name, Path: at(path+".scripts", i), Weight: int(s.Weight),
			Interval: interval(s.Interval), Rise: cmp.Or(s.Rise, view.TrackRise), Fall: cmp.Or(s.Fall, view.TrackFall)})
	}
	h := t.HAProxy
	if h == nil {
		h = &model.TrackHAProxy{}
	}
	if h.Off {
		return all
	}
	watch := Tracker{Kind: HAProxy, Path: path + ".haproxy", Weight: int(h.Weight),
		Interval: interval(h.Interval), Rise: cmp.Or(h.Rise, view.TrackRise), Fall: cmp.Or(h.Fall, view.TrackFall)}
	if h.Method == "process" { // the kernel tells
		watch.Interval = 0
	}
	return append(all, watch)
}

func interval(d model.Duration) time.Duration {
	return time.Duration(cmp.Or(d, model.Duration(view.TrackInterval)))
}

// CheckOf returns how HAProxy checks the servers of a backend, and whether it
// does at all.
func CheckOf(site *model.Site, b model.Backend) (ServerCheck, bool) {
	h, t := b.Health, b.Timeouts
	inter := cmp.Or(h.Inter, model.Duration(view.Inter))
	fast := cmp.Or(h.FastInter, inter)
	return ServerCheck{
		Inter: time.Duration(inter), FastInter: time.Duration(fast), DownInter: time.Duration(cmp.Or(h.DownInter, inter)),
		Rise: cmp.Or(h.Rise, view.Rise), Fall: cmp.Or(h.Fall, view.Fall),
		Connect: time.Duration(cmp.Or(t.Connect, site.Defaults.Timeouts.Connect, model.Duration(view.TimeoutConnect))),
		Check:   time.Duration(cmp.Or(t.Check, site.Defaults.Timeouts.Check, model.Duration(view.TimeoutCheck))),
	}, !h.Off
}

// Single returns the steps in which one thing breaks while all else is well,
// from every state in which all is well.
func (g *Group) Single() []Step {
	return slices.DeleteFunc(g.Steps(), func(s Step) bool { return len(s.From.Broken) > 0 })
}

func at(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
