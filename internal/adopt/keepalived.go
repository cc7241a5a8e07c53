package adopt

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/pair"
)

// keepalived makes vrrp, keepalived and notifications.
func (im *importer) keepalived() *node {
	part := mapping()
	var items []*node
	done := map[*pair.Router]bool{}
	for _, r := range im.routers {
		if done[r] {
			continue
		}
		done[r] = true
		other := im.otherFamily(r)
		if other != nil {
			done[other] = true
		}
		if item := im.vrrp(r, other); item != nil {
			items = append(items, item)
		}
	}
	part.set("vrrp", items)
	k := im.globalDefs(part)
	part.set("keepalived", k)
	im.rest()
	return part
}

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
		case "authentication":
			im.becomes(l.Range, Field, "")
			for _, v := range l.Lines {
				im.becomes(v.Range, Field, "")
			}
		case "nopreempt", "preempt_delay", "preempt":
			im.becomes(l.Range, Field, "")
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
	value := l.Value()
	value = value[:min(len(value), 8)]
	item.put("auth_pass", im.secret("auth_pass_"+safeName(m.Name), value))
}

// secret is a reference to a file beside the site file, which gets the value.
func (im *importer) secret(name, value string) *node {
	file := "secrets/" + name
	for i := 2; im.draft.Secrets[file] != nil && string(im.draft.Secrets[file]) != value+"\n"; i++ {
		file = fmt.Sprintf("secrets/%s_%d", name, i)
	}
	im.draft.Secrets[file] = []byte(value + "\n")
	ref := mapping()
	ref.set("file", file)
	return ref
}

// priority is the node's own, that of the first router that it is in.
func (im *importer) priority(n *pair.Node, one *node) {
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
	if differ {
		item.set("priorities", all)
	}
}

