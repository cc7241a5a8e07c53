package adopt

import (
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/pair"
)

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
