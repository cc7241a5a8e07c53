package adopt

import (
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
	h := &sections{importer: im, node: ref, head: out.head, proxies: out.proxies, idle: idleLines(ref.HAProxy)}
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
	if !h.logs() {
		h.head.add("log", of("none"))
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
		case "userlist":
			h.userlist(s)
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
	targets       int              // of the log
	idle          map[*haproxy.Directive]string
	socketSaid    bool // the site has one
	// plainForwardFor is true where option forwardfor of defaults stays raw.
	plainForwardFor bool
	saidTimes       map[string]bool // of checks, by a default-server line
	forwardProto    bool            // lbgen tells servers how clients came
	ownLog          bool            // defaults do not log where global does
	pinned          bool            // a server of the section has a cookie value
}

// nameAll gives each proxy a name of its own: a frontend and a backend may have had
// one, and a listen section becomes two.
func (h *sections) nameAll() {
	taken := map[string]bool{"stats": true}
	for _, s := range h.node.HAProxy.Sections {
		if s.Kind == "backend" || h.opts.AsIs && s.Kind == "listen" && len(pair.Servers(s)) > 0 {
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
			if len(pair.Servers(s)) > 0 && !h.opts.AsIs {
				h.names["backend "+s.Name] = free(s.Name, "_servers")
			}
		}
	}
}

func (h *sections) field(d *haproxy.Directive) { h.becomes(d.Range, Field, "") }

// raw keeps a line as it is. Where the facts know that it changes nothing it goes.
func (h *sections) raw(n *node, in haproxy.In, d *haproxy.Directive) {
	if why := h.idle[d]; why != "" {
		h.becomes(d.Range, NoEffect, why)
		return
	}
	for _, f := range haproxy.Of(in, d) {
		if f.How == haproxy.Needless {
			h.becomes(d.Range, NoEffect, f.Why)
			return
		}
	}
	text := h.lineText(d.Range)
	if strings.HasSuffix(text, "\\") { // a blank stood behind it
		text = joined(d.Words())
	}
	n.raw(text)
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

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
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
		} else {
			h.raw(r, haproxy.Resolvers, d)
		}
	}
	r.set("nameservers", servers)
	if lines := r.under["raw"]; lines != nil { // it comes last
		r.drop("raw")
		r.put("raw", lines)
	}
	h.proxies.add("resolvers", r)
}
