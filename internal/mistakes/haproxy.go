package mistakes

import "slices"

// cfg is where HAProxy's configuration lies in a node's tree.
const cfg = "etc/haproxy/haproxy.cfg"

// haproxy are the mistakes in haproxy.cfg.
func haproxy() []Row {
	return slices.Concat(timeouts(), limits(), words(), proxies(), servers(), checks(), modes(), routes(),
		persistence(), pages(), access(), found())
}

func timeouts() []Row {
	return []Row{
		{ID: "HA01", Mistake: "no `timeout client`, `connect` or `server`: a silent peer holds its connection for ever", Answer: Impossible,
			File: cfg, Has: []string{"timeout connect 10s", "timeout client 1m", "timeout server 1m"}, Why: "each has a default"},
		{ID: "HA02", Mistake: "a time-out without a unit: HAProxy takes 30 for 30 ms", Answer: Refused,
			Fragment: "defaults: {timeouts: {client: §30}}\n", Says: "30s or 30ms?"},
		{ID: "HA03", Mistake: "`30sec`: a unit that HAProxy half understands", Answer: Refused,
			Fragment: "defaults: {timeouts: {client: §30sec}}\n", Says: "expected one of the units"},
		{ID: "HA04", Mistake: "the client's time-out in a backend: it has no effect", Answer: Refused,
			Fragment: "backends: [{name: app, timeouts: {§client: 5s}, servers: [{name: web1, address: '198.51.100.11:80'}]}]\n",
			Says:     `unknown field "client"`},
		{ID: "HA05", Mistake: "no `timeout http-request`: a client that sends its request byte by byte holds a slot", Answer: Impossible,
			File: cfg, Has: []string{"timeout http-request 10s"}, Why: "it has a default"},
		{ID: "HA06", Mistake: "WebSockets or long database sessions without `timeout tunnel`: they are cut when they are silent", Answer: Rule,
			Rule: "LB2013",
			Fragment: "frontends: [{name: main, binds: [{vip: VI_1, port: 80}], routes: [{when: [{header: {name: Upgrade, value: websocket}}], " +
				"backend: app}], default_backend: app}]\n" +
				"backends: [§{name: app, servers: [{name: web1, address: '198.51.100.11:80'}]}]\n"},
		{ID: "HA07", Mistake: "a check's time-out so long that a hanging server is noticed late", Answer: Rule, Rule: "LB2014",
			Fragment: "backends: [{name: app, timeouts: {check: §1m}, servers: [{name: web1, address: '198.51.100.11:80'}]}]\n"},
		{ID: "HA08", Mistake: "no `hard-stop-after`: after each reload the old process stays for as long as its longest connection",
			Answer: Rule, Rule: "LB2015"},
	}
}

func limits() []Row {
	return []Row{
		{ID: "HA09", Mistake: "`maxconn` in a backend: it has no effect", Answer: Refused,
			Fragment: "backends: [{name: app, §maxconn: 100, servers: [{name: web1, address: '198.51.100.11:80'}]}]\n",
			Says:     `unknown field "maxconn"`},
		{ID: "HA10", Mistake: "`balance` in a frontend: it has no effect", Answer: Refused,
			Fragment: "frontends: [{name: main, §balance: source, binds: [{vip: VI_1, port: 80}], default_backend: app}]\n",
			Says:     `unknown field "balance"`},
		{ID: "HA11", Mistake: "a frontend that takes more connections than the whole process", Answer: Refused,
			Fragment: "frontends: [{name: main, maxconn: §9000, binds: [{vip: VI_1, port: 80}], default_backend: app}]\n",
			Says:     "more than HAProxy takes in all"},
		{ID: "HA12", Mistake: "a global `maxconn` beyond the limit of open files", Answer: Impossible,
			Fragment: "global: {maxconn: 400000}\n", File: "etc/systemd/system/haproxy.service.d/override.conf", Has: []string{"LimitNOFILE=801002"},
			Why: "the limit follows from `maxconn`; where that is more than the kernel allows, LB4001 says so"},
	}
}

