package adopt

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

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
		all := strings.Split(binds, joint)
		slices.Sort(all)
		all = withoutHeard(all)
		s.values["bind"] = strings.Join(all, joint)
	}
	if f.front {
		if s.values["default_backend"] == "" && s.values["use_backend"] == "" { // it has no server to tell
			s.drop("option forwardfor")
		}
		return
	}
	f.checked()
	f.listed()
}

// withoutHeard leaves out binds that are there twice, or that another one hears anyhow.
func withoutHeard(sorted []string) []string {
	var kept []string
	for _, b := range slices.Compact(sorted) {
		if !heardAnyhow(b, sorted) {
			kept = append(kept, b)
		}
	}
	return kept
}

// heardAnyhow says whether another bind of the section hears what an IPv4 address would,
// with the same words behind it.
func heardAnyhow(bind string, all []string) bool {
	address, words, _ := strings.Cut(bind, " ")
	i := strings.LastIndex(address, ":")
	if i < 0 || !isAddress(address[:i]) || strings.Contains(address[:i], ":") {
		return false
	}
	return slices.Contains(all, strings.TrimSpace("*"+address[i:]+" "+words))
}

// withPortOf adds the port that clients come in by to a server's address without one,
// where it is one alone.
func withPortOf(n *pair.Node, s *haproxy.Section, address string) string {
	if i := strings.LastIndex(address, ":"); i > 0 && !isAddress(address) || strings.HasPrefix(address, "/") {
		return address
	}
	if ports := portsTo(n, s); len(ports) == 1 {
		return address + ":" + ports[0]
	}
	return address
}

func (f *filler) checked() {
	n := mapping()
	text := ""
	if connects(f.check) {
		f.check = nil
	}
	if port, ok := connectsTo(f.check); ok && !hasPorts(f.section) {
		f.check, f.port = nil, strconv.Itoa(port)
	}
	if httpHealth(n, f.check, profile{}) {
		if h := n.at("http"); h.under["expect"] == nil && h.get("body") == "" && h.get("body_regex") == "" {
			h.put("expect", of(word("200-399"))) // HAProxy's own
		}
		text = n.flow()
	} else {
		var all []string
		for _, d := range f.check {
			all = append(all, joined(d.Words()))
		}
		text = strings.Join(all, joint)
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
		if f.port != "" && words["check"] != "" {
			words["port"] = f.port
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
		f.settings.append("servers' names", server.Name(), server.Line.Range)
		f.settings.append("servers", withPortOf(f.node, f.section, server.Address())+" "+strings.Join(all, " "), server.Line.Range)
	}
}
