package site

import (
	"cmp"
	"net/netip"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// VRRP is one virtual router: virtual IPs that move together.
type VRRP struct {
	*model.VRRP
	Index     int
	Version   int // of VRRP, 2 or 3: the lower one where both families differ
	AdvertInt time.Duration
	// Instances are the one, or with VIPs of both families the two, that it is
	// for Keepalived. The first one tells of both.
	Instances []Instance
	VIPs      []VIP
	Members   []Member // what each node is in it, in the order of the nodes
	Preferred int      // index of the preferred master
	Track     Track
}

// Instance is one vrrp_instance: one carries one family.
type Instance struct {
	Name    string
	Family  int // 4 or 6
	Version int // of VRRP: 2 or 3
}

// VIP is one virtual IP.
type VIP struct {
	*model.VIP
	Address netip.Prefix // without a written length that of its network
}

// Member is what one node is in a virtual router. Every node begins as BACKUP,
// so that one that starts takes nothing away from a master.
type Member struct {
	Priority int  // 1-254
	Own      bool // the priority is the router's own, and not the node's
	// NoPreempt says whether the node leaves the VIPs to whoever has them. All but
	// the lowest do, unless the site wants the VIPs back: on that one it has no
	// effect, and a node whose priority fell would never be relieved.
	NoPreempt bool
}

func (s *Site) vrrp() []VRRP {
	all := make([]VRRP, 0, len(s.Written.VRRP))
	for i := range s.Written.VRRP {
		w := &s.Written.VRRP[i]
		v := VRRP{VRRP: w, Index: i, AdvertInt: either(w.AdvertInt, AdvertInt), Instances: instances(w), Track: s.track(&w.Track)}
		v.Version = v.Instances[0].Version
		v.VIPs = s.vips(w)
		v.Members, v.Preferred = members(w, s.Nodes)
		all = append(all, v)
	}
	return all
}

func instances(w *model.VRRP) []Instance {
	four, six := Instance{w.Name, 4, w.VRRPVersion(4)}, Instance{w.Name, 6, w.VRRPVersion(6)}
	switch has4, has6 := w.HasFamily(4), w.HasFamily(6); {
	case has4 && has6:
		six.Name = w.NameIPv6()
		return []Instance{four, six}
	case has6:
		return []Instance{six}
	default:
		return []Instance{four}
	}
}

// vips gives a VIP without prefix length that of its network: left to itself,
// Keepalived would take it for a single host.
func (s *Site) vips(w *model.VRRP) []VIP {
	vips := make([]VIP, 0, len(w.VIPs))
	for i := range w.VIPs {
		a := w.VIPs[i].Address
		if a.Bits < 0 {
			subnet, _ := s.NICs[w.NIC].Subnet.Of(a.Addr)
			a.Bits = subnet.Bits()
		}
		vips = append(vips, VIP{&w.VIPs[i], netip.PrefixFrom(a.Addr, a.Bits)})
	}
	return vips
}

func members(w *model.VRRP, nodes []Node) (all []Member, preferred int) {
	lowest := 0
	for i := range nodes {
		_, own := w.Priorities[nodes[i].Name]
		all = append(all, Member{Priority: w.Priority(*nodes[i].Node), Own: own})
		if all[i].Priority > all[preferred].Priority {
			preferred = i
		}
		if all[i].Priority < all[lowest].Priority {
			lowest = i
		}
	}
	for i := range all {
		all[i].NoPreempt = !w.Preempt && i != lowest
	}
	return all, preferred
}

// Path is where the virtual router stands.
func (v *VRRP) Path() diag.Path { return diag.Path("vrrp").Index(v.Index) }

// PriorityPath is where the priority of a node in it stands.
func (v *VRRP) PriorityPath(n *Node) diag.Path {
	if v.Members[n.Index].Own {
		return v.Path().Key("priorities").Entry(n.Name)
	}
	return n.Path().Key("priority")
}

// Track is what a node must have to hold the VIPs.
type Track struct {
	*model.Track
	HAProxy *TrackHAProxy // nil: HAProxy is not watched
	Scripts []TrackScript
}

// TrackHAProxy is how HAProxy is watched.
type TrackHAProxy struct {
	Method            string // killall, process or http
	HTTP              model.TrackHTTP
	Interval, Timeout time.Duration
	Rise, Fall        int // results in a row
	Weight            int // 0: a failure is FAULT
}

// TrackScript is a check of the admin's own.
type TrackScript struct {
	*model.TrackScript
	WatchesHAProxy    bool // it fails when HAProxy does not run
	Interval, Timeout time.Duration
	Rise, Fall        int
	Weight            int  // 0: a failure is FAULT
	Outside           bool // it asks a machine that is none of the nodes
}

func (s *Site) track(w *model.Track) Track {
	t := Track{Track: w, HAProxy: s.trackHAProxy(w.HAProxy)}
	for i := range w.Scripts {
		one := &w.Scripts[i]
		resolved := TrackScript{TrackScript: one, Interval: either(one.Interval, s.profile.interval),
			Timeout: either(one.Timeout, s.profile.timeout),
			Rise:    cmp.Or(one.Rise, TrackRise), Fall: cmp.Or(one.Fall, TrackFall), WatchesHAProxy: s.Written.WatchesHAProxy(one)}
		resolved.Outside = !resolved.WatchesHAProxy && s.outside(one.Command)
		switch {
		case one.Weight != nil:
			resolved.Weight = int(*one.Weight)
		case resolved.Outside:
			resolved.Weight = s.outsideWeight()
		}
		t.Scripts = append(t.Scripts, resolved)
	}
	return t
}

// trackHAProxy watches HAProxy where the site file says nothing, too: a node
// without it must not hold the VIPs.
func (s *Site) trackHAProxy(h *model.TrackHAProxy) *TrackHAProxy {
	if h.IsOff() {
		return nil
	}
	if h == nil {
		h = &model.TrackHAProxy{}
	}
	return &TrackHAProxy{
		Method: h.MethodOrDefault(), HTTP: h.HTTP.OrDefault(), Weight: int(h.Weight),
		Interval: either(h.Interval, s.profile.interval), Timeout: either(h.Timeout, s.profile.timeout),
		Rise: cmp.Or(h.Rise, TrackRise), Fall: cmp.Or(h.Fall, TrackFall),
	}
}

// Alive is the page where Keepalived asks HAProxy whether it is alive.
type Alive struct {
	URI      string
	Listener netip.AddrPort
	Path     diag.Path // of what asks first
}

func (s *Site) alive() *Alive {
	page, path := s.Written.Alive()
	if path == "" {
		return nil
	}
	return &Alive{page.URI, page.Listener(), path}
}
