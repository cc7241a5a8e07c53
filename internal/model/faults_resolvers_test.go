package model_test

import "testing"

// TestResolversFaults is about name servers and who asks them.
func TestResolversFaults(t *testing.T) {
	dns := func(keys string) string { return "resolvers: [{name: dns, " + keys + "}]\nstats: {" }
	checkFaults(t, []fault{
		{"nobody to ask", "stats: {", "resolvers: [§{name: dns}]\nstats: {", "missing-field",
			[]string{`resolvers "dns" have nobody to ask`, "parse_resolv_conf: true"}},
		{"a name server by name", "stats: {", dns("nameservers: [10.0.0.1:53, §ns.example.com:53]"), "bad-value",
			[]string{"ns.example.com:53 is given by name"}},
		{"a name server without port", "stats: {", dns("nameservers: [§10.0.0.1]"), "bad-value", []string{"expected address:port"}},
		{"resolvers twice", "stats: {", "resolvers: [{name: dns, parse_resolv_conf: true}, {name: §dns, parse_resolv_conf: true}]\nstats: {",
			"duplicate", []string{`resolvers "dns" is defined twice`}},
		{"a server asks nobody", "address: 192.168.50.61:80}", "address: web1.example.com:80, resolvers: §dns}", "unknown-reference",
			[]string{`there is no resolvers "dns"`, "add it under resolvers"}},
		{"all servers ask nobody", "    servers:\n", "    server_defaults: {resolvers: §dns}\n    servers:\n", "unknown-reference",
			[]string{`there is no resolvers "dns"`}},
		{"a template asks nobody", "    servers:\n", "    server_templates: [{prefix: x, count: 2, address: web.example.com:80, resolvers: " +
			"§dns}]\n    servers:\n", "unknown-reference", []string{`there is no resolvers "dns"`}},
		{"an answer that is too large", "stats: {", dns("parse_resolv_conf: true, accepted_payload_size: §9000"), "bad-value",
			[]string{"at most 8192"}},
	})
}