func words() []Row {
	return []Row{
		{ID: "HA13", Mistake: "a second `global` section, or a late one", Answer: Refused,
			Fragment: "defaults:\n  raw: §|\n    option splice-auto\n    global\n", Says: "opens another section"},
		{ID: "HA14", Mistake: "the last line has no line feed: HAProxy refuses the file", Answer: Impossible,
			File: cfg, Has: []string{"backend app"}, Why: "every file ends with one (TestLastLine)"},
		{ID: "HA15", Mistake: "a no-break space, typographic quotes, a blank without quotes", Answer: Refused,
			Fragment: "global:\n  raw: §\"tune.maxrewrite\\u00a02048\"\n", Says: "invisible character U+00A0",
			Why: "a blank in a value is quoted, and typographic quotes are letters of a text like others"},
		{ID: "HA16", Mistake: "`#` in a value: the rest is a comment, and of a password a part is left", Answer: Impossible,
			Fragment: login("'pa#ss'"), File: cfg, Has: []string{"stats auth ops:'pa#ss'"},
			Why: "every value is quoted; TestPasswordsAsMeant logs in to a real HAProxy"},
		{ID: "HA17", Mistake: "`$NAME` in double quotes: HAProxy puts a variable's value there, or nothing", Answer: Impossible,
			Fragment: login("$NOPE"), File: cfg, Has: []string{"stats auth ops:'$NOPE'"},
			Why: "values stand in single quotes; TestPasswordsAsMeant logs in to a real HAProxy"},
	}
}

// login is a statistics page with a password.
func login(password string) string {
	return "stats: {nic: front, allow: [192.0.2.0/24], users: [{name: ops, password: " + password + "}]}\n"
}

func proxies() []Row {
	return []Row{
		{ID: "HA18", Mistake: "a backend or a condition that is not there", Answer: Refused,
			Fragment: "frontends: [{name: main, binds: [{vip: VI_1, port: 80}], default_backend: §apps}]\n", Says: `did you mean "app"?`},
		{ID: "HA19", Mistake: "a backend that nothing uses", Answer: Rule, Rule: "LB2001",
			Why: "conditions are rendered where they are used, and nowhere else"},
		{ID: "HA20", Mistake: "a backend without servers, and without an answer of its own", Answer: Refused,
			Fragment: "backends: [{name: app, servers: §[]}]\n", Says: "has no server"},
		{ID: "HA21", Mistake: "two `default_backend`: the last one wins", Answer: Refused,
			Fragment: "frontends: [{name: main, binds: [{vip: VI_1, port: 80}], default_backend: app, §default_backend: app}]\n",
			Says:     "is defined twice in one mapping"},
		{ID: "HA22", Mistake: "rules behind a `use_backend` without condition: nothing reaches them", Answer: Refused,
			Fragment: "frontends: [{name: main, binds: [{vip: VI_1, port: 80}], routes: [{backend: app}, §{when: [{path_beg: /api/}], backend: " +
				"app}]}]\n", Says: "no request reaches this route",
			Why: "LB2025 finds a route behind one whose condition is wider"},
		{ID: "HA23", Mistake: "rules behind a final `http-request`: nothing reaches them", Answer: Refused,
			Fragment: "frontends: [{name: main, binds: [{vip: VI_1, port: 80}], routes: [{deny: 403}, §{set_header: {name: X-A, value: a}}], " +
				"default_backend: app}]\n", Says: "no request reaches this route"},
		{ID: "HA24", Mistake: "`http-request` below `use_backend`: it is done first all the same", Answer: Impossible,
			Fragment: "frontends: [{name: main, binds: [{vip: VI_1, port: 80}], routes: [{when: [{path_beg: /api/}], backend: app}, " +
				"{set_header: {name: X-A, value: a}}], default_backend: app}]\n",
			File: cfg, Has: []string{"http-request set-var(txn.to.0) bool(true) if { path_beg /api/ }",
				"http-request allow if { var(txn.to.0) -m bool }", "use_backend app if { var(txn.to.0) -m bool }", "http-request set-header X-A a"},
			Why: "a request that a route takes is tried no further, whatever the order is in which HAProxy works"},
		{ID: "HA25", Mistake: "a frontend without bind", Answer: Refused,
			Fragment: "frontends: [{name: main, binds: §[], default_backend: app}]\n", Says: `"binds" is empty`},
		{ID: "HA26", Mistake: "two frontends on one address and port: clients are split between them at random", Answer: Refused,
			Fragment: "frontends: [{name: main, binds: [{vip: VI_1, port: 80}], default_backend: app}, {name: other, binds: [§{vip: VI_1, port: " +
				"80}], default_backend: app}]\n", Says: "bound twice"},
		{ID: "HA27", Mistake: "`*:443` in one frontend and an address on 443 in another", Answer: Refused,
			Fragment: "frontends: [{name: main, binds: [{address: '*', port: 443}], default_backend: app}, {name: other, binds: [§{vip: VI_1, " +
				"port: 443}], default_backend: app}]\n", Says: "takes all addresses of this port already"},
		{ID: "HA28", Mistake: "a bind to `*` where the virtual IP was meant: the nodes' own addresses answer, too", Answer: Rule, Rule: "LB2016"},
		{ID: "HA29", Mistake: "the virtual IP is bound, and `ip_nonlocal_bind` is 0: HAProxy does not start on the node that does not hold it",
			Answer: Impossible,
			File:   "etc/sysctl.d/99-nonlocal_bind.conf", Has: []string{"net.ipv4.ip_nonlocal_bind = 1"}},
		{ID: "HA35", Mistake: "a frontend and a backend of one name: HAProxy refuses that since 3.3", Answer: Refused,
			Fragment: "frontends: [{name: §app, binds: [{vip: VI_1, port: 80}], default_backend: app}]\nbackends: [{name: app, servers: [{name: " +
				"web1, address: '198.51.100.11:80'}]}]\n", Says: `proxy "app" is defined twice`},
		{ID: "HA36", Mistake: "`listen` with servers and a `default_backend`: the servers get nothing", Answer: Impossible,
			File: cfg, HasNot: "\nlisten ", Why: "there are frontends and backends only"},
	}
}

