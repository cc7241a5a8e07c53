package mistakes

// found are mistakes in haproxy.cfg that were found by trying lbgen on pairs that
// people have.
func found() []Row {
	return []Row{
		{ID: "HA100", Mistake: "a virtual IP that no frontend listens on, or a virtual router that nothing uses", Answer: Rule, Rule: "LB1021"},
		{ID: "HA101", Mistake: "`alpn h2` to a server that is checked over HTTP, without `check-alpn`: it counts as down for ever",
			Answer: Impossible,
			Fragment: "backends: [{name: app, health: {http: {uri: /}}, servers: [{name: web1, address: '198.51.100.11:443', tls: {verify: none, " +
				"alpn: [h2]}}]}]\n",
			File: cfg, Has: []string{"server web1 198.51.100.11:443 check ssl verify none alpn h2 check-alpn h2"}},
		{ID: "HA102", Mistake: "`source` with a virtual IP, or with one node's own address: to the other node all servers are down", Answer: Rule,
			Rule: "LB2031"},
		{ID: "HA103", Mistake: "`redirect scheme https` to a port that does not speak it: the browser keeps the one that it has asked for",
			Answer: Impossible, Fragment: "frontends: [{name: main, binds: [{vip: VI_1, port: 8080}, {vip: VI_1, port: 8443, tls: {certificate: " +
				"/etc/haproxy/a.pem}}], routes: [{redirect: {scheme: https}}], default_backend: app}]\n",
			File: cfg, HasNot: "redirect scheme https", Why: "the port is that of the bind where TLS ends; where there is none, LB2032 says so"},
		{ID: "HA104", Mistake: "clients or servers that may be silent for less than a second", Answer: Rule, Rule: "LB2033"},
		{ID: "HA105", Mistake: "one `option …chk` over another: the last one counts", Answer: Rule, Rule: "LB2034"},
	}
}
