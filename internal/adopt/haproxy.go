package adopt

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/pair"
)

// proxies is what haproxy.cfg becomes: the parts that stand before vrrp, and those
// behind it.
type proxies struct{ head, proxies *node }

// haproxy makes global, defaults, log, frontends, backends and what belongs to them of
// the first node that has a haproxy.cfg.
func (im *importer) haproxy() proxies {
	out := proxies{mapping(), mapping()}
	ref := im.reference()
	if ref == nil {
		im.asked("no node has a haproxy.cfg: a site needs a frontend")
		return out
	}
	im.nameVIPs()
	h := &sections{importer: im, node: ref, head: out.head, proxies: out.proxies}
	h.nameAll()
	for _, s := range ref.HAProxy.Sections {
		im.becomes(s.Head.Range, Field, "")
		switch s.Kind {
		case "global":
			h.global(s)
		case "defaults":
			if h.defaults == nil {
				h.defaults = s
				h.defaultsSection(s)
			}
		}
	}
	if h.defaults == nil {
		n := h.head.at("defaults")
		h.useProfile(n)
		n.set("mode", "tcp")
		h.notAdded(n, &haproxy.Section{})
	}
	for _, s := range ref.HAProxy.Sections {
		switch s.Kind {
		case "frontend", "listen":
			h.frontend(s)
		case "backend":
			h.backend(s, s.Name)
		case "global", "defaults":
		case "resolvers":
			h.resolvers(s)
		default:
			im.becomes(s.Head.Range, Unsaid, "sections "+s.Kind+" have no place in a site file yet")
		}
	}
	return out
}

// nameVIPs remembers by which name binds find each virtual IP.
func (im *importer) nameVIPs() {
	for _, r := range im.routers {
		im.vipsOf(r.Members[0], safeName(r.Name()), len(r.Members[0].VIPs) > 1)
	}
	for _, r := range im.routers {
		if other := im.otherFamily(r); other != nil {
			im.vipsOf(r.Members[0], safeName(r.Name()), true)
			im.vipsOf(other.Members[0], safeName(r.Name()), true)
		}
	}
}

// sections is one haproxy.cfg that is being read.
type sections struct {
	*importer
	node          *pair.Node
	head, proxies *node
	defaults      *haproxy.Section // those that the site has
	logs          int
	socketSaid    bool // the site has one
	// plainForwardFor is true where option forwardfor of defaults stays raw.
	plainForwardFor bool
	saidTimes       map[string]bool // of checks, by a default-server line
	forwardProto    bool            // lbgen tells servers how clients came
}

// nameAll gives each proxy a name of its own: a frontend and a backend may have had
// one, and a listen section becomes two.
func (h *sections) nameAll() {
	taken := map[string]bool{"stats": true}
	for _, s := range h.node.HAProxy.Sections {
		if s.Kind == "backend" {
			name := safeName(s.Name)
			taken[name] = true
			h.names["backend "+s.Name] = name
		}
	}
	free := func(name, other string) string {
		name = safeName(name)
		if !taken[name] || name == "stats" && other == "" {
			taken[name] = true
			return name
		}
		for n := 1; ; n++ {
			again := name + other
			if n > 1 {
				again += strconv.Itoa(n)
			}
			if !taken[again] {
				taken[again] = true
				return again
			}
		}
	}
	for _, s := range h.node.HAProxy.Sections {
		switch s.Kind {
		case "frontend":
			h.names["frontend "+s.Name] = free(s.Name, "_front")
		case "listen":
			h.names["frontend "+s.Name] = free(s.Name, "_front")
			if len(pair.Servers(s)) > 0 {
				h.names["backend "+s.Name] = free(s.Name, "_servers")
			}
		}
	}
}

func (h *sections) field(d *haproxy.Directive) { h.becomes(d.Range, Field, "") }

