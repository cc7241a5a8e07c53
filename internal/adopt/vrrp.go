package adopt

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/pair"
)

// instanceName is that of the first node. One that another router has already gets a
// number.
func (im *importer) instanceName(r *pair.Router) string {
	name, n := safeName(r.Name()), 1
	for _, o := range im.routers {
		if o == r {
			break
		}
		if safeName(o.Name()) == name {
			n++
		}
	}
	if n > 1 {
		name += "_" + strconv.Itoa(n)
	}
	return name
}

// otherFamily is the IPv6 part of a virtual router as lbgen renders it: NAME_v6 with
// the same number, in one sync group of both.
func (im *importer) otherFamily(r *pair.Router) *pair.Router {
	m := r.Members[0]
	for _, o := range im.routers {
		if n := o.Members[0]; n.Name == m.Name+"_v6" && n.VRID == m.VRID && n.SyncGroup != "" && n.SyncGroup == m.SyncGroup {
			return o
		}
	}
	return nil
}

// vrrp is one item: what all nodes say of a virtual router.
func (im *importer) vrrp(r, other *pair.Router) *node {
	m := r.Members[0]
	item := mapping()
	for _, part := range []*pair.Router{r, other} {
		if part == nil {
			continue
		}
		for _, each := range part.Members {
			im.becomes(each.Block.Range, Field, "")
			im.instanceLines(each)
		}
	}
	item.set("name", im.instanceName(r))
	item.set("nic", im.roles.of(m.Node.Name, m.Interface))
	item.set("virtual_router_id", m.VRID)
	if m.Version == 3 && m.Family == 4 || other != nil && m.Version == 3 {
		item.set("version", 3)
	}
	if m.AdvertInt != time.Second {
		item.set("advert_int", duration(m.AdvertInt))
	}
	im.password(m, item)
	im.signing(m, item)
	several := len(m.VIPs) > 1 || other != nil
	vips := im.vipsOf(m, im.instanceName(r), several)
	if other != nil {
		vips = append(vips, im.vipsOf(other.Members[0], im.instanceName(r), several)...)
	}
	item.put("vips", &node{list: vips})
	im.priorities(r, item)
	im.preemption(r, item)
	if len(m.Peers) > 0 {
		item.set("unicast", true)
	}
	if m.Block.Line("mcast_src_ip") != nil {
		item.set("mcast_src_ip", true)
	}
	im.garp(m, item)
	if other != nil {
		im.garp(other.Members[0], mapping())
	}
	item.set("track", im.track(m))
	if m.SyncGroup != "" && (other == nil || im.groupSize(m) > 2) {
		item.set("sync_group", safeName(m.SyncGroup))
	}
	im.notify(m, item)
	return item
}

func (im *importer) groupSize(m *pair.Member) int {
	return len(m.Node.Keepalived.Block("vrrp_sync_group", m.SyncGroup).Listed("group"))
}

// instanceLines notes what becomes of the lines that every instance may have.
func (im *importer) instanceLines(m *pair.Member) {
	for _, l := range m.Block.Lines {
		switch l.Keyword() {
		case "state":
			im.becomes(l.Range, NoEffect, "the priorities decide: every node begins as BACKUP")
		case "interface", "virtual_router_id", "priority", "advert_int", "version", "mcast_src_ip", "unicast_src_ip", "check_unicast_src":
			im.becomes(l.Range, Field, "")
		case "virtual_ipaddress", "unicast_peer", "track_interface", "track_script", "track_process":
			im.becomes(l.Range, Field, "")
			for _, v := range l.Lines {
				im.becomes(v.Range, Field, "")
			}
		case "auth_hmac":
			if ownFiles(l) {
				im.all(l, Unsaid, "a key stands in a file of the node: write it beside the site file")
				continue
			}
			im.all(l, Field, "")
		case "authentication":
			im.becomes(l.Range, Field, "")
			for _, v := range l.Lines {
				im.becomes(v.Range, Field, "")
			}
		case "nopreempt", "preempt_delay", "preempt":
			im.becomes(l.Range, Field, "")
			if l.Keyword() == "preempt_delay" && m.State == "MASTER" {
				im.becomes(l.Range, NoEffect, "Keepalived clears it beside state MASTER")
			}
		}
	}
}

// vipsOf are the virtual IPs, by which binds find the name of the instance.
func (im *importer) vipsOf(m *pair.Member, owner string, several bool) []*node {
	var all []*node
	lines := m.Block.Listed("virtual_ipaddress")
	for _, v := range lines {
		text, label := v.Keyword(), ""
		words := v.Values()
		for i, w := range words {
			if w == "label" && i+1 < len(words) {
				label = words[i+1]
			}
		}
		p, ok := prefix(text)
		if !ok {
			im.becomes(v.Range, Unsaid, "it is no address")
			continue
		}
		if p.Bits() < 0 {
			text += "/" + strconv.Itoa(p.Addr().BitLen())
		} else if im.inNetwork(m, p.Masked().String()) {
			text = p.Addr().String()
		}
		im.vips[p.Addr().String()] = owner
		one := of(text)
		if several || label != "" {
			name := ""
			if several {
				name = safeName(m.Name) + "_" + strconv.Itoa(len(all)+1)
				im.vips[p.Addr().String()] = name
				im.ofInstance[name] = owner
			}
			one = mapping()
			one.set("name", name)
			one.set("address", text)
			_, tail, _ := strings.Cut(label, ":")
			one.set("label", tail)
		}
		all = append(all, one)
	}
	return all
}

