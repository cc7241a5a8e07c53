package adopt

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
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
	case key == "stats socket" && before != "" && after == before+" mode 600 level operator":
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
	none := func(string, string, string) string { return "" }
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
		set := newSettings()
		set.set("it", "there", s.Head.Range)
		for _, d := range s.Lines {
			set.append(d.Word(0), cmp.Or(strings.Join(normalTimes(d.Words()[1:]), " "), "there"), d.Range)
		}
		all[strings.Join(s.Head.Words(), " ")] = set
	}
	return all
}

func allowedOfProxy(key, before, _ string) string {
	if key == "log format" && before == "" {
		return "lines of the log say more"
	}
	if key == "log" && before == "" {
		return "to the node's own syslog"
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
			all = append(all, &half{name: s.Name, section: s, front: true, key: strings.Join(listens, " ")})
		}
		if servers := pair.Servers(s); s.Kind == "backend" || s.Kind == "listen" && len(servers) > 0 {
			var addresses []string
			for _, server := range servers {
				addresses = append(addresses, server.Address())
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
	for _, h := range all {
		h.settings = newSettings()
		f := &filler{half: h, names: names, sections: &sections{importer: &importer{names: same, bases: basesOf(n)}}}
		f.inherit(h.section.Defaults)
		if head := h.section.Head; h.front && strings.Contains(head.Word(2), ":") {
			f.bind(head.Words()[2:], head.Range)
		}
		f.lines(h.section.Lines)
		f.usual(cmp.Or(g.values["maxconn"], "the process's"))
	}
}

// globalOf is the global section as settings.
func globalOf(n *pair.Node) *settings {
	s := newSettings()
	for _, section := range n.HAProxy.Sections {
		if section.Kind != "global" {
			continue
		}
		for _, d := range section.Lines {
			words := d.Words()
			facts := haproxy.Of(haproxy.Global, d)
			if slices.ContainsFunc(facts, func(f haproxy.Fact) bool { return f.How == haproxy.Needless }) {
				continue
			}
			name, values := settingKey(d), words[1:]
			if strings.Contains(name, " ") {
				values = words[min(2, len(words)):]
			}
			value := cmp.Or(strings.Join(normalTimes(values), " "), "there")
			if name == "log" {
				value = withPort(value)
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

// normalTimes writes words that are times in milliseconds.
func normalTimes(words []string) []string {
	all := slices.Clone(words)
	for i, w := range all {
		if t, ok := pair.Time(w); ok && len(w) > 0 && strings.ContainsAny(w[len(w)-1:], "smhd") {
			all[i] = fmt.Sprintf("%dms", t.Milliseconds())
		}
	}
	return all
}

// filler brings the lines of one half to the normal form.
type filler struct {
	*half
	*sections
	names map[string]string // of backends
	acls  map[string][]*haproxy.Directive
	check []*haproxy.Directive
	// redirects are lines that begin with that word; last is true when all others have
	// been looked at.
	redirects []*haproxy.Directive
	last      bool
}

func (f *filler) inherit(d *haproxy.Section) {
	if d == nil {
		return
	}
	f.inherit(d.Defaults)
	f.lines(d.Lines)
}

// side says whether a line counts on this side of a proxy.
func (f *filler) side(d *haproxy.Directive) bool {
	if f.front {
		return standsIn(d, haproxy.Frontend)
	}
	return standsIn(d, haproxy.Backend) || d.Word(0) == "server"
}

func (f *filler) lines(lines []*haproxy.Directive) {
	f.acls = map[string][]*haproxy.Directive{}
	for _, d := range lines {
		if d.Word(0) == "acl" && len(d.Tokens) > 2 {
			f.acls[d.Word(1)] = append(f.acls[d.Word(1)], d)
		}
	}
	for _, d := range lines {
		// What a listen section does once stands on the side of the clients.
		once := isRouting(d) || d.Word(0) == "stats" || d.Word(0) == "option" && d.Word(1) == "forwardfor"
		if !f.side(d) || f.section.Kind == "listen" && once && !f.front {
			continue
		}
		f.line(d)
	}
}

func (f *filler) line(d *haproxy.Directive) {
	s, words := f.settings, d.Words()
	key := settingKey(d)
	if d.Modifier == "no" {
		s.drop(key)
		return
	}
	mode := f.section.Mode()
	many := d.Word(0) == "stick"
	for _, x := range haproxy.Of(haproxy.InOf(f.section.Kind), d) {
		if x.Of != "" || x.Rules != 0 {
			continue
		}
		if mode == "tcp" && x.Mode == "http" {
			return
		}
		many = many || x.Many
	}
	if field := map[string]string{"contimeout": "connect", "clitimeout": "client", "srvtimeout": "server"}[d.Word(0)]; field != "" {
		if t, ok := pair.Time(d.Word(1)); ok && f.front == (field == "client") {
			s.set("timeout "+field, fmt.Sprintf("%dms", t.Milliseconds()), d.Range)
		}
		return
	}
	switch {
	case d.Word(0) == "acl" || d.Word(0) == "server" || d.Word(0) == "default-server":
	case d.Word(0) == "bind":
		f.bind(words[min(1, len(words)):], d.Range)
	case isRouting(d):
		f.rule(d)
	case d.Word(0) == "default_backend":
		s.set("default_backend", f.known(d.Word(1)), d.Range)
	case (&checkOf{}).line(d):
		f.check = append(f.check, d)
	case key == "option http-keep-alive" || key == "option http-server-close" || key == "option httpclose":
		s.set("http connection", d.Word(1), d.Range)
	case key == "option httplog" || key == "option tcplog" || key == "log-format":
		if f.front { // what a backend says of it counts for nothing
			s.set("log format", strings.Join(words, " "), d.Range)
		}
	case d.Word(0) == "log":
		if text := strings.Join(words[1:], " "); !slices.Contains(strings.Split(s.values["log"], " | "), text) {
			s.append("log", text, d.Range)
		}
	default:
		values := words[1:]
		if strings.Contains(key, " ") && len(words) > 1 {
			values = words[2:]
		}
		value := strings.Join(normalTimes(values), " ")
		if d.Word(0) == "timeout" {
			if t, ok := pair.Time(d.Word(2)); ok {
				value = fmt.Sprintf("%dms", t.Milliseconds())
			}
		}
		if f.front && key == "stats auth" {
			s.append(key, fmt.Sprintf("%x", hash(value)), d.Range)
			return
		}
		if value = cmp.Or(value, "there"); many {
			s.append(key, value, d.Range)
		} else {
			s.set(key, value, d.Range)
		}
	}
}

func normalHost(text string) string {
	i := strings.LastIndex(text, ":")
	if i >= 0 && (text[:i] == "" || text[:i] == "0.0.0.0") {
		return "*" + text[i:]
	}
	return text
}

// sorted keeps what belongs together: words and their values.
func sorted(words []string) []string {
	all := slices.Clone(words)
	slices.Sort(all)
	return all
}

// bind is an address and the words behind it, whose order counts for nothing.
func (f *filler) bind(words []string, at diag.Range) {
	if len(words) > 0 {
		f.settings.append("bind", strings.Join(append([]string{normalHost(words[0])}, sorted(f.bases.whole(words[1:]))...), " "), at)
	}
}

func (f *filler) known(name string) string { return cmp.Or(f.names[name], name) }

// rule is a line of rules, with its conditions in the words of a site file where these
// can say them.
func (f *filler) rule(d *haproxy.Directive) {
	words := d.Words()
	if d.Word(0) == "acl" {
		return
	}
	end := slices.IndexFunc(words, func(w string) bool { return w == "if" || w == "unless" })
	action, conditions := words, []string(nil)
	if end > 0 {
		action, conditions = slices.Clone(words[:end]), words[end:]
	}
	if action[0] == "use_backend" && len(action) > 1 {
		action = []string{"use_backend", f.known(action[1])}
	}
	list := action[0]
	switch list {
	case "http-request", "http-response", "http-after-response":
		action = action[1:]
	case "tcp-request":
		list += " " + d.Word(1)
		action = action[min(2, len(action)):]
	}
	text := normalAction(action)
	if list == "redirect" { // looked at behind all of http-request
		f.redirects = append(f.redirects, d)
		if !f.last {
			return
		}
		list = "http-request"
	}
	whens, ok := f.conditions(conditions, f.acls)
	if !ok {
		f.settings.append(list, text+" "+f.expanded(conditions), d.Range)
		return
	}
	for _, when := range whens {
		line := text
		var all []string
		for _, m := range when {
			all = append(all, m.flow())
		}
		if len(all) > 0 {
			line += " when " + strings.Join(all, " and ")
		}
		f.settings.append(list, line, d.Range)
	}
}

// normalAction fills in what HAProxy takes where nothing is written.
func normalAction(words []string) string {
	if len(words) == 0 {
		return ""
	}
	if len(words) == 1 && words[0] == "deny" {
		return "deny deny_status 403"
	}
	if words[0] == "redirect" && !slices.Contains(words, "code") {
		words = append(slices.Clone(words), "code", "302")
	}
	return strings.Join(words, " ")
}

// expanded puts the definitions of named conditions in their place.
func (f *filler) expanded(words []string) string {
	var all []string
	for _, w := range words {
		name := strings.TrimPrefix(w, "!")
		if lines := f.acls[name]; len(lines) > 0 {
			var parts []string
			for _, d := range lines {
				parts = append(parts, strings.Join(d.Words()[2:], " "))
			}
			w = strings.TrimSuffix(w, name) + "{ " + strings.Join(parts, " | ") + " }"
		}
		all = append(all, w)
	}
	return strings.Join(all, " ")
}

// usual fills in HAProxy's own values, and the servers.
func (f *filler) usual(maxconn string) {
	s := f.settings
	f.last = true
	for _, d := range slices.Clone(f.redirects) {
		f.rule(d)
	}
	s.otherwise("mode", "tcp")
	if f.front {
		s.otherwise("maxconn", maxconn)
		if m, all := number(s.values["maxconn"]), number(maxconn); all > 0 && m > all {
			s.values["maxconn"] = maxconn
		}
		if len(pair.Servers(f.section)) > 0 {
			s.otherwise("default_backend", f.known(f.name))
		}
		s.drop("retries")
	} else {
		s.drop("maxconn")
		s.otherwise("balance", "roundrobin")
		s.otherwise("retries", "3")
	}
	if s.values["mode"] == "http" {
		s.otherwise("http connection", "http-keep-alive")
	} else {
		s.drop("http connection")
	}
	if binds := s.values["bind"]; binds != "" {
		all := strings.Split(binds, " | ")
		slices.Sort(all)
		s.values["bind"] = strings.Join(all, " | ")
	}
	if f.front {
		return
	}
	f.checked()
	f.listed()
}

func (f *filler) checked() {
	n := mapping()
	text := ""
	if httpHealth(n, f.check, profile{}) {
		if h := n.at("http"); h.under["expect"] == nil && h.get("body") == "" && h.get("body_regex") == "" {
			h.put("expect", of(word("200-399"))) // HAProxy's own
		}
		text = n.flow()
	} else {
		var all []string
		for _, d := range f.check {
			all = append(all, strings.Join(d.Words(), " "))
		}
		text = strings.Join(all, " | ")
	}
	at := diag.Range{}
	if len(f.check) > 0 {
		at = f.check[0].Range
	}
	if text != "" && slices.ContainsFunc(pair.Servers(f.section), func(s pair.Server) bool { return s.Has("check") }) {
		f.settings.set("check", text, at)
	}
}

// servers are those of the section in their order, with what default-server says put
// in.
func (f *filler) listed() {
	cookie := f.settings.values["cookie"] != ""
	for _, server := range pair.Servers(f.section) {
		words := server.Effective()
		for k, usual := range map[string]string{"inter": "2000ms", "rise": "2", "fall": "3", "weight": "1"} {
			if words[k] == usual || k != "weight" && words["check"] == "" {
				delete(words, k)
			}
		}
		for _, k := range []string{"fastinter", "downinter"} {
			if words[k] == cmp.Or(words["inter"], "2000ms") || words["check"] == "" {
				delete(words, k)
			}
		}
		if !cookie {
			delete(words, "cookie")
		}
		if words["init-addr"] == "last,libc,none" {
			delete(words, "init-addr")
			f.settings.set("init-addr", "last,libc,none", server.Line.Range)
		}
		var all []string
		for k, v := range words {
			all = append(all, strings.TrimSpace(k+" "+f.bases.path(k, v)))
		}
		slices.Sort(all)
		f.settings.append("servers", server.Address()+" "+strings.Join(all, " "), server.Line.Range)
	}
}