// raw keeps a line as it is. Where the facts know that it changes nothing it goes.
func (h *sections) raw(n *node, in haproxy.In, d *haproxy.Directive) {
	for _, f := range haproxy.Of(in, d) {
		if f.How == haproxy.Needless {
			h.becomes(d.Range, NoEffect, f.Why)
			return
		}
	}
	n.raw("raw", h.lineText(d.Range))
	h.becomes(d.Range, Raw, "")
}

// time is a time-out as a site file has it, "" for one without end or that is no time.
func when(text string) string {
	d, ok := pair.Time(text)
	if !ok || d == 0 {
		return ""
	}
	return duration(d)
}

func (h *sections) global(s *haproxy.Section) {
	g := h.head.at("global")
	for _, d := range s.Lines {
		if d.Modifier != "" || !h.globalLine(g, d) {
			h.raw(g, haproxy.Global, d)
			continue
		}
		h.field(d)
	}
	if h.profile.global != "" && s.Line("maxconn") == nil {
		g.set("maxconn", "none")
	}
}

func (h *sections) globalLine(g *node, d *haproxy.Directive) bool {
	n, _ := strconv.Atoi(d.Word(1))
	switch d.Word(0) {
	case "log":
		return h.log(d)
	case "chroot":
		h.place("chroot", d.Word(1), "/var/lib/haproxy")
	case "maxconn":
		if d.Word(1) != h.profile.global {
			g.set("maxconn", n)
		}
	case "user":
		if d.Word(1) != "haproxy" {
			h.head.at("service_user").set("user", d.Word(1))
		}
	case "group":
		if d.Word(1) != "haproxy" {
			h.head.at("service_user").set("group", d.Word(1))
		}
	case "nbthread":
		g.set("nbthread", n)
	case "hard-stop-after":
		g.set("hard_stop_after", when(d.Word(1)))
	case "close-spread-time":
		g.set("close_spread_time", when(d.Word(1)))
	case "tune.bufsize":
		g.set("tune_bufsize", n)
	case "spread-checks":
		g.set("spread_checks", n)
	case "stats":
		return h.socket(g, d)
	default:
		return h.tlsDefaults(g, d)
	}
	return len(d.Tokens) == 2
}

// place is a path of the site that is not the platform's own.
func (h *sections) place(key, value, usual string) {
	if value != usual {
		h.head.at("paths").set(key, value)
	}
}

func (h *sections) socket(g *node, d *haproxy.Directive) bool {
	words := d.Words()
	if d.Word(1) == "timeout" && len(words) == 3 {
		g.at("stats_socket").set("timeout", when(d.Word(2)))
		return true
	}
	if d.Word(1) != "socket" || !strings.HasPrefix(d.Word(2), "/") || h.socketSaid {
		return false
	}
	s := mapping()
	level := "operator" // HAProxy's own
	for i := 3; i < len(words); i++ {
		value := d.Word(i + 1)
		switch words[i] {
		case "mode":
			if value != "600" && value != "660" {
				return false
			}
			if value != "600" {
				s.put("mode", &node{text: value, quote: true})
			}
			i++
		case "level":
			level = value
			i++
		case "group":
			s.set("group", value)
			i++
		case "expose-fd":
			i++ // since 1.9 the master process hands its sockets on by itself
		default:
			return false
		}
	}
	if level != "admin" {
		s.set("level", level)
	}
	usual := "/run/haproxy/admin.sock"
	if family := h.site.get("platform"); !strings.HasPrefix(family, "debian") && !strings.HasPrefix(family, "ubuntu") {
		usual = "/var/lib/haproxy/stats"
	}
	h.place("stats_socket", d.Word(2), usual)
	for _, k := range s.keys {
		g.at("stats_socket").put(k, s.under[k])
	}
	h.socketSaid = true
	return true
}

