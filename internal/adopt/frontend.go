package adopt

import (
	"cmp"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
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
	lines := h.withHeadBind(s, h.linesOf(s))
	for _, d := range lines {
		if d.Word(0) == "mode" && d.Word(1) != h.mode() {
			f.set("mode", d.Word(1))
		}
	}
	h.binds(f, lines)
	h.logAs(f, s)
	routing, backLines := h.frontendLines(f, lines, behind)
	h.routes(f, routing, s)
	if behind && f.get("default_backend") == "" {
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

// withHeadBind puts an address behind the section's name, as it was written once, as a
// bind before the lines.
func (h *sections) withHeadBind(s *haproxy.Section, lines []*haproxy.Directive) []*haproxy.Directive {
	if !strings.Contains(s.Head.Word(2), ":") {
		return lines
	}
	h.asked("%s: the address stands behind the section's name, which HAProxy takes no longer: it is read as a bind", s.Head.Range)
	bind := haproxy.ReadLine("bind " + strings.Join(s.Head.Words()[2:], " "))
	return append([]*haproxy.Directive{bind}, lines...)
}

// frontendLines puts the lines into fields, or keeps them raw. It returns the lines that
// become routes, and those of a listen section that belong to its servers.
func (h *sections) frontendLines(f *node, lines []*haproxy.Directive, behind bool) (routing, backLines []*haproxy.Directive) {
	for _, d := range lines {
		switch {
		case d.Word(0) == "mode":
			h.field(d)
		case d.Word(0) == "bind":
		case isRouting(d) && (!behind || !isServerSide(d)):
			routing = append(routing, d)
		case h.frontendLine(f, d):
			h.field(d)
			if behind && both(d) {
				backLines = append(backLines, d)
			}
		case behind && d.Word(0) == "stick-table" || behind && d.Word(0) == "log":
			h.raw(f, haproxy.Frontend, d)
			backLines = append(backLines, d)
		case behind && !standsIn(d, haproxy.Frontend):
			backLines = append(backLines, d)
		default:
			h.raw(f, haproxy.Frontend, d)
		}
	}
	return routing, backLines
}

// upgrades says whether a frontend speaks TCP and a backend HTTP: HAProxy reads HTTP as soon
// as it has chosen that, and no field says so.
func (h *sections) upgrades(f *node, backend string) bool {
	return cmp.Or(f.get("mode"), h.mode()) == "tcp" && slices.ContainsFunc(h.node.HAProxy.Sections, func(s *haproxy.Section) bool {
		return s.Kind == "backend" && s.Name == backend && s.Mode() == "http"
	})
}

// logAs keeps the form of the log lines, where the frontend speaks another mode than
// defaults: lbgen writes the form of the mode then.
func (h *sections) logAs(f *node, s *haproxy.Section) {
	empty := s.Inherited("option", "dontlognull") == nil
	if h.profile.log && empty && h.defaults != nil && h.defaults.Line("option", "dontlognull") != nil {
		f.raw("no option dontlognull")
	}
	if f.get("mode") == "" || !h.profile.log {
		return
	}
	usual := map[string]string{"http": "httplog", "tcp": "tcplog"}[s.Mode()]
	for _, other := range []string{"httplog", "tcplog"} {
		d := s.Inherited("option", other)
		if other != usual && d != nil && s.Line("option", usual) == nil && s.Inherited("option", usual) == nil {
			f.raw("option " + other)
		}
	}
}

// both are lines that a listen section has for its two sides.
func both(d *haproxy.Directive) bool {
	return d.Word(0) == "option" && slices.Contains([]string{"http-keep-alive", "http-server-close", "httpclose", "tcpka"}, d.Word(1))
}

func isServerSide(d *haproxy.Directive) bool { return d.Word(0) == "http-check" }

// standsIn asks the facts whether a line may stand in a kind of section.
func standsIn(d *haproxy.Directive, in haproxy.In) bool {
	for _, name := range []string{d.Word(0) + " " + d.Word(1), d.Word(0)} {
		known := false
		for _, f := range haproxy.Find(name) {
			if f.Of == "" && f.In != 0 {
				if known = true; f.StandsIn(in) {
					return true
				}
			}
		}
		if known {
			return false
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
		if h.upgrades(f, d.Word(1)) {
			return false
		}
		f.set("default_backend", name)
		return name != ""
	case "maxconn":
		f.set("maxconn", h.atMost(d.Word(1)))
		return true
	case "log":
		return d.Word(1) == "global" && !h.ownLog
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
		return timeoutOf(f, d, "http_request", "client", "http_keep_alive", "client_fin")
	case "option":
		if d.Word(1) == "clitcpka" || d.Word(1) == "tcpka" {
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
