package adopt

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/pair"
)

// half is one side of a proxy: where clients come in, or the servers behind it. A
// listen section is both.
type half struct {
	name     string
	section  *haproxy.Section
	front    bool
	key      string // what it is found by: its binds, or its servers
	settings *settings
}

// haproxy compares the two configurations of a node.
func (c *comparison) haproxy(n, o *pair.Node) {
	if len(n.HAProxyFiles) == 0 {
		return
	}
	c.compare("global", globalOf(n), globalOf(o), allowedOfGlobal)
	c.others(n, o)
	before, after := halves(n), halves(o)
	names := match(before, after)
	fill(n, before, nil)
	fill(o, after, names)
	used := map[*half]bool{}
	for _, b := range before {
		a := found(after, b, used)
		where := "backend " + b.name
		if b.front {
			where = "frontend " + b.name
		}
		if a == nil {
			c.found = append(c.found, Difference{Node: c.node, Where: where, What: "it", Before: "there", At: b.section.Head.Range})
			continue
		}
		used[a] = true
		if a.name != b.name {
			c.found = append(c.found, Difference{Node: c.node, Where: where, What: "name", Before: b.name, After: a.name,
				At: b.section.Head.Range, Allowed: "renamed"})
		}
		if b.settings.values["log"] == "" { // what is said of a log that was not there
			a.settings.drop(logKeys()...)
		}
		c.compare(where, b.settings, a.settings, allowedOfProxy)
	}
	for _, a := range after {
		if !used[a] {
			c.found = append(c.found, Difference{Node: c.node, Where: a.section.Kind + " " + a.name, What: "it", After: "there"})
		}
	}
}

// allowedOfGlobal is what lbgen adds for the node itself: no client, no server and no
// failover notices.
func allowedOfGlobal(key, before, after string) string {
	switch {
	case key == "log" && before != "" && strings.Contains(after, before):
		return "to the node's own syslog, too"
	case key == "stats socket" && before != "" && strings.Replace(after, " mode 600", "", 1) == before:
		return "for root alone"
	case before != "":
		return ""
	}
	switch key {
	case "chroot", "user", "group":
		return "HAProxy gives root's rights up"
	case "stats socket":
		return "for root alone"
	case "log":
		return "to the node's own syslog"
	}
	return ""
}

// others compares the sections that are no proxies, line by line: userlists, peers, name
// servers and the like.
func (c *comparison) others(n, o *pair.Node) {
	before, after := plainSections(n), plainSections(o)
	none := func(key, _, _ string) string {
		if key == "nameservers' names" {
			return "renamed"
		}
		return ""
	}
	for _, k := range slices.Sorted(maps.Keys(before)) {
		a := after[k]
		if a == nil {
			a = newSettings()
		}
		c.compare(k, before[k], a, none)
	}
	for _, k := range slices.Sorted(maps.Keys(after)) {
		if before[k] == nil {
			c.compare(k, newSettings(), after[k], none)
		}
	}
}

func plainSections(n *pair.Node) map[string]*settings {
	all := map[string]*settings{}
	for _, s := range n.HAProxy.Sections {
		if slices.Contains([]string{"global", "defaults", "frontend", "backend", "listen"}, s.Kind) {
			continue
		}
		if s.Kind == "userlist" {
			all[strings.Join(s.Head.Words(), " ")] = normalUsers(s)
			continue
		}
		set := newSettings()
		set.set("it", "there", s.Head.Range)
		for _, d := range s.Lines {
			words := d.Words()[1:]
			if s.Kind == "resolvers" && d.Word(0) == "nameserver" && len(words) > 1 {
				set.append("nameservers' names", words[0], d.Range)
				words = words[1:]
			}
			key := d.Word(0)
			if s.Kind == "resolvers" && (key == "hold" || key == "timeout") && len(words) > 1 {
				key, words = key+" "+words[0], words[1:]
			}
			set.append(key, cmp.Or(joined(normalTimes(words)), "there"), d.Range)
		}
		all[strings.Join(s.Head.Words(), " ")] = set
	}
	return all
}