// log is a target of the log.
func (h *sections) log(d *haproxy.Directive) bool {
	words := d.Words()[1:]
	l := mapping()
	if len(words) < 2 {
		return false
	}
	if target := words[0]; target != "/dev/log" {
		if !strings.Contains(target, ".") || strings.HasPrefix(target, "/") {
			return false
		}
		l.set("target", strings.TrimSuffix(target, ":514"))
	}
	words = words[1:]
	if len(words) > 2 && words[0] == "len" {
		n, _ := strconv.Atoi(words[1])
		l.set("length", n)
		words = words[2:]
	}
	if len(words) == 0 || len(words) > 2 || !slices.Contains(strings.Fields("local0 local1 local2 local3 local4 local5 local6 local7 "+
		"daemon user"), words[0]) {
		return false
	}
	if words[0] != "local2" || h.logs > 0 {
		l.set("facility", words[0])
	}
	if len(words) > 1 {
		l.set("level", words[1])
	}
	if h.logs++; l.empty() && h.logs == 1 {
		l = mapping()
		l.set("facility", "local2")
	}
	h.head.add("log", l)
	return true
}

func (h *sections) tlsDefaults(g *node, d *haproxy.Directive) bool {
	// One field says both sides: towards clients and towards servers.
	side, other := "-bind-", "-server-"
	if strings.Contains(d.Word(0), other) {
		side, other = other, side
	}
	if twin := strings.Replace(d.Word(0), side, other, 1); twin != d.Word(0) && !h.globalSays(twin, d.Words()[1:]) {
		return false
	}
	t := func() *node { return g.at("tls") }
	switch d.Word(0) {
	case "ssl-default-bind-options", "ssl-default-server-options":
		if len(d.Tokens) != 3 || d.Word(1) != "ssl-min-ver" {
			return false
		}
		t().set("min_version", d.Word(2))
		return true
	case "ssl-default-bind-ciphers", "ssl-default-server-ciphers":
		if d.Word(1) != "PROFILE=SYSTEM" {
			t().set("ciphers", d.Word(1))
		}
		return true
	case "ssl-default-bind-ciphersuites", "ssl-default-server-ciphersuites":
		t().set("ciphersuites", d.Word(1))
		return true
	case "tune.ssl.default-dh-param":
		n, _ := strconv.Atoi(d.Word(1))
		t().set("dh_param", n)
		return n >= 2048
	}
	return false
}

// globalSays says whether a line of the keyword in global has these words.
func (h *sections) globalSays(keyword string, words []string) bool {
	return slices.ContainsFunc(h.node.HAProxy.Sections, func(s *haproxy.Section) bool {
		d := s.Line(keyword)
		return s.Kind == "global" && d != nil && slices.Equal(d.Words()[1:], words)
	})
}

// timeouts are the fields of time-outs by HAProxy's words.
func timeouts() map[string]string {
	return map[string]string{
		"http-request": "http_request", "queue": "queue", "connect": "connect", "client": "client", "server": "server",
		"http-keep-alive": "http_keep_alive", "check": "check", "tunnel": "tunnel", "client-fin": "client_fin", "server-fin": "server_fin",
	}
}

func (h *sections) defaultsSection(s *haproxy.Section) {
	n := h.head.at("defaults")
	h.useProfile(n)
	empty := true // option dontlognull is not there
	for _, d := range s.Lines {
		if h.defaultsLine(n, d, &empty) {
			h.field(d)
		} else {
			h.raw(n, haproxy.UnnamedDefaults, d)
		}
	}
	n.set("log_empty", empty && h.profile.log)
	h.notAdded(n, s)
}

func (h *sections) useProfile(n *node) {
	if h.profile.name != "modern" {
		n.set("profile", h.profile.name)
	}
}

