package adopt

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/pair"
)

// linesOf are the lines of a proxy, behind those of a defaults section that the site
// does not have.
func (h *sections) linesOf(s *haproxy.Section) []*haproxy.Directive {
	if s.Defaults == nil || s.Defaults == h.defaults {
		return s.Lines
	}
	var own []*haproxy.Directive
	for _, d := range s.Defaults.Lines {
		if d.Word(0) != "log" && !isLogOption(d) {
			own = append(own, d)
		} else {
			h.field(d)
		}
	}
	return append(own, s.Lines...)
}

func isLogOption(d *haproxy.Directive) bool {
	return d.Word(0) == "option" && slices.Contains([]string{"httplog", "tcplog", "dontlognull"}, d.Word(1))
}

// frontend makes a frontend, and of a listen section a backend, too.
func (h *sections) frontend(s *haproxy.Section) {
	if h.stats(s) || h.alive(s) {
		return
	}
	f := mapping()
	f.set("name", h.names["frontend "+s.Name])
	backend := h.names["backend "+s.Name]
	behind := s.Kind == "listen" && backend != ""
	lines := h.linesOf(s)
	for _, d := range lines {
		if d.Word(0) == "mode" && d.Word(1) != h.mode() {
			f.set("mode", d.Word(1))
		}
	}
	if strings.Contains(s.Head.Word(2), ":") {
		h.asked("%s: the address stands behind the section's name, which HAProxy takes no longer: it is read as a bind", s.Head.Range)
		lines = append([]*haproxy.Directive{haproxy.ReadLine("bind " + strings.Join(s.Head.Words()[2:], " "))}, lines...)
	}
	h.binds(f, lines)
	h.logAs(f, s)
	in := haproxy.Frontend
	var routing []*haproxy.Directive
	var backLines []*haproxy.Directive
	for _, d := range lines {
		switch {
		case d.Word(0) == "mode":
			h.field(d)
		case d.Word(0) == "bind":
		case isRouting(d) && !(behind && isServerSide(d)):
			routing = append(routing, d)
		case h.frontendLine(f, d):
			h.field(d)
			if behind && both(d) {
				backLines = append(backLines, d)
			}
		case behind && !standsIn(d, haproxy.Frontend):
			backLines = append(backLines, d)
		default:
			h.raw(f, in, d)
		}
	}
	h.routes(f, routing, s)
	switch {
	case behind && f.get("default_backend") == "":
		f.set("default_backend", backend)
	}
	if to := f.get("default_backend"); to != "" { // it comes last, as it is looked at
		f.drop("default_backend")
		f.set("default_backend", to)
	}
	h.proxies.add("frontends", f)
	if behind {
		h.backendLines(s, backend, backLines)
	}
}

// logAs keeps the form of the log lines, where the frontend speaks another mode than
// defaults: lbgen writes the form of the mode then.
func (h *sections) logAs(f *node, s *haproxy.Section) {
	empty := s.Inherited("option", "dontlognull") == nil
	if h.profile.log && empty && h.defaults != nil && h.defaults.Line("option", "dontlognull") != nil {
		f.raw("raw", "no option dontlognull")
	}
	if f.get("mode") == "" || !h.profile.log {
		return
	}
	usual := map[string]string{"http": "httplog", "tcp": "tcplog"}[s.Mode()]
	for _, other := range []string{"httplog", "tcplog"} {
		d := s.Inherited("option", other)
		if other != usual && d != nil && s.Line("option", usual) == nil && s.Inherited("option", usual) == nil {
			f.raw("raw", "option "+other)
		}
	}
}

// both are lines that a listen section has for its two sides.
func both(d *haproxy.Directive) bool {
	return d.Word(0) == "option" && slices.Contains([]string{"http-keep-alive", "http-server-close", "httpclose"}, d.Word(1))
}

func isServerSide(d *haproxy.Directive) bool { return d.Word(0) == "http-check" }

// standsIn asks the facts whether a line may stand in a kind of section.
func standsIn(d *haproxy.Directive, in haproxy.In) bool {
	for _, name := range []string{d.Word(0) + " " + d.Word(1), d.Word(0)} {
		for _, f := range haproxy.Find(name) {
			if f.Of == "" && f.In != 0 {
				return f.StandsIn(in)
			}
		}
	}
	return d.Word(0) != "server" && d.Word(0) != "server-template" && d.Word(0) != "default-server"
}

