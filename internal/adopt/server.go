package adopt

import (
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/pair"
)

// servers are the server lines, each with its own words.
func (h *sections) servers(b *node, s *haproxy.Section, lines []*haproxy.Directive) {
	shared := mapping()
	for _, d := range lines {
		if d.Word(0) != "default-server" {
			continue
		}
		h.field(d)
		serverWords(shared, withoutTimes(d.Words()[1:]), h)
	}
	shared.drop("checked")
	b.set("server_defaults", shared)
	off := b.under["health"].orEmpty().get("off") == "true"
	for _, server := range pair.Servers(s) {
		d := server.Line
		if d.Word(0) != "server" {
			continue
		}
		n := mapping()
		n.set("name", safeName(server.Name()))
		if n.get("name") != server.Name() {
			h.asked("the server %s is called %s", server.Name(), n.get("name"))
		}
		n.set("address", h.endpoint(server, s))
		serverWords(n, d.Words()[3:], h)
		if n.under["checked"] == nil && !server.Has("check") && !off {
			n.at("check").set("off", true)
		}
		n.drop("checked")
		if own := n.under["check"].orEmpty(); h.profile.fast != "" && own.get("inter") != "" && own.get("fastinter") == "" &&
			!h.saidTimes["fastinter"] {
			n.at("check").set("fastinter", own.get("inter")) // HAProxy's own
		}
		b.add("servers", n)
		h.field(d)
	}
}

// withoutTimes takes the words of checks out that health says for all.
func withoutTimes(words []string) []string {
	var kept []string
	for i := 0; i < len(words); i++ {
		if (i == 0 || words[i-1] != "on-error") && slices.Contains([]string{"inter", "fastinter", "downinter", "rise", "fall", "port"},
			words[i]) {
			i++
			continue
		}
		kept = append(kept, words[i])
	}
	return kept
}

// endpoint is a server's address and port. Where it has no port it is that of the bind:
// the first one is taken.
func (h *sections) endpoint(server pair.Server, s *haproxy.Section) string {
	a := server.Address()
	if i := strings.LastIndex(a, ":"); i > 0 && a[i+1:] != "" && !isAddress(a) {
		return a
	}
	if ports := portsTo(h.node, s); len(ports) > 0 {
		h.asked("server %s has no port, so that it is asked at that of the bind: %s is taken", server.Name(), ports[0])
		return strings.TrimSuffix(a, ":") + ":" + ports[0]
	}
	return a
}

// portsTo are those on which clients come in for the servers of a section.
func portsTo(n *pair.Node, s *haproxy.Section) []string {
	var all []string
	for _, o := range n.HAProxy.Sections {
		leads := slices.ContainsFunc(o.Lines, func(d *haproxy.Directive) bool {
			return (d.Word(0) == "default_backend" || d.Word(0) == "use_backend") && d.Word(1) == s.Name
		})
		if o != s && !leads {
			continue
		}
		for _, b := range pair.Binds(o) {
			if !slices.Contains(all, b.Port) {
				all = append(all, b.Port)
			}
		}
	}
	return all
}

// serverWords puts the words of a server or default-server line. Those that no field
// says are raw words.
func serverWords(n *node, words []string, h *sections) {
	words = h.bases.whole(words)
	var rest []string
	tls := mapping()
	ssl := slices.Contains(words, "ssl")
	if host, _, _ := strings.Cut(n.get("address"), ":"); ssl && host != "" && !isAddress(host) && !slices.Contains(words, "sni") {
		ssl = false // lbgen asks a server with a name for that
	}
	for i := 0; i < len(words); i++ {
		value := ""
		if i+1 < len(words) {
			value = words[i+1]
		}
		switch w := words[i]; {
		case w != "ssl" && serverFlag(n, w):
		case w == "ssl" && ssl: // looked at with the words of TLS
		case serverValue(n, w, value), ssl && serverTLS(tls, w, value):
			i++
		default:
			rest = append(rest, w)
		}
	}
	if ssl {
		n.put("tls", tls)
		if tls.empty() {
			n.put("tls", of(true))
		}
	}
	n.set("raw", strings.Join(rest, " "))
}

// serverFlag puts a word of a server that has no value; false where it is none.
func serverFlag(n *node, w string) bool {
	switch w {
	case "check":
		n.set("checked", true)
	case "backup", "disabled":
		n.set(w, true)
	case "no-backup":
		n.put("backup", of(false))
	case "enabled":
		n.put("disabled", of(false))
	case "send-proxy":
		n.set("send_proxy", "v1")
	case "send-proxy-v2":
		n.set("send_proxy", "v2")
	default:
		return false
	}
	return true
}

// serverValue puts a word of a server and its value; false where no field says them.
func serverValue(n *node, w, value string) bool {
	numbers := map[string]string{"maxconn": "maxconn", "maxqueue": "maxqueue", "error-limit": "error_limit"}
	texts := map[string]string{"cookie": "cookie", "on-marked-down": "on_marked_down", "on-marked-up": "on_marked_up",
		"resolvers": "resolvers", "proto": "proto", "source": "source", "observe": "observe", "on-error": "on_error"}
	number, err := strconv.Atoi(value)
	switch {
	case w == "weight" && err == nil:
		n.put("weight", of(number))
	case numbers[w] != "" && err == nil:
		n.set(numbers[w], number)
	case w == "cookie" && value == n.get("name"): // lbgen's own
	case texts[w] != "":
		n.set(texts[w], value)
	case w == "slowstart":
		n.set("slowstart", when(value))
	case w == "inter" || w == "fastinter" || w == "downinter":
		n.at("check").set(w, when(value))
	case w == "rise" || w == "fall" || w == "port":
		n.at("check").set(w, number)
	case w == "init-addr" && value == "last,libc,none": // lbgen's own
	default:
		return false
	}
	return true
}

// serverTLS puts a word of TLS towards a server and its value; false where no field says
// them.
func serverTLS(tls *node, w, value string) bool {
	texts := map[string]string{"verify": "verify", "ca-file": "ca_file", "verifyhost": "verify_host", "crt": "certificate",
		"ssl-min-ver": "min_version"}
	switch {
	case w == "verify" && value == "required": // lbgen's own
	case texts[w] != "":
		tls.set(texts[w], value)
	case w == "sni" && strings.HasPrefix(value, "str("):
		tls.set("sni", strings.TrimSuffix(strings.TrimPrefix(value, "str("), ")"))
	case w == "sni" && value == "req.hdr(host),field(1,:)":
		tls.set("sni", "host header")
	case w == "check-sni" && value == tls.get("sni"):
	case w == "alpn":
		tls.set("alpn", strings.Split(value, ","))
	default:
		return false
	}
	return true
}