// notAdded switches off what lbgen would add and the original does not have, and counts
// what cannot be switched off.
func (h *sections) notAdded(n *node, s *haproxy.Section) {
	has := func(words ...string) bool {
		d := s.Line(words...)
		return d != nil && d.Modifier == ""
	}
	http := n.get("mode") != "tcp"
	if !has("option", "redispatch") && h.profile.redispatch {
		n.put("redispatch", of(false))
	}
	if http && !has("option", "forwardfor") && h.profile.forwardFor {
		n.put("forwardfor", of(false))
	}
	closes := has("option", "http-keep-alive") || has("option", "http-server-close") || has("option", "httpclose")
	if http && !closes && h.profile.connection != "" {
		n.set("http_connection", "keep-alive") // HAProxy's own
	}
	if !has("maxconn") && h.profile.front != "" {
		n.set("maxconn", "none")
	}
	for _, name := range slices.Sorted(maps.Keys(timeouts())) {
		if d := s.Line("timeout", name); h.profile.timeouts[timeouts()[name]] != "" && (d == nil || when(d.Word(2)) == "") {
			n.at("timeouts").set(timeouts()[name], "none")
		}
	}
	if h.profile.log && !has("option", "httplog") && !has("option", "tcplog") && !has("log-format") {
		h.draft.added++
	}
	h.tlsNotAdded(n)
}

// tlsNotAdded looks at what lbgen adds where TLS ends: the header that tells servers, a
// minimum version.
func (h *sections) tlsNotAdded(n *node) {
	tls, told, any := 0, 0, false
	for _, s := range h.node.HAProxy.Sections {
		ends := slices.ContainsFunc(s.Lines, func(d *haproxy.Directive) bool {
			return d.Word(0) == "bind" && slices.Contains(d.Words(),
				"ssl")
		})
		if any = any || ends; !ends || s.Mode() != "http" {
			continue
		}
		tls++
		if slices.ContainsFunc(s.Lines, ofTLSEnd) {
			told++
		}
	}
	if h.forwardProto = tls > 0 && told == tls; h.forwardProto != h.profile.forwardProto && tls > 0 {
		n.put("forwarded_proto", of(h.forwardProto))
	}
	if any && h.profile.tls && h.head.under["global"].orEmpty().under["tls"].orEmpty().get("min_version") == "" {
		h.draft.added++
	}
}