func servers() []Row {
	return []Row{
		{ID: "HA30", Mistake: "a server that is HAProxy's own address: requests go round for ever", Answer: Refused,
			Fragment: "backends: [{name: app, servers: [{name: web1, address: §'192.0.2.10:80'}]}]\n", Says: "where HAProxy itself listens"},
		{ID: "HA31", Mistake: "a server's name that cannot be looked up: HAProxy does not start", Answer: Impossible,
			Fragment: "backends: [{name: app, servers: [{name: web1, address: 'web1.example.com:80'}]}]\n",
			File:     cfg, Has: []string{"server web1 web1.example.com:80 check init-addr last,libc,none"}},
		{ID: "HA32", Mistake: "`default-server` below the servers: it has no effect on them", Answer: Impossible,
			Fragment: "backends: [{name: app, servers: [{name: web1, address: '198.51.100.11:80'}], server_defaults: {maxconn: 50}, " +
				"raw: default-server tfo}]\n",
			File: cfg, HasNot: "check\n    default-server", Why: "what all servers have stands above them, wherever the site file has it"},
		{ID: "HA33", Mistake: "two servers with one address and port", Answer: Rule, Rule: "LB2002"},
		{ID: "HA34", Mistake: "two servers, or two proxies, of one name", Answer: Refused,
			Fragment: "backends: [{name: app, servers: [{name: web1, address: '198.51.100.11:80'}, " +
				"{name: §web1, address: '198.51.100.12:80'}]}]\n", Says: `server "web1" is defined twice`},
		{ID: "HA87", Mistake: "a weight beyond 256", Answer: Refused,
			Fragment: "backends: [{name: app, servers: [{name: web1, address: '198.51.100.11:80', weight: §1000}]}]\n", Says: "at most 256"},
	}
}

