package mistakes

// tls are the mistakes with TLS and passwords.
func tls() []Row {
	const secure = "frontends: [{name: main, binds: [{vip: VI_1, port: 443, tls: {certificate: /etc/haproxy/site.pem}}], default_backend: " +
		"app}]\n"
	return []Row{
		{ID: "TL01", Mistake: "`bind :443 crt FILE` without `ssl`: HAProxy answers in clear text", Answer: Impossible,
			Fragment: secure, File: cfg, Has: []string{"bind 192.0.2.10:443 ssl crt /etc/haproxy/site.pem alpn h2,http/1.1"},
			Why: "a bind without `tls` on 443 draws LB2010"},
		{ID: "TL02", Mistake: "`ssl` without a certificate", Answer: Refused,
			Fragment: "frontends: [{name: main, binds: [{vip: VI_1, port: 443, tls: §{strict_sni: true}}], default_backend: app}]\n",
			Says:     `field "certificate" is missing`},
		{ID: "TL03", Mistake: "TLS older than 1.2", Answer: Rule, Rule: "LB3001", Why: "1.2 is the oldest by default"},
		{ID: "TL04", Mistake: "TLS to a server, and nothing says whose certificate is good", Answer: Refused,
			Fragment: "backends: [{name: app, servers: [{name: web1, address: '198.51.100.11:443', tls: §true}]}]\n",
			Says:     "nothing says whose certificate is good"},
		{ID: "TL05", Mistake: "`verify none`: whoever answers is taken for the server", Answer: Rule, Rule: "LB3002"},
		{ID: "TL06", Mistake: "Diffie-Hellman parameters of 1024 bits", Answer: Refused, Fragment: "global: {tls: {dh_param: §1024}}\n",
			Says: "expected one of: 2048"},
		{ID: "TL07", Mistake: "a certificate that has run out, or is for another name", Answer: Rule, Rule: "LB3007",
			Why: "LB3008 to LB3011 find one that runs out soon, is for another name, lacks its chain or is weak; where it lies on the nodes " +
				"`lbgen status` tells"},
		{ID: "TL08", Mistake: "TLS to a server without a look at the name in its certificate", Answer: Rule, Rule: "LB3003"},
		{ID: "TL09", Mistake: "passwords of users in clear text", Answer: Rule, Rule: "LB3004"},
	}
}