// inNetwork says whether a network is that of the instance's NIC: then it need not be
// written.
func (im *importer) inNetwork(m *pair.Member, network string) bool {
	role := im.roles.of(m.Node.Name, m.Interface)
	for _, p := range im.roles.own[m.Node.Name][role] {
		if p.Masked().String() == network {
			return true
		}
	}
	return false
}

// password puts the secret into a file of its own: what counts of it.
func (im *importer) password(m *pair.Member, item *node) {
	l := m.Block.Line("authentication").Line("auth_pass")
	if l == nil || l.Value() == "" || m.Version != 2 {
		return
	}
	if m.AuthType == "" {
		im.becomes(l.Range, NoEffect, "without auth_type PASS Keepalived authenticates nothing")
		return
	}
	value := l.Value()
	value = value[:min(len(value), 8)]
	item.put("auth_pass", im.secret("auth_pass_"+safeName(m.Name), value))
}

// priority is the node's own, that of the first router that it is in.
func (im *importer) priority(n *pair.Node, one *node) {
	if im.opts.AsIs {
		one.set("priority", 200-slices.Index(im.nodes, n))
		return
	}
	for _, r := range im.routers {
		if m := r.Of(n); m != nil {
			one.set("priority", m.Priority)
			return
		}
	}
}

// priorities are those that differ from the nodes' own.
func (im *importer) priorities(r *pair.Router, item *node) {
	all, differ := mapping(), false
	for _, m := range r.Members {
		all.set(m.Node.Name, m.Priority)
		for _, first := range im.routers {
			if o := first.Of(m.Node); o != nil {
				differ = differ || o.Priority != m.Priority
				break
			}
		}
	}
	if differ && !im.opts.AsIs {
		item.set("priorities", all)
	}
}

// preemption is true where no node leaves a lower one be.
func (im *importer) preemption(r *pair.Router, item *node) {
	if slices.ContainsFunc(r.Members, func(m *pair.Member) bool { return m.NoPreempt }) {
		if m := r.Members[0]; len(im.nodes) == 1 && len(m.Peers) == 0 { // no lower node is there for whom lbgen would write it
			item.raw("nopreempt")
			im.becomes(m.At("nopreempt"), Raw, "")
		}
		return
	}
	if len(r.Members) > 1 || r.Members[0].Delay > 0 || len(strangersOf([]*pair.Router{r})) > 0 {
		item.set("preempt", true)
	}
	if d := r.Members[0].Delay; d > 0 {
		item.set("preempt_delay", duration(d))
	}
}

func (im *importer) garp(m *pair.Member, item *node) {
	g := mapping()
	for _, f := range []struct {
		keyword, field string
		time           bool
	}{
		{"garp_master_delay", "master_delay", true}, {"garp_master_repeat", "master_repeat", false},
		{"garp_master_refresh", "master_refresh", true}, {"garp_master_refresh_repeat", "master_refresh_repeat", false},
	} {
		l := m.Block.Line(f.keyword)
		if l == nil {
			continue
		}
		im.becomes(l.Range, Field, "")
		if d := pair.Seconds(l.Value(), 0); f.time && d > 0 {
			g.set(f.field, duration(d))
		} else if n, err := strconv.Atoi(l.Value()); !f.time && err == nil {
			g.set(f.field, n)
		}
	}
	item.set("garp", g)
}

// notify is what is run, and mailed, on a change.
func (im *importer) notify(m *pair.Member, item *node) {
	n := mapping()
	if l := m.Block.Line("notify"); l != nil {
		if words := keepalived.Command(l.Value()); len(words) == 1 && strings.HasPrefix(words[0], "/") {
			n.set("script", words[0])
			im.becomes(l.Range, Field, "")
		}
	}
	item.set("notify", n)
	alert := m.Block.Line("smtp_alert")
	if alert != nil {
		im.becomes(alert.Range, Field, "")
	}
	mails := slices.ContainsFunc(im.nodes, mails)
	if on := alert != nil && alert.Value() != "false"; on != mails {
		item.put("smtp_alert", of(on))
	}
	for _, each := range m.Block.Lines {
		if f := im.fates[each.Range]; f != nil && f.Fate == Unsaid && !each.Block && each.Known {
			item.raw(im.lineText(each.Range))
			f.Fate, f.Why = Raw, ""
		}
	}
}