func checks() []Row {
	return []Row{
		{ID: "HA40", Mistake: "`option httpchk` and no `check` at the servers: none is ever marked down", Answer: Impossible,
			Fragment: "backends: [{name: app, health: {http: {uri: /ready}}, servers: [{name: web1, address: '198.51.100.11:80'}]}]\n",
			File:     cfg, Has: []string{"option httpchk", "server web1 198.51.100.11:80 check"}},
		{ID: "HA41", Mistake: "no health check at all", Answer: Rule, Rule: "LB2003"},
		{ID: "HA42", Mistake: "`http-check` without `option httpchk`: it is ignored", Answer: Impossible,
			Fragment: "backends: [{name: app, health: {http: {uri: /ready, expect: 204}}, servers: [{name: web1, address: '198.51.100.11:80'}]}]\n",
			File:     cfg, Has: []string{"option httpchk", "http-check expect status 204"}},
		{ID: "HA43", Mistake: "the Host header smuggled in behind `HTTP/1.1\\r\\n`: HAProxy refuses that since 2.7", Answer: Impossible,
			Fragment: "backends: [{name: app, health: {http: {uri: /ready, host: app.example.com}}, servers: [{name: web1, address: " +
				"'198.51.100.11:80'}]}]\n",
			File: cfg, Has: []string{"http-check send meth GET uri /ready ver HTTP/1.1 hdr Host app.example.com"}, HasNot: `\r\n`},
		{ID: "HA44", Mistake: "a check by HTTP/1.1 without Host: servers answer 400, and all are down", Answer: Refused,
			Fragment: "backends: [{name: app, health: {http: {uri: /ready, version: §'1.1'}}, servers: [{name: web1, address: " +
				"'198.51.100.11:80'}]}]\n", Says: "servers answer 400 without"},
		{ID: "HA45", Mistake: "HAProxy's own method of a check, OPTIONS: many servers know it not, or always answer it well", Answer: Impossible,
			Fragment: "backends: [{name: app, health: {http: {uri: /ready}}, servers: [{name: web1, address: '198.51.100.11:80'}]}]\n",
			File:     cfg, Has: []string{"http-check send meth GET uri /ready"}, Why: "GET unless the site file says otherwise"},
		{ID: "HA46", Mistake: "a redirect to the login page counts as healthy", Answer: Rule, Rule: "LB2004",
			Why: "200 alone is good by default"},
		{ID: "HA47", Mistake: "clear text is spoken to a server's TLS port", Answer: Rule, Rule: "LB2017"},
		{ID: "HA48", Mistake: "a check without a port, or with port 0", Answer: Refused,
			Fragment: "backends: [{name: app, servers: [{name: web1, address: §'198.51.100.11'}]}]\n", Says: "expected address:port"},
		{ID: "HA49", Mistake: "the PROXY protocol to a server and a port of its own for checks, which then come without its header",
			Answer: Rule, Rule: "LB2018"},
		{ID: "HA50", Mistake: "`option external-check` without `insecure-fork-wanted`", Answer: Check,
			Why: "lines under `raw` alone can have one, and HAProxy says what is missing"},
		{ID: "HA51", Mistake: "`disabled` in the belief that it switches the check off: the server gets nothing", Answer: Rule, Rule: "LB2019"},
		{ID: "HA52", Mistake: "a check that expects a status and a text: the last one counts", Answer: Refused,
			Fragment: "backends: [{name: app, health: {http: {uri: /ready, expect: 200, body: §ok}}, servers: [{name: web1, address: " +
				"'198.51.100.11:80'}]}]\n", Says: "exclude each other"},
		{ID: "HA53", Mistake: "one bad check takes a server out, or checks are so rare that it takes minutes", Answer: Rule, Rule: "LB2020",
			Why: "and LB2014 for the other end"},
		{ID: "HA54", Mistake: "`slowstart` with a balance that cannot change shares", Answer: Refused,
			Fragment: "backends: [{name: app, balance: source, server_defaults: {slowstart: §10s}, servers: [{name: web1, address: " +
				"'198.51.100.11:80'}]}]\n", Says: "slowstart has no effect"},
	}
}

func modes() []Row {
	return []Row{
		{ID: "HA60", Mistake: "an HTTP frontend that hands on to a TCP backend", Answer: Refused,
			Fragment: "frontends: [{name: main, binds: [{vip: VI_1, port: 80}], default_backend: §app}]\nbackends: [{name: app, mode: tcp, " +
				"servers: [{name: web1, address: '198.51.100.11:80'}]}]\n", Says: "speaks tcp and this frontend http"},
		{ID: "HA61", Mistake: "a TCP frontend that hands on to an HTTP backend", Answer: Refused,
			Fragment: "frontends: [{name: main, mode: tcp, binds: [{vip: VI_1, port: 80}], default_backend: §app}]\n",
			Says:     "speaks http and this frontend tcp"},
		{ID: "HA62", Mistake: "a condition on path or host in a TCP frontend: it never holds", Answer: Refused,
			Fragment: tcpFrontend("routes: [{when: [{path: §/a}], reject: true}], "), Says: "path means nothing in TCP mode"},
		{ID: "HA63", Mistake: "redirects, `forwardfor`, cookies or `httplog` in TCP mode: they are ignored", Answer: Refused,
			Fragment: tcpFrontend("forwardfor: §{header: X-Client}, "), Says: "forwardfor means nothing in TCP mode"},
		{ID: "HA64", Mistake: "a look at SNI without waiting for the client's first bytes", Answer: Impossible,
			Fragment: tcpFrontend("routes: [{when: [{sni: a.example.com}], backend: app}], "),
			File:     cfg, Has: []string{"tcp-request inspect-delay 5s", "tcp-request content accept if { req.ssl_hello_type 1 }"}},
		{ID: "HA65", Mistake: "`ssl_fc_sni` where TLS passes through: it is always empty", Answer: Impossible,
			Fragment: tcpFrontend("routes: [{when: [{sni: a.example.com}], backend: app}], "),
			File:     cfg, Has: []string{"use_backend app if { req.ssl_sni -i a.example.com }"}, HasNot: "ssl_fc_sni"},
	}
}