// preemption is true where no node leaves a lower one be.
func (im *importer) preemption(r *pair.Router, item *node) {
	if slices.ContainsFunc(r.Members, func(m *pair.Member) bool { return m.NoPreempt }) {
		return
	}
	if len(r.Members) > 1 || r.Members[0].Delay > 0 {
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

// track is what an instance watches.
func (im *importer) track(m *pair.Member) *node {
	t := mapping()
	var nics, scripts []*node
	watched := false
	for _, one := range m.Tracks {
		switch {
		case one.Missing:
			im.becomes(one.At, NoEffect, "nothing has that name: nothing is watched")
		case one.Kind == failover.NIC:
			nics = append(nics, im.trackedNIC(m, one))
		case one.Script.Keyword() == "vrrp_track_process":
			im.block(one.Script)
			if one.Kind == failover.HAProxy {
				h := mapping()
				h.set("method", "process")
				h.set("weight", one.Weight)
				t.set("haproxy", h)
				watched = true
			}
		case im.ownCheck(one) != nil && !watched:
			t.put("haproxy", im.ownCheck(one))
			watched = true
			im.block(one.Script)
		default:
			if s := im.script(one); s != nil {
				scripts = append(scripts, s)
				im.block(one.Script)
			}
		}
	}
	t.set("nics", nics)
	if !watched {
		t.put("haproxy", of(false))
	} else if t.under["haproxy"].empty() {
		t.drop("haproxy")
	}
	t.set("scripts", scripts)
	return t
}

func (im *importer) trackedNIC(m *pair.Member, t pair.Track) *node {
	role := cmp.Or(im.roles.of(m.Node.Name, t.Name), t.Name)
	if t.Weight == 0 {
		return of(role)
	}
	n := mapping()
	n.set("nic", role)
	n.set("weight", t.Weight)
	return n
}

// block notes that all lines of a block became fields.
func (im *importer) block(b *keepalived.Node) {
	im.becomes(b.Range, Field, "")
	for _, l := range b.Lines {
		im.becomes(l.Range, Field, "")
		for _, v := range l.Lines {
			im.becomes(v.Range, Field, "")
		}
	}
}

// usualTrackRuns is how many checks in a row count where a site file says nothing.
const usualTrackRuns = 2

// times puts what a check says that is not lbgen's default. Keepalived's own are
// written out.
func (im *importer) times(t pair.Track, n *node) {
	if t.Interval != im.profile.track {
		n.set("interval", duration(t.Interval))
	}
	timeout := pair.Seconds(t.Script.Of("timeout"), t.Interval)
	if timeout != im.profile.track {
		n.set("timeout", duration(timeout))
	}
	if t.Rise != usualTrackRuns {
		n.set("rise", t.Rise)
	}
	if t.Fall != usualTrackRuns {
		n.set("fall", t.Fall)
	}
	n.set("weight", t.Weight)
}

// ownCheck is the script as track.haproxy, where it is one that lbgen itself writes;
// nil otherwise.
func (im *importer) ownCheck(t pair.Track) *node {
	words := keepalived.Command(t.Script.Of("script"))
	h := mapping()
	switch {
	case len(words) == 3 && path.Base(words[0]) == "killall" && words[1] == "-0" && words[2] == "haproxy":
	case len(words) == 7 && slices.Equal(words[:5], []string{"/usr/bin/curl", "-sf", "-o", "/dev/null", "--max-time"}) &&
		strings.HasPrefix(words[6], "http://127.0.0.1:"):
		port, uri, _ := strings.Cut(strings.TrimPrefix(words[6], "http://127.0.0.1:"), "/")
		http := mapping()
		if uri != "alive" {
			http.set("uri", "/"+uri)
		}
		if n, err := strconv.Atoi(port); err == nil && n != 8405 {
			http.set("port", n)
		}
		h.put("http", http)
		if http.empty() {
			h.put("http", of(word("{}")))
		}
		im.becomes(t.Script.Line("script").Range, Field, "")
	default:
		return nil
	}
	im.times(t, h)
	return h
}

// script is a check of the admin's own; nil where no field says it.
func (im *importer) script(t pair.Track) *node {
	l := t.Script.Line("script")
	if l == nil {
		return nil
	}
	words := keepalived.Command(l.Value())
	if len(words) == 0 {
		return nil
	}
	if rest, old := strings.CutPrefix(words[0], "/bin/"); old { // a link to /usr/bin wherever lbgen's platforms are
		words = append([]string{"/usr/bin/" + rest}, words[1:]...)
	}
	if !strings.HasPrefix(words[0], "/") {
		if full := "/usr/bin/" + words[0]; slices.Contains([]string{"killall", "pidof", "pgrep", "curl", "systemctl", "nc", "sh", "bash"},
			words[0]) {
			words = append([]string{full}, words[1:]...)
			im.asked("%s: the program %s is named without its path: %s is taken", l.Range, path.Base(full), full)
		} else {
			return nil
		}
	}
	s := mapping()
	s.set("name", safeName(t.Script.Value()))
	s.set("command", words)
	if t.Kind == failover.HAProxy {
		s.set("watches", "haproxy")
	}
	im.times(t, s)
	s.set("user", t.Script.Of("user"))
	return s
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
			item.raw("raw", im.lineText(each.Range))
			f.Fate, f.Why = Raw, ""
		}
	}
}

// lineText is a line as it stands in its file.
func (im *importer) lineText(at diag.Range) string {
	t := im.pair.Texts[at.File]
	if t == nil {
		return ""
	}
	line := []rune(t.Line(at.Start.Line))
	end := len(line)
	if at.End.Line == at.Start.Line {
		end = min(at.End.Column-1, end)
	}
	return strings.TrimSpace(string(line[min(at.Start.Column-1, end):end]))
}

// globalDefs is Keepalived's global_defs, and notifications.
func (im *importer) globalDefs(part *node) *node {
	k := mapping()
	for i, n := range im.nodes {
		if n.Keepalived == nil {
			continue
		}
		for _, b := range n.Keepalived.Lines {
			if b.Keyword() != "global_defs" {
				continue
			}
			im.becomes(b.Range, Field, "")
			for _, l := range b.Lines {
				switch {
				case im.idle(l):
				case i == 0:
					im.globalDef(l, k, part)
				}
			}
		}
	}
	return k
}