// mode is what the site's defaults speak.
func (h *sections) mode() string {
	if m := h.head.under["defaults"].orEmpty().get("mode"); m != "" {
		return m
	}
	return "http"
}

func (n *node) orEmpty() *node {
	if n == nil {
		return mapping()
	}
	return n
}

func isRouting(d *haproxy.Directive) bool {
	return slices.Contains([]string{"acl", "use_backend", "http-request", "http-response", "http-after-response", "redirect", "reqadd",
		"block"}, d.Word(0)) ||
		d.Word(0) == "tcp-request"
}

func (h *sections) frontendLine(f *node, d *haproxy.Directive) bool {
	if d.Modifier != "" {
		return false
	}
	switch d.Word(0) {
	case "default_backend":
		name := h.names["backend "+d.Word(1)]
		f.set("default_backend", name)
		return name != ""
	case "maxconn":
		f.set("maxconn", h.atMost(d.Word(1)))
		return true
	case "log":
		return d.Word(1) == "global"
	case "clitimeout":
		f.at("timeouts").set("client", when(d.Word(1)))
		return true
	case "monitor-uri":
		f.set("monitor_uri", d.Word(1))
		return true
	case "log-format":
		f.set("log_format", d.Word(1))
		return true
	case "http-error":
		return h.errorPage(f, d)
	case "timeout":
		field, value := timeouts()[d.Word(1)], when(d.Word(2))
		if value == "" || !slices.Contains([]string{"http_request", "client", "http_keep_alive", "client_fin"}, field) {
			return false
		}
		f.at("timeouts").set(field, value)
		return true
	case "option":
		if d.Word(1) == "clitcpka" {
			f.set("tcp_keepalive", true)
			return true
		}
		if d.Word(1) == "redispatch" || d.Word(1) == "dontlognull" || d.Word(1) == "log-health-checks" {
			return false
		}
		empty := false
		return h.option(f, d, &empty)
	}
	return false
}

// listener is one bind line's address and port with all options.
type listener struct {
	host    string
	ports   []string
	options *node
	nic     string
	vip     string // of a whole instance
}

// binds groups what a frontend listens on: lines with one address and options become
// one item.
func (h *sections) binds(f *node, lines []*haproxy.Directive) {
	var all []*listener
	for _, d := range lines {
		if d.Word(0) != "bind" {
			continue
		}
		options, ok := h.bindOptions(d.Words()[min(2, len(d.Tokens)):], f.get("mode"))
		for _, b := range pair.Binds(&haproxy.Section{Lines: []*haproxy.Directive{d}}) {
			one := &listener{host: b.Host, ports: []string{b.Port}, options: options}
			if last := len(all) - 1; last >= 0 && all[last].host == one.host && all[last].options.flow() == options.flow() {
				all[last].ports = append(all[last].ports, b.Port)
			} else {
				all = append(all, one)
			}
		}
		if ok && strings.Contains(d.Word(1), ":") && !strings.HasPrefix(d.Word(1), "/") && !strings.Contains(d.Word(1), "@") {
			h.field(d)
		} else if !strings.Contains(d.Word(1), ":") || strings.Contains(d.Word(1), "@") {
			f.raw("raw", h.lineText(d.Range))
			h.becomes(d.Range, Raw, "")
		}
	}
	for _, l := range h.onVIPs(h.onNICs(all)) {
		f.add("binds", h.bind(l))
	}
}

// onVIPs puts the binds of all virtual IPs of an instance, on the same ports, into one.
func (h *sections) onVIPs(all []*listener) []*listener {
	var kept []*listener
	for i := 0; i < len(all); i++ {
		name, count := h.wholeInstance(all[i:])
		if name == "" {
			kept = append(kept, all[i])
			continue
		}
		one := &listener{vip: name, options: all[i].options}
		for _, l := range all[i : i+count] {
			for _, p := range l.ports {
				if !slices.Contains(one.ports, p) {
					one.ports = append(one.ports, p)
				}
			}
		}
		kept = append(kept, one)
		i += count - 1
	}
	return kept
}

