package model_test

import (
	"strings"
	"testing"
)

// TestLineFaults is about words of bind and server lines, ports and names.
func TestLineFaults(t *testing.T) {
	const end = "stats: {"
	const a = "name: a, address: 192.168.50.63:80"
	server := func(keys string) string { return servers("{"+a+", "+keys+"}", "") }
	dns := func(text string) string {
		return strings.Replace(text, "stats: {", "resolvers: [{name: dns, parse_resolv_conf: true}]\nstats: {", 1)
	}
	var table []fault
	add := func(name, text, code string, words ...string) {
		table = append(table, fault{name, end, text, code, words})
	}
	add("no port", servers("{name: a, address: §192.168.50.63}", ""), "bad-value", `server "a" has no port`,
		"health: {port: …}")
	add("a name without a port", servers("{name: a, address: §web1.example.com}", ""), "bad-value",
		"has no port, and nothing says which one is checked")
	add("IPv6 without brackets", servers("{name: a, address: §\"2001:db8::61\"}", ""), "bad-value", "expected address:port")
	add("no port, and a loop", servers("{name: a, address: §172.16.110.70}", "health: {off: true}, "), "loop", "requests would go round")
	add("SRV records of a server", servers("{name: a, address: §_http._tcp.example.com}", ""), "bad-value", "server_templates")
	add("SRV records with a port", dns("  - {name: other, server_templates: [{prefix: w, count: 3, resolvers: dns, address: "+
		"§\"_http._tcp.example.com:80\"}]}\nstats: {"), "bad-value", "tell the ports: take :80 out")
	add("SRV records without a protocol", dns("  - {name: other, server_templates: [{prefix: w, count: 3, resolvers: dns, address: "+
		"§_http.example.com}]}\nstats: {"), "bad-value", "expected address:port")
	add("track of nobody", server("track: §app/nobody"), "unknown-reference", `there is no server "app/nobody"`)
	add("track of itself", server("track: §other/a"), "bad-value", "is not checked itself")
	add("track without a server", server("track: §other"), "bad-value", "expected BACKEND/SERVER")
	add("track for all", another("server_defaults: {track: §app/prswb01}"), "bad-value", "server_defaults cannot track")
	add("track and check", server("track: §app/web1, check: {inter: 5s}"), "bad-value", "no checks of its own")
	add("proto in TCP", servers("{"+a+", proto: §h2}", "mode: tcp, "), "bad-value", "proto means nothing in TCP mode")
	add("proto and alpn", server("proto: §h2, tls: {verify: none, alpn: [h2]}"), "bad-value", "exclude each other")
	add("error_limit alone", server("error_limit: §5"), "bad-value", "error_limit has no effect without observe")
	add("layer7 in TCP", servers("{"+a+", observe: §layer7}", "mode: tcp, "), "bad-value", "layer7 means nothing in TCP mode")
	add("raw words of two lines", server("raw: §\"tfo\\ntfo\""), "bad-value", "one line")
	add("raw words with a comment", server("raw: §\"tfo # why\""), "bad-value", "a comment would take away")
	add("raw words with an open quote", server("raw: §\"namespace 'a\""), "bad-value", "a quote that nothing closes")
	checkFaults(t, table)
}

// TestPortsOfBinds: numbers and ranges.
func TestPortsOfBinds(t *testing.T) {
	var table []fault
	for ports, want := range map[string]string{
		"[§30000-29999]": "such as 30000-30100", "[80, §0-5]": "such as 30000-30100", "[§1-65535]": "at most 10000 ports in one bind",
		"[§0080]": "such as 30000-30100", "[§http]": "such as 30000-30100", "§[]": "at least one is needed",
	} {
		code := "bad-value"
		if ports == "§[]" {
			code = "missing-field"
		}
		table = append(table, fault{ports, "{vip: VI_1, ports: [80, 443]}", "{vip: VI_1, ports: " + ports + "}", code, []string{want}})
	}
	checkFaults(t, table)
}