func (im *importer) globalDef(l *keepalived.Node, k, part *node) {
	field := true
	switch l.Keyword() {
	case "router_id":
	case "enable_script_security":
	case "script_user":
		if l.Value() != "root" {
			k.set("script_user", l.Value())
		}
	case "vrrp_startup_delay", "vrrp_garp_interval", "vrrp_gna_interval":
		k.set(l.Keyword(), duration(pair.Seconds(l.Value(), 0)))
	case "vrrp_skip_check_adv_addr":
		k.set("vrrp_skip_check_adv_addr", l.Value() != "false")
	case "max_auto_priority":
		n, _ := strconv.Atoi(l.Value())
		k.set("max_auto_priority", n)
	case "notification_email":
		if l0 := im.nodes[0].Global("notification_email_from"); l0 == nil || len(l.Lines) == 0 {
			return
		}
		var to []string
		for _, v := range l.Lines {
			to = append(to, v.Keyword())
			im.becomes(v.Range, Field, "")
		}
		part.at("notifications").at("email").set("to", to)
	case "notification_email_from":
		if to := im.nodes[0].Global("notification_email"); to == nil || len(to.Lines) == 0 {
			im.becomes(l.Range, NoEffect, "nobody gets mails")
			return
		}
		part.at("notifications").at("email").set("from", l.Value())
	case "smtp_server", "smtp_connect_timeout":
		mails := im.nodes[0].Global("notification_email") != nil && im.nodes[0].Global("notification_email_from") != nil
		if !mails {
			im.becomes(l.Range, NoEffect, "nobody gets mails")
			return
		}
		if l.Keyword() == "smtp_connect_timeout" {
			if d := pair.Seconds(l.Value(), 0); d != 30*time.Second {
				part.at("notifications").at("email").set("smtp_connect_timeout", duration(d))
			}
			break
		}
		if l.Value() != "localhost" {
			part.at("notifications").at("email").set("smtp_server", l.Value())
		}
	default:
		field = false
	}
	switch {
	case field:
		im.becomes(l.Range, Field, "")
	case l.Known && !l.Block:
		k.raw("raw", im.lineText(l.Range))
		im.becomes(l.Range, Raw, "")
	}
}

// rest notes what becomes of blocks that belong to all instances, and of LVS, which
// lbgen does not do.
func (im *importer) rest() {
	for _, n := range im.nodes {
		if n.Keepalived == nil {
			continue
		}
		for _, b := range n.Keepalived.Lines {
			switch {
			case b.Keyword() == "vrrp_sync_group":
				im.block(b)
			case strings.HasPrefix(b.Keyword(), "virtual_server"), b.Keyword() == "real_server":
				im.all(b, Unsaid, "LVS is not lbgen's: keep this block in a file of its own, or let HAProxy balance")
			case b.Keyword() == "vrrp_script" || b.Keyword() == "vrrp_track_process":
				if f := im.fates[b.Range]; f != nil && f.Fate == Unsaid && !im.used(n, b.Value()) {
					im.becomes(b.Range, NoEffect, "nothing tracks it")
					for _, l := range b.Lines {
						im.becomes(l.Range, NoEffect, "nothing tracks it")
					}
				} else if f != nil && f.Fate == Unsaid && n != im.nodes[0] && im.sameOnFirst(b) {
					im.block(b)
				}
			}
		}
	}
}

// all notes what became of all lines of a block.
func (im *importer) all(b *keepalived.Node, fate Fate, why string) {
	im.becomes(b.Range, fate, why)
	for _, l := range b.Lines {
		im.all(l, fate, why)
	}
}

func (im *importer) used(n *pair.Node, name string) bool {
	for _, r := range im.routers {
		if m := r.Of(n); m != nil && slices.ContainsFunc(m.Tracks, func(t pair.Track) bool {
			return t.Script != nil &&
				t.Script.Value() == name
		}) {
			return true
		}
	}
	return false
}

// sameOnFirst says whether the first node's block of the name became fields.
func (im *importer) sameOnFirst(b *keepalived.Node) bool {
	first := im.nodes[0].Keepalived.Block(b.Keyword(), b.Value())
	return first != nil && im.fates[first.Range] != nil && im.fates[first.Range].Fate == Field
}

// duration is a time as a site file has it.
func duration(d time.Duration) string {
	for _, u := range []struct {
		name string
		unit time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}, {"us", time.Microsecond}} {
		if d > 0 && d%u.unit == 0 {
			return strconv.FormatInt(int64(d/u.unit), 10) + u.name
		}
	}
	return ""
}