// wholeInstance returns the instance all of whose virtual IPs the first listeners are,
// and how many these are; "" where they are not.
func (h *sections) wholeInstance(all []*listener) (string, int) {
	instance := h.ofInstance[h.vips[all[0].host]]
	if instance == "" {
		return "", 0
	}
	total := 0
	for _, name := range h.vips {
		if h.ofInstance[name] == instance {
			total++
		}
	}
	seen, count := map[string]int{}, 0
	for _, l := range all {
		if h.ofInstance[h.vips[l.host]] != instance || l.options.flow() != all[0].options.flow() {
			break
		}
		for _, p := range l.ports {
			seen[p]++
		}
		count++
	}
	for _, n := range seen {
		if n != total {
			return "", 0
		}
	}
	return instance, count
}

// onNICs puts the binds of all nodes' own addresses on one NIC into one.
func (h *sections) onNICs(all []*listener) []*listener {
	var kept []*listener
	for i := 0; i < len(all); i++ {
		role, last := h.ownNIC(all[i:])
		if role == "" {
			kept = append(kept, all[i])
			continue
		}
		one := &listener{nic: role, options: all[i].options}
		for _, l := range all[i : i+last] {
			for _, p := range l.ports {
				if !slices.Contains(one.ports, p) {
					one.ports = append(one.ports, p)
				}
			}
		}
		kept = append(kept, one)
		i += last - 1
	}
	return kept
}

// ownNIC returns the role on which the first listeners are all nodes' own addresses,
// and how many they are; "" where they are not.
func (h *sections) ownNIC(all []*listener) (string, int) {
	for _, role := range h.roles.order {
		owned := map[string]bool{}
		total := 0
		for _, n := range h.nodes {
			for _, p := range h.roles.own[n.Name][role] {
				owned[p.Addr().String()] = true
				total++
			}
		}
		seen := map[string]int{}
		count := 0
		for _, l := range all {
			if !owned[l.host] || l.options.flow() != all[0].options.flow() {
				break
			}
			for _, p := range l.ports {
				seen[p]++
			}
			count++
		}
		whole := count > 0
		for _, n := range seen {
			whole = whole && n == total
		}
		if whole {
			return role, count
		}
	}
	return "", 0
}

// bind is one item of binds.
func (h *sections) bind(l *listener) *node {
	b := mapping()
	switch {
	case l.nic != "":
		b.set("nic", l.nic)
	case l.vip != "":
		b.set("vip", l.vip)
	case h.vips[l.host] != "":
		b.set("vip", h.vips[l.host])
	default:
		b.set("address", l.host)
	}
	var ports []*node
	for _, p := range l.ports {
		if p == "0" || p == "" {
			continue
		}
		ports = append(ports, of(word(p)))
	}
	if len(ports) == 1 && !strings.Contains(ports[0].text, "-") {
		b.put("port", ports[0])
	} else {
		b.put("ports", &node{list: ports})
	}
	for _, k := range l.options.keys {
		b.put(k, l.options.under[k])
	}
	return b
}

// bindOptions are the words behind an address; ok is true where fields or raw words say
// them all.
func (h *sections) bindOptions(words []string, mode string) (*node, bool) {
	words = h.bases.whole(words)
	o, tls := mapping(), mapping()
	var rest []string
	ssl := slices.Contains(words, "ssl")
	if mode == "" {
		mode = h.mode()
	}
	usual, offered := h.profile.alpn && mode == "http", false
	for i := 0; i < len(words); i++ {
		value := ""
		if i+1 < len(words) {
			value = words[i+1]
		}
		takes := map[string]string{"crt": "certificate", "ssl-min-ver": "min_version", "ciphers": "ciphers", "ciphersuites": "ciphersuites",
			"ca-file": "client_ca", "verify": "client_verify"}[words[i]]
		switch {
		case words[i] == "ssl":
		case words[i] == "accept-proxy":
			o.set("accept_proxy", true)
		case words[i] == "strict-sni" && ssl:
			tls.set("strict_sni", true)
		case words[i] == "alpn" && ssl:
			offered = true
			if value != "h2,http/1.1" || !usual {
				tls.set("alpn", strings.Split(value, ","))
			}
			i++
		case takes != "" && ssl && tls.get(takes) == "" && !(takes == "client_verify" && value == "none"):
			if takes != "client_verify" || value != "required" {
				tls.set(takes, value)
			}
			i++
		case words[i] == "proto":
			o.set("proto", value)
			i++
		default:
			rest = append(rest, words[i])
		}
	}
	if ssl && usual && !offered {
		tls.set("alpn", []string{"none"})
	}
	if ssl {
		o.put("tls", tls)
	}
	o.set("raw", strings.Join(rest, " "))
	return o, true
}