// atMost is a number of connections, and no more than the whole process takes: that
// counts first.
func (h *sections) atMost(text string) int {
	n := number(text)
	for _, s := range h.node.HAProxy.Sections {
		if g := s.Line("maxconn"); s.Kind == "global" && g != nil && number(g.Word(1)) > 0 {
			n = min(n, number(g.Word(1)))
		}
	}
	return n
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func (h *sections) defaultsLine(n *node, d *haproxy.Directive, empty *bool) bool {
	if d.Modifier == "no" && d.Word(0) == "option" && d.Word(1) == "redispatch" {
		n.put("redispatch", of(false))
		return true
	}
	if d.Modifier != "" {
		return false
	}
	switch d.Word(0) {
	case "contimeout", "clitimeout", "srvtimeout":
		field := map[string]string{"contimeout": "connect", "clitimeout": "client", "srvtimeout": "server"}[d.Word(0)]
		n.at("timeouts").set(field, when(d.Word(1)))
		h.asked("%s: HAProxy takes %s no longer: it is read as timeout %s", d.Range, d.Word(0), field)
		return true
	case "mode":
		if d.Word(1) != "http" {
			n.set("mode", d.Word(1))
		}
		return true
	case "log":
		return d.Word(1) == "global"
	case "retries":
		if r, err := strconv.Atoi(d.Word(1)); err == nil && (r != 3 || h.profile.name == "haproxy") {
			n.put("retries", of(r))
		}
		return true
	case "maxconn":
		if m := h.atMost(d.Word(1)); strconv.Itoa(m) != h.profile.front {
			n.set("maxconn", m)
		}
		return true
	case "timeout":
		field := timeouts()[d.Word(1)]
		value := when(d.Word(2))
		if field == "" || value == "" {
			return false
		}
		if h.profile.timeouts[field] != value {
			n.at("timeouts").set(field, value)
		}
		return true
	case "log-format":
		n.set("log_format", d.Word(1))
		return true
	case "option":
		return h.option(n, d, empty)
	}
	return false
}

// option is one of an option's lines in defaults, frontends and backends.
func (h *sections) option(n *node, d *haproxy.Directive, empty *bool) bool {
	switch d.Word(1) {
	case "httplog", "tcplog":
		// lbgen writes the one of the section's mode.
		return h.profile.log && len(d.Tokens) == 2
	case "dontlognull":
		*empty = false
		return h.profile.log
	case "log-health-checks":
		n.set("log_health_checks", true)
	case "redispatch":
		if !h.profile.redispatch {
			n.put("redispatch", of(true))
		}
		return len(d.Tokens) == 2
	case "http-keep-alive", "http-server-close", "httpclose":
		mode := map[string]string{"http-keep-alive": "keep-alive", "http-server-close": "server-close", "httpclose": "close"}[d.Word(1)]
		if mode != h.profile.connection || n != h.head.under["defaults"] {
			n.set("http_connection", mode)
		}
	case "forwardfor":
		return h.forwardFor(n, d)
	default:
		return false
	}
	return true
}

func (h *sections) forwardFor(n *node, d *haproxy.Directive) bool {
	f, words := mapping(), d.Words()
	except := ""
	for i := 2; i < len(words); i++ {
		switch words[i] {
		case "except":
			except = d.Word(i + 1)
			i++
		case "header":
			f.set("header", d.Word(i+1))
			i++
		case "if-none":
			f.set("if_none", true)
		default:
			return false
		}
	}
	inDefaults := n == h.head.under["defaults"]
	if except == "" { // the field always has one
		h.plainForwardFor = h.plainForwardFor || inDefaults
		if inDefaults && h.profile.forwardFor {
			n.put("forwardfor", of(false))
		}
		return false
	}
	if except != "127.0.0.0/8" {
		f.set("except", except)
	}
	switch {
	case !f.empty():
		n.put("forwardfor", f)
	case !inDefaults || !h.profile.forwardFor:
		n.put("forwardfor", of(true))
	}
	return true
}

// resolvers is a section of name servers.
func (h *sections) resolvers(s *haproxy.Section) {
	r := mapping()
	r.set("name", safeName(s.Name))
	var servers []string
	for _, d := range s.Lines {
		n, _ := strconv.Atoi(d.Word(len(d.Tokens) - 1))
		known := true
		switch d.Word(0) + " " + d.Word(1) {
		case "hold valid":
			r.set("hold_valid", when(d.Word(2)))
		case "timeout retry":
			r.set("timeout_retry", when(d.Word(2)))
		case "timeout resolve":
			r.set("timeout_resolve", when(d.Word(2)))
		default:
			switch d.Word(0) {
			case "nameserver":
				servers = append(servers, d.Word(2))
			case "parse-resolv-conf":
				r.set("parse_resolv_conf", true)
			case "resolve_retries":
				r.set("resolve_retries", n)
			case "accepted_payload_size":
				r.set("accepted_payload_size", n)
			default:
				known = false
			}
		}
		if known {
			h.field(d)
		}
	}
	r.set("nameservers", servers)
	h.proxies.add("resolvers", r)
}

// page copies a file of the node beside the site file, and returns its name there; ""
// where the tree has none.
func (h *sections) page(name string) string {
	data, err := h.node.File(name)
	if err != nil {
		return ""
	}
	file := "pages/" + path.Base(name)
	for i := 2; h.draft.Pages[file] != nil && string(h.draft.Pages[file]) != string(data); i++ {
		file = fmt.Sprintf("pages/%d-%s", i, path.Base(name))
	}
	h.draft.Pages[file] = data
	return file
}

// errorPage is http-error status N content-type text/html file PATH.
func (h *sections) errorPage(n *node, d *haproxy.Directive) bool {
	words := d.Words()
	if len(words) != 7 || words[0] != "http-error" || words[1] != "status" || words[3] != "content-type" || words[4] != "text/html" ||
		words[5] != "file" {
		return false
	}
	page := h.page(words[6])
	if page == "" {
		return false
	}
	pages := n.at("error_pages")
	pages.put(words[2], of(page))
	return true
}
