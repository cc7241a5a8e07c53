package adopt

import (
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
)

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
	stream := slices.Contains([]string{"stdout", "stderr"}, words[0])
	switch target := words[0]; {
	case stream:
		l.set("target", target)
	case target == "/dev/log":
	case !strings.Contains(target, ".") || strings.HasPrefix(target, "/"):
		return false
	default:
		l.set("target", strings.TrimSuffix(target, ":514"))
	}
	words = words[1:]
	format := ""
	for len(words) > 2 && (words[0] == "len" || words[0] == "format") {
		if n, err := strconv.Atoi(words[1]); words[0] == "len" && err == nil {
			l.set("length", n)
		} else {
			format = words[1]
		}
		words = words[2:]
	}
	switch {
	case stream && format == "":
		return false // HAProxy writes lines there as to a syslog server, which no field says
	case format != "" && (!stream || format != "short"):
		l.set("format", format)
	}
	if len(words) == 0 || len(words) > 2 || !slices.Contains(strings.Fields("local0 local1 local2 local3 local4 local5 local6 local7 "+
		"daemon user"), words[0]) {
		return false
	}
	if words[0] != "local2" || h.targets > 0 {
		l.set("facility", words[0])
	}
	if len(words) > 1 {
		l.set("level", words[1])
	}
	if h.targets++; l.empty() && h.targets == 1 {
		l = mapping()
		l.set("facility", "local2")
	}
	h.head.add("log", l)
	return true
}

// logs says whether a line of the pair has to do with a log.
func (h *sections) logs() bool {
	return slices.ContainsFunc(h.node.HAProxy.Sections, func(s *haproxy.Section) bool {
		return s.Line("log") != nil || s.Line("log-format") != nil || s.Line("option", "log-health-checks") != nil
	})
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