// tcpFrontend is a frontend and a backend that speak TCP.
func tcpFrontend(keys string) string {
	return "frontends: [{name: main, mode: tcp, " + keys + "binds: [{vip: VI_1, port: 443}], default_backend: app}]\n" +
		"backends: [{name: app, mode: tcp, servers: [{name: web1, address: '198.51.100.11:443'}]}]\n"
}

func routes() []Row {
	route := func(text string) string {
		return "frontends: [{name: main, binds: [{vip: VI_1, port: 80}], routes: [" + text + "], default_backend: app}]\n"
	}
	return []Row{
		{ID: "HA66", Mistake: "`path_beg` without a slash: no path begins so", Answer: Refused,
			Fragment: route("{when: [{path_beg: §api/}], backend: app}"), Says: "begins with a slash"},
		{ID: "HA67", Mistake: "a host with scheme, port or path: no Host header is so", Answer: Refused,
			Fragment: route("{when: [{host: §'www.example.com:80'}], backend: app}"), Says: "expected a host name"},
		{ID: "HA68", Mistake: "a host compared with upper and lower case", Answer: Impossible,
			Fragment: route("{when: [{host: www.example.com}], backend: app}"), File: cfg,
			Has: []string{"use_backend app if { req.hdr(host),field(1,:) -i www.example.com }"}},
		{ID: "HA69", Mistake: "`path /a or path /b` in one condition: the words `or` and `path` are paths, too", Answer: Refused,
			Fragment: route("{when: [{path: §/a or path /b}], backend: app}"), Says: "a path that begins with a slash"},
		{ID: "HA70", Mistake: "a redirect to https where TLS ends nowhere: browsers go in a circle", Answer: Refused,
			Fragment: route("{redirect: {scheme: §https}}"), Says: "TLS ends nowhere in this site"},
		{ID: "HA71", Mistake: "TLS ends here and the servers are not told: an application that redirects to https does so for ever",
			Answer: Impossible,
			Fragment: "frontends: [{name: main, binds: [{vip: VI_1, port: 443, tls: {certificate: /etc/haproxy/site.pem}}], default_backend: " +
				"app}]\n",
			File: cfg, Has: []string{"http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]"}},
		{ID: "HA72", Mistake: "a redirect to https behind a proxy that ended TLS already", Answer: Refused,
			Fragment: route("{when: [{path_beg: /}], redirect: {scheme: §https}}"), Says: "X-Forwarded-Proto"},
		{ID: "HA73", Mistake: "X-Forwarded-For that the client wrote is believed", Answer: Rule, Rule: "LB2012",
			Why: "X-Forwarded-Proto is always set anew where TLS ends"},
		{ID: "HA74", Mistake: "the redirect to https takes the certificate authority's request along", Answer: Rule, Rule: "LB3005"},
	}
}

