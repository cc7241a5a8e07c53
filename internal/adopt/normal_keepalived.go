package adopt

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/pair"
)

// keepalived compares the instances of a node, by number, family and interface, and
// its global_defs.
func (c *comparison) keepalived(before, after *pair.Pair, n, o *pair.Node) {
	if n.Keepalived == nil && o.Keepalived == nil {
		return
	}
	if n.Keepalived == nil || o.Keepalived == nil {
		c.found = append(c.found, Difference{Node: c.node, Where: "keepalived.conf", What: "it", Before: there(n.Keepalived),
			After: there(o.Keepalived)})
		return
	}
	c.compare("global_defs", globals(n), globals(o), func(key, before, _ string) string {
		switch {
		case key == "enable_script_security" || key == "script_user":
			return "scripts that others than root may write are not run"
		case key == "router_id" && before == "":
			return "a name in mails"
		case (key == "smtp_server" || key == "smtp_connect_timeout" || key == "notification_email_from") &&
			n.Global("notification_email") == nil:
			return "nobody gets mails"
		}
		return ""
	})
	mine, others := membersOf(before, n), membersOf(after, o)
	for _, m := range mine {
		i := slices.IndexFunc(others, func(x *pair.Member) bool {
			return x.VRID == m.VRID && x.Family == m.Family &&
				x.Interface == m.Interface
		})
		if i < 0 {
			c.found = append(c.found, Difference{Node: c.node, Where: "vrrp_instance " + m.Name, What: "it", Before: "there", At: m.Block.Range})
			continue
		}
		c.member(before, m, others[i])
		others = slices.Delete(others, i, i+1)
	}
	for _, m := range others {
		c.found = append(c.found, Difference{Node: c.node, Where: "vrrp_instance " + m.Name, What: "it", After: "there"})
	}
	for _, b := range n.Keepalived.Lines {
		if strings.HasPrefix(b.Keyword(), "virtual_server") {
			c.found = append(c.found, Difference{Node: c.node, Where: b.Keyword() + " " + strings.Join(b.Values(), " "), What: "it",
				Before: "there", At: b.Range})
		}
	}
}

// member compares what a node is in a virtual router.
func (c *comparison) member(before *pair.Pair, m, o *pair.Member) {
	where := "vrrp_instance " + m.Name
	was, is := normalMember(m), normalMember(o)
	if m.Source == "" && len(m.Peers) > 1 && slices.Contains(m.Peers, o.Source) {
		others := slices.DeleteFunc(slices.Sorted(slices.Values(m.Peers)), func(p string) bool { return p == o.Source })
		was.values["unicast_peer"] = strings.Join(others, " ")
		c.found = append(c.found, Difference{Node: c.node, Where: where, What: "unicast_peer, itself", Before: o.Source, At: m.At("unicast_peer"),
			Allowed: "a node needs no adverts of its own"})
	}
	lowest := lowest(before, m)
	c.compare(where, was, is, func(key, b, a string) string {
		if lowest && (key == "nopreempt" || key == "preempt_delay") {
			return "the lowest node never takes over from another"
		}
		return allowedOfMember(key, b, a)
	})
}

// lowest says whether a node has the lowest priority of a virtual router whatever it
// watches.
func lowest(p *pair.Pair, m *pair.Member) bool {
	for _, r := range p.Routers() {
		if r.Of(m.Node) == nil || r.Of(m.Node).Name != m.Name {
			continue
		}
		for _, o := range r.Members {
			weighs := slices.ContainsFunc(o.Tracks, func(t pair.Track) bool { return t.Weight != 0 })
			if weighs || o.Node != m.Node && o.Priority <= m.Priority {
				return false
			}
		}
		return len(r.Members) > 1
	}
	return false
}

func there(c *keepalived.Config) string {
	if c == nil {
		return ""
	}
	return "there"
}

func membersOf(p *pair.Pair, n *pair.Node) []*pair.Member {
	var all []*pair.Member
	for _, r := range p.Routers() {
		if m := r.Of(n); m != nil {
			all = append(all, m)
		}
	}
	return all
}

func globals(n *pair.Node) *settings {
	s := newSettings()
	sends := mails(n)
	for _, b := range n.Keepalived.Lines {
		if b.Keyword() != "global_defs" {
			continue
		}
		for _, l := range b.Lines {
			if !l.Known || noPause(l) || ofMails(l.Keyword()) && !sends {
				continue
			}
			inner := listed(l)
			if l.Keyword() == "auth_hmac" {
				slices.Sort(inner) // their order says nothing
			}
			value := strings.Join(append(l.Values(), inner...), " ")
			if value == "" {
				value = "there"
			}
			s.set(l.Keyword(), value, l.Range)
		}
	}
	if s.values["vrrp_skip_check_adv_addr"] == "there" {
		s.values["vrrp_skip_check_adv_addr"] = "true"
	}
	if s.values["smtp_server"] != "" {
		s.otherwise("smtp_connect_timeout", "30")
	}
	return s
}

func listed(l *keepalived.Node) []string {
	var all []string
	for _, v := range l.Lines {
		all = append(all, strings.Join(append([]string{v.Keyword()}, v.Values()...), " "))
	}
	return all
}