// stats is the section of the statistics page, where the site's field says it all:
// every node's own address on one NIC, and an allow list.
func (h *sections) stats(s *haproxy.Section) bool {
	if s.Name != "stats" || len(pair.Servers(s)) > 0 {
		return false
	}
	n := mapping()
	var all []*listener
	for _, d := range s.Lines {
		if d.Word(0) == "bind" {
			options, _ := h.bindOptions(d.Words()[min(2, len(d.Tokens)):], "http")
			for _, b := range pair.Binds(&haproxy.Section{Lines: []*haproxy.Directive{d}}) {
				all = append(all, &listener{host: b.Host, ports: []string{b.Port}, options: options})
			}
		}
	}
	role, count := h.ownNIC(all)
	if role == "" || count != len(all) {
		return false
	}
	n.set("nic", role)
	if port, _ := strconv.Atoi(all[0].ports[0]); port != 8404 {
		n.set("port", port)
	}
	for _, d := range s.Lines {
		if d.Word(0) != "bind" && !h.statsLine(n, d) {
			return false
		}
	}
	if n.under["allow"] == nil {
		return false
	}
	if t := all[0].options.under["tls"]; t != nil {
		n.put("tls", t)
	}
	for _, d := range s.Lines {
		h.field(d)
	}
	h.proxies.put("stats", n)
	return true
}

func (h *sections) statsLine(n *node, d *haproxy.Directive) bool {
	words := d.Words()
	switch strings.Join(words[:min(2, len(words))], " ") {
	case "stats enable", "mode http", "option httplog", "log global":
	case "http-request set-log-level": // lbgen's own
		return len(words) == 3 && words[2] == "silent"
	case "stats uri":
		if d.Word(2) != "/stats" {
			n.set("uri", d.Word(2))
		}
	case "stats refresh":
		n.set("refresh", when(d.Word(2)))
	case "stats realm":
		n.set("realm", d.Word(2))
	case "stats hide-version":
		n.set("hide_version", true)
	case "stats show-node":
		n.set("show_node", true)
	case "stats show-desc":
		n.set("desc", strings.Join(words[2:], " "))
	case "stats show-legends":
		n.set("show_legends", true)
	case "stats admin":
		n.set("admin", true)
		return strings.Join(words[2:], " ") == "if TRUE"
	case "stats auth":
		name, password, _ := strings.Cut(d.Word(2), ":")
		u := mapping()
		u.set("name", name)
		u.put("password", h.secret("stats_"+safeName(name), password))
		n.add("users", u)
	case "http-request deny":
		if len(words) < 6 || words[2] != "unless" || words[3] != "{" || words[4] != "src" {
			return false
		}
		n.put("allow", of(words[5:len(words)-1]))
	case "http-request use-service":
		if len(words) != 8 || words[2] != "prometheus-exporter" || words[5] != "path" {
			return false
		}
		n.set("prometheus", words[6])
	default:
		return false
	}
	return true
}

// alive is the frontend where Keepalived asks HAProxy, which lbgen writes by itself
// where the site watches it so.
func (h *sections) alive(s *haproxy.Section) bool {
	binds := pair.Binds(s)
	if len(binds) != 1 || binds[0].Host != "127.0.0.1" || s.Line("monitor-uri") == nil || len(s.Lines) > 3 || len(pair.Servers(s)) > 0 {
		return false
	}
	url := "http://127.0.0.1:" + binds[0].Port + s.Line("monitor-uri").Word(1)
	for _, r := range h.routers {
		for _, t := range r.Members[0].Tracks {
			if t.Script != nil && strings.HasSuffix(t.Script.Of("script"), url) && h.ownCheck(t) != nil {
				for _, d := range s.Lines {
					h.field(d)
				}
				return true
			}
		}
	}
	return false
}

func isAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil
}