func persistence() []Row {
	return []Row{
		{ID: "HA80", Mistake: "a cookie is inserted, and the servers have no value for it", Answer: Impossible,
			Fragment: "backends: [{name: app, persist: {cookie: {name: SRV}}, servers: [{name: web1, address: '198.51.100.11:80'}]}]\n",
			File:     cfg, Has: []string{"server web1 198.51.100.11:80 cookie web1 check"},
			Why: "a server's name is the value where nothing else is written"},
		{ID: "HA81", Mistake: "two servers with one cookie value", Answer: Refused,
			Fragment: "backends: [{name: app, persist: {cookie: {name: SRV}}, servers: [{name: web1, address: '198.51.100.11:80', cookie: a}, " +
				"{name: web2, address: '198.51.100.12:80', cookie: §a}]}]\n", Says: `cookie value "a" is defined twice`},
		{ID: "HA82", Mistake: "a stick table without peers: a failover forgets who was where", Answer: Rule, Rule: "LB2005"},
		{ID: "HA83", Mistake: "peers, and none of them is this node: HAProxy drops the section", Answer: Impossible,
			Fragment: "peers: {nic: front}\n", File: "etc/default/haproxy", On: "lb1",
			Has: []string{`EXTRAOPTS="-S /run/haproxy-master.sock -L lb1"`}, Why: "each node is told its name; a node that runs says whether " +
				"the channel works"},
		{ID: "HA84", Mistake: "balance by path or header in TCP mode: it becomes roundrobin", Answer: Refused,
			Fragment: "defaults: {mode: tcp}\nbackends: [{name: app, balance: §uri, servers: [{name: web1, address: '198.51.100.11:80'}]}]\n",
			Says:     "balance means nothing in TCP mode"},
		{ID: "HA85", Mistake: "several backup servers without `allbackups`: one alone serves", Answer: Rule, Rule: "LB2006"},
		{ID: "HA86", Mistake: "every server is a backup", Answer: Rule, Rule: "LB2007"},
		{ID: "HA88", Mistake: "no retry, or none with another server: one refused connection is an error for a client", Answer: Rule,
			Rule: "LB2021", Why: "and LB2008 for clients that a cookie ties"},
	}
}

func pages() []Row {
	const page = "backends: [{name: app, sorry: {page: sorry.html}, servers: [{name: web1, address: '198.51.100.11:80'}]}]\n"
	return []Row{
		{ID: "HA90", Mistake: "an error page that is plain HTML: HAProxy sends it without status and headers", Answer: Impossible,
			Fragment: page, File: cfg, HasNot: "errorfile", Has: []string{"http-error status 503 content-type text/html file " +
				"/etc/haproxy/pages/sorry.html"}, Why: "HTML files are sent with a status and a type"},
		{ID: "HA91", Mistake: "error pages at the path of another distribution", Answer: Impossible,
			Fragment: page, File: cfg, Has: []string{"http-error status 503 content-type text/html file /etc/haproxy/pages/sorry.html"},
			Why: "pages are shipped with the files that name them"},
		{ID: "HA92", Mistake: "no log target", Answer: Impossible, File: cfg, Has: []string{"log /dev/log local2", "log global"}},
		{ID: "HA93", Mistake: "a chroot and /dev/log: log lines are lost", Answer: Impossible,
			File: "etc/rsyslog.d/49-haproxy.conf", Has: []string{`input(type="imuxsock" Socket="/var/lib/haproxy/dev/log")`},
			Why: "rsyslog gets a socket in the chroot"},
		{ID: "HA94", Mistake: "logs go to 127.0.0.1, and rsyslog does not listen there", Answer: Impossible,
			Fragment: "log: [{target: 127.0.0.1}]\n", File: "etc/rsyslog.d/49-haproxy.conf",
			Has: []string{`module(load="imudp")`, `input(type="imudp" address="127.0.0.1" port="514")`}},
	}
}

func access() []Row {
	return []Row{
		{ID: "HA95", Mistake: "a statistics page without password", Answer: Rule, Rule: "LB2009"},
		{ID: "HA96", Mistake: "whoever sees the statistics page may switch servers off", Answer: Refused,
			Fragment: "stats: {nic: front, allow: [192.0.2.0/24], admin: §true}\n", Says: "admin needs users"},
		{ID: "HA97", Mistake: "the runtime socket on a TCP port, where anybody may do anything", Answer: Rule, Rule: "LB2027",
			Why: "the one that lbgen renders is a file, mode 0600"},
		{ID: "HA98", Mistake: "the password that everybody tries first: admin, secret, changeme", Answer: Refused,
			Fragment: "stats: {nic: front, allow: [192.0.2.0/24], users: [{name: admin, password: §admin}]}\n", Says: "tries first"},
		{ID: "HA99", Mistake: "no chroot and no user: HAProxy keeps root's rights", Answer: Impossible,
			File: cfg, Has: []string{"chroot /var/lib/haproxy", "user haproxy", "group haproxy"}},
	}
}