// normalMember is an instance with everything that counts filled in.
func normalMember(m *pair.Member) *settings {
	s := newSettings()
	s.set("name", m.Name, m.Block.Range)
	s.set("state", m.State, m.At("state"))
	s.set("priority", fmt.Sprint(m.Priority), m.At("priority"))
	s.set("version", fmt.Sprint(m.Version), m.At("version"))
	s.set("advert_int", m.AdvertInt.String(), m.At("advert_int"))
	if m.NoPreempt {
		s.set("nopreempt", "there", m.At("nopreempt"))
	}
	if m.Delay > 0 && !m.NoPreempt {
		s.set("preempt_delay", m.Delay.String(), m.At("preempt_delay"))
	}
	if auth := m.Block.Line("authentication"); auth != nil && m.Version == 2 && m.AuthType != "" {
		s.set("auth_type", m.AuthType, auth.Range)
		p := auth.Of("auth_pass")
		s.set("auth_pass", fmt.Sprintf("%x", hash(p[:min(len(p), 8)])), auth.Range)
		if len(p) > 8 {
			s.set("auth_pass, length", "more than 8 bytes", auth.Range)
		}
	}
	for _, v := range m.Block.Listed("virtual_ipaddress") {
		s.append("virtual_ipaddress", normalVIP(v, m.Interface), v.Range)
	}
	peers := slices.Clone(m.Peers)
	slices.Sort(peers)
	s.set("unicast_peer", strings.Join(peers, " "), m.At("unicast_peer"))
	s.set("unicast_src_ip", m.Source, m.At("unicast_src_ip"))
	var tracks []string
	for _, t := range m.Tracks {
		if !t.Missing {
			tracks = append(tracks, normalTrack(t))
		}
	}
	slices.Sort(tracks)
	s.set("tracked", strings.Join(slices.Compact(tracks), joint), m.At("track_script", "track_process", "track_interface"))
	s.set("sync group", m.SyncGroup, m.Block.Range)
	known := strings.Fields("state priority version advert_int nopreempt preempt preempt_delay authentication virtual_ipaddress " +
		"unicast_peer unicast_src_ip " +
		"track_script track_process track_interface interface virtual_router_id")
	for _, l := range m.Block.Lines {
		if !slices.Contains(known, l.Keyword()) && l.Known {
			value := strings.Join(append(l.Values(), listed(l)...), " ")
			if value == "" {
				value = "there"
			}
			s.set(l.Keyword(), value, l.Range)
		}
	}
	return s
}

// hash is what stands for a password where it is compared (FNV-1a): it is never shown.
func hash(text string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return h
}

func normalVIP(v *keepalived.Node, device string) string {
	text := v.Keyword()
	if p, ok := prefix(text); ok && p.Bits() < 0 {
		text = fmt.Sprintf("%s/%d", p.Addr(), p.Addr().BitLen())
	}
	words := v.Values()
	for i := 0; i+1 < len(words); i++ {
		switch words[i] {
		case "dev":
			device = words[i+1]
		case "label":
			text += " label " + words[i+1]
		}
	}
	return text + " dev " + device
}

func normalTrack(t pair.Track) string {
	if t.Kind == failover.NIC {
		return fmt.Sprintf("interface %s weight %d", t.Name, t.Weight)
	}
	what := strings.Join(keepalived.Command(t.Script.Of("script")), " ")
	if t.Script.Keyword() == "vrrp_track_process" {
		return fmt.Sprintf("process %s weight %d", t.Script.Of("process"), t.Weight) + ofProcess(t.Script)
	}
	if name, rest, ok := strings.Cut(what, " "); ok && !strings.Contains(name, "/") {
		what = "/usr/bin/" + name + " " + rest
	} else if rest, old := strings.CutPrefix(what, "/bin/"); old {
		what = "/usr/bin/" + rest
	}
	timeout := pair.Seconds(t.Script.Of("timeout"), t.Interval)
	text := fmt.Sprintf("%q every %s within %s, rise %d, fall %d, weight %d", what, t.Interval, timeout, t.Rise, t.Fall, t.Weight)
	if user := t.Script.Of("user"); user != "" {
		text += " as " + user
	}
	return text
}

// ofProcess is what else a block says of a process that is watched.
func ofProcess(b *keepalived.Node) string {
	said := map[string]string{}
	for _, l := range b.Lines {
		switch value := strings.Join(l.Values(), " "); l.Keyword() {
		case "process", "weight":
		case "delay":
			said["fork_delay"], said["terminate_delay"] = value, value
		default:
			said[l.Keyword()] = value
		}
	}
	text := ""
	for _, k := range slices.Sorted(maps.Keys(said)) {
		text += ", " + strings.TrimSpace(k+" "+said[k])
	}
	return text
}

func allowedOfMember(key, before, after string) string {
	switch key {
	case "name":
		return "renamed"
	case "state":
		return "the priorities decide"
	case "auth_pass, length":
		return "8 bytes count"
	case "check_unicast_src":
		if before == "" {
			return "adverts from others than the peers are dropped"
		}
	case "smtp_alert":
		if before == "" && after == "false" {
			return "the same"
		}
	case "unicast_src_ip", "mcast_src_ip":
		if before == "" {
			return "the node's own address, said"
		}
	case "notify_stop", "preempt":
		if before == "there" {
			return "the same"
		}
	}
	return ""
}