func allowedOfProxy(key, before, after string) string {
	if key == portInHost && after == "" {
		return "a host is the same with a port behind it"
	}
	if key == "log format" && before == "" {
		return "lines of the log say more"
	}
	if key == "log" && before == "" {
		return "to the node's own syslog"
	}
	if key == "servers' names" {
		return "renamed"
	}
	if key == "init-addr" {
		return "HAProxy starts although a name cannot be looked up"
	}
	return ""
}

// found is the half that is the same: by what it listens on or by its servers, or by
// name.
func found(all []*half, b *half, used map[*half]bool) *half {
	for _, by := range []func(a *half) bool{
		func(a *half) bool { return a.key == b.key && a.name == b.name },
		func(a *half) bool { return a.key == b.key && b.key != "" },
		func(a *half) bool { return a.name == b.name },
	} {
		for _, a := range all {
			if a.front == b.front && !used[a] && by(a) {
				return a
			}
		}
	}
	return nil
}

// match returns for each backend of the second configuration the name that it has in
// the first.
func match(before, after []*half) map[string]string {
	names := map[string]string{}
	used := map[*half]bool{}
	for _, b := range before {
		if b.front {
			continue
		}
		if a := found(after, b, used); a != nil {
			used[a] = true
			names[a.name] = b.name
		}
	}
	return names
}

// halves are the proxies of a node, each side by itself.
func halves(n *pair.Node) []*half {
	var all []*half
	for _, s := range n.HAProxy.Sections {
		if s.Kind == "frontend" || s.Kind == "listen" {
			var listens []string
			for _, b := range pair.Binds(s) {
				listens = append(listens, b.Host+":"+b.Port)
			}
			slices.Sort(listens)
			listens = withoutHeard(listens)
			all = append(all, &half{name: s.Name, section: s, front: true, key: strings.Join(listens, " ")})
		}
		if servers := pair.Servers(s); s.Kind == "backend" || s.Kind == "listen" && len(servers) > 0 {
			var addresses []string
			for _, server := range servers {
				addresses = append(addresses, withPortOf(n, s, server.Address()))
			}
			all = append(all, &half{name: s.Name, section: s, key: strings.Join(addresses, " ")})
		}
	}
	return all
}

func fill(n *pair.Node, all []*half, names map[string]string) {
	g := globalOf(n)
	same := map[string]string{}
	for _, h := range all {
		same["backend "+h.name] = cmp.Or(names[h.name], h.name)
	}
	in := &sections{importer: &importer{names: same, bases: basesOf(n)}, idle: idleLines(n.HAProxy)}
	known := map[inherited]*filler{}
	for _, h := range all {
		h.settings = newSettings()
		f := &filler{node: n, half: h, names: names, sections: in}
		f.inheritOnce(known)
		if head := h.section.Head; h.front && strings.Contains(head.Word(2), ":") {
			f.bind(head.Words()[2:], head.Range)
		}
		f.lines(h.section.Lines)
		f.usual(cmp.Or(g.values["maxconn"], "the process's"))
		f.withoutLog(g.values["log"])
	}
	forwardedOnce(all)
}

// inherited is what decides what a half has from its defaults.
type inherited struct {
	from       *haproxy.Section
	kind, mode string
	front      bool
}

// inheritOnce brings the lines of the defaults section to the normal form, once for all
// halves of a kind.
func (f *filler) inheritOnce(known map[inherited]*filler) {
	key := inherited{f.section.Defaults, f.section.Kind, f.section.Mode(), f.front}
	from := known[key]
	if from == nil {
		f.inherit(f.section.Defaults)
		from = &filler{half: &half{settings: f.settings.clone()}, check: f.check, redirects: f.redirects}
		known[key] = from
		return
	}
	f.settings = from.settings.clone()
	f.check, f.redirects = slices.Clone(from.check), slices.Clone(from.redirects)
}

// forwardedOnce drops what a backend says of X-Forwarded-For where all frontends that
// lead to it say the same: the header is added once.
func forwardedOnce(all []*half) {
	const key = "option forwardfor"
	leading := map[string][]*half{} // to a backend; those that look one up lead to all
	for _, f := range all {
		if f.front {
			for name := range f.leadsTo() {
				leading[name] = append(leading[name], f)
			}
		}
	}
	for _, b := range all {
		if b.front || b.settings.values[key] == "" {
			continue
		}
		differs := func(f *half) bool { return f.settings.values[key] != b.settings.values[key] }
		fronts := slices.Concat(leading[b.name], leading[anyBackend])
		if len(fronts) > 0 && !slices.ContainsFunc(fronts, differs) {
			b.settings.drop(key)
		}
	}
}

