package adopt

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/pair"
)

// checkOf is how a section checks its servers.
type checkOf struct {
	lines []*haproxy.Directive
}

// line says whether the line is one of those that say how servers are checked.
func (c *checkOf) line(d *haproxy.Directive) bool {
	if d.Modifier != "" {
		return false
	}
	switch d.Word(0) {
	case "http-check", "tcp-check":
		return true
	case "option":
		return slices.Contains([]string{"httpchk", "tcp-check", "mysql-check", "pgsql-check", "redis-check", "ldap-check", "smtpchk",
			"ssl-hello-chk"}, d.Word(1))
	}
	return false
}

// health makes the backend's health of its lines, or keeps them raw where no field
// says them.
func (h *sections) health(b *node, s *haproxy.Section, c *checkOf, lines []*haproxy.Directive) {
	n := mapping()
	all := c.lines
	if h.defaults != nil && s.Defaults == h.defaults && s.Line("option", "httpchk") == nil {
		if d := h.defaults.Line("option", "httpchk"); d != nil && d.Modifier == "" && h.fates[d.Range] != nil && len(all) > 0 {
			all = append([]*haproxy.Directive{d}, all...)
		}
	}
	if connects(all) && len(pair.Servers(s)) > 0 && !h.inheritsCheck(s) {
		for _, d := range all {
			h.becomes(d.Range, NoEffect, "a server that accepts a connection is up in any case")
		}
	} else if port, ok := connectsTo(all); ok && !h.inheritsCheck(s) && !hasPorts(s) {
		n.set("port", port)
		for _, d := range all {
			h.field(d)
		}
	} else if httpHealth(n, all, h.profile) || h.tcpHealth(n, all) || otherHealth(n, all) {
		for _, d := range c.lines {
			h.field(d)
		}
	} else {
		for _, d := range c.lines {
			h.raw(b, haproxy.Backend, d)
		}
	}
	h.sharedTimes(n, lines)
	if len(pair.Servers(s)) > 0 {
		h.usualTimes(n)
	}
	servers := pair.Servers(s)
	if len(servers) > 0 && !slices.ContainsFunc(servers, func(s pair.Server) bool { return s.Has("check") }) {
		n = mapping()
		n.set("off", true)
	}
	b.set("health", n)
}

// hasPorts says whether a server of a section is checked at a port of its own.
func hasPorts(s *haproxy.Section) bool {
	return slices.ContainsFunc(pair.Servers(s), func(s pair.Server) bool { return s.Value("port") != "" })
}

// inheritsCheck says whether a section has a check from its defaults.
func (h *sections) inheritsCheck(s *haproxy.Section) bool {
	for d := s.Defaults; d != nil; d = d.Defaults {
		if slices.ContainsFunc(d.Lines, (&checkOf{}).line) {
			return true
		}
	}
	return false
}

// sharedTimes are the times of checks that default-server says for all servers.
func (h *sections) sharedTimes(n *node, lines []*haproxy.Directive) {
	h.saidTimes = map[string]bool{}
	for _, d := range lines {
		if d.Word(0) != "default-server" {
			continue
		}
		words := d.Words()
		for i := 1; i+1 < len(words); i += 2 {
			h.saidTimes[words[i]] = true
			switch words[i] {
			case "inter", "fastinter", "downinter":
				if v := when(words[i+1]); v != "2s" && words[i] == "inter" || words[i] == "fastinter" && v != h.profile.fast ||
					words[i] == "downinter" {
					n.set(words[i], v)
				}
			case "rise", "fall", "port":
				v, _ := strconv.Atoi(words[i+1])
				if words[i] == "rise" && v != 2 || words[i] == "fall" && v != h.profile.fall || words[i] == "port" {
					n.set(words[i], v)
				}
			default:
				i-- // a word by itself: looked at with the servers
			}
		}
	}
}

// usualTimes writes HAProxy's own times of checks out, where the profile has others.
func (h *sections) usualTimes(n *node) {
	said := h.saidTimes
	if !said["fall"] && h.profile.fall != 3 {
		n.set("fall", 3)
	}
	inter := cmp.Or(n.get("inter"), "2s")
	if d, _ := pair.Time(inter); !said["fastinter"] && h.profile.fast != "" && d > 500*time.Millisecond {
		n.set("fastinter", inter)
	}
}