// anyBackend stands for all of them, where a request decides.
const anyBackend = "%"

// leadsTo are the backends that a frontend sends requests to.
func (h *half) leadsTo() map[string]bool {
	all := map[string]bool{h.name: h.section.Kind == "listen"}
	for _, d := range h.section.Lines {
		switch {
		case d.Word(0) != "default_backend" && d.Word(0) != "use_backend":
		case strings.Contains(d.Word(1), "%["):
			all[anyBackend] = true
		default:
			all[d.Word(1)] = true
		}
	}
	if !all[h.name] {
		delete(all, h.name)
	}
	return all
}

// globalOf is the global section as settings.
func globalOf(n *pair.Node) *settings {
	s := newSettings()
	u := usesOf(n.HAProxy)
	for _, section := range n.HAProxy.Sections {
		if section.Kind != "global" {
			continue
		}
		for _, d := range section.Lines {
			if d.Modifier == "" && u.idle(d) != "" || d.Word(0) == "crt-base" || d.Word(0) == "ca-base" { // these stand in the paths
				continue
			}
			words := d.Words()
			facts := haproxy.Of(haproxy.Global, d)
			if slices.ContainsFunc(facts, func(f haproxy.Fact) bool { return f.How == haproxy.Needless }) {
				continue
			}
			name, values := settingKey(d), words[1:]
			if strings.Contains(name, " ") {
				values = words[min(2, len(words)):]
			}
			value := cmp.Or(joined(normalTimes(values)), "there")
			switch name {
			case "log":
				value = withPort(value)
			case "stats socket":
				value = normalSocket(values)
			}
			if name == "log" || name == "stats socket" {
				s.append(name, value, d.Range)
			} else {
				s.set(name, value, d.Range)
			}
		}
	}
	return s
}

// normalSocket is a socket with its words in one order. Whose level is not said is an
// operator's; since 1.9 the master process hands sockets on by itself.
func normalSocket(words []string) string {
	if len(words) == 0 {
		return ""
	}
	said := map[string]string{"level": "operator"}
	for i := 1; i < len(words); i++ {
		if i+1 < len(words) && slices.Contains(strings.Fields("mode level user group uid gid expose-fd severity-output"), words[i]) {
			said[words[i]] = words[i+1]
			i++
			continue
		}
		said[words[i]] = ""
	}
	delete(said, "expose-fd")
	text := words[0]
	for _, k := range slices.Sorted(maps.Keys(said)) {
		text += strings.TrimRight(" "+k+" "+said[k], " ")
	}
	return text
}

// withPort adds the port of syslog to an address without one.
func withPort(value string) string {
	target, rest, _ := strings.Cut(value, " ")
	if isAddress(target) {
		target += ":514"
	}
	return target + " " + rest
}

// settingKey is the keyword by which a line counts: of several with one the last does.
func settingKey(d *haproxy.Directive) string {
	switch d.Word(0) {
	case "option", "timeout", "stats", "compression", "errorfile", "tcp-check", "hash-type", "ssl-default-bind-options":
		if d.Word(0) == "hash-type" || d.Word(0) == "ssl-default-bind-options" {
			return d.Word(0)
		}
		return d.Word(0) + " " + d.Word(1)
	case "http-error":
		return "http-error " + d.Word(2)
	}
	return d.Word(0)
}

// normalTimes writes words that are times in milliseconds, and numbers without zeros
// before them.
func normalTimes(words []string) []string {
	all := slices.Clone(words)
	for i, w := range all {
		if n := strings.TrimLeft(w, "0"); len(w) > 1 && w[0] == '0' && strings.Trim(n, "0123456789") == "" {
			all[i] = cmp.Or(n, "0")
			continue
		}
		if t, ok := pair.Time(w); ok && len(w) > 0 && strings.ContainsAny(w[len(w)-1:], "smhd") {
			all[i] = fmt.Sprintf("%dms", t.Milliseconds())
		}
	}
	return all
}
