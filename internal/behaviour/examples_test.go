//go:build linux

package behaviour_test

func exampleScenarios() []scenario {
	return []scenario{
		{name: "prslb", site: examples + "prslb.yaml", steps: prslb},
		{name: "ha-http-check", site: examples + "ha-http-check.yaml", steps: haHTTPCheck},
		{name: "alarms", site: examples + "alarms.yaml", steps: alarms},
		{name: "dual-master", site: examples + "dual-master.yaml", steps: dualMaster},
		{name: "k8s-api", site: examples + "k8s-api.yaml", steps: k8sAPI},
		{name: "ipv6", site: examples + "ipv6.yaml", steps: ipv6},
		{name: "l4-tcp", site: examples + "l4-tcp.yaml", steps: l4TCP},
		{name: "cookie", site: examples + "cookie.yaml", steps: cookie},
		{name: "sorry-server", site: examples + "sorry-server.yaml", steps: sorryServer},
		{name: "databases", site: examples + "databases.yaml", steps: databases},
		{name: "l7-routing", site: examples + "l7-routing.yaml", steps: l7Routing},
		{name: "virtual-hosts", site: examples + "virtual-hosts.yaml", steps: virtualHosts},
		{name: "rate-limit", site: examples + "rate-limit.yaml", steps: rateLimit},
		{name: "tls example", site: examples + "tls.yaml", steps: tlsExample},
		{name: "tls-passthrough", site: examples + "tls-passthrough.yaml", steps: tlsPassthrough},
		{name: "sni", site: examples + "sni.yaml", steps: sniExample},
		{name: "kitchen-sink", site: examples + "kitchen-sink.yaml", since: 2.6, steps: kitchenSink},
	}
}

// prslb is the classic pair: two servers in turn, and a page when both are gone.
func prslb(m *machine) {
	const page = "<title>Back soon</title>"
	web1, web2 := m.web("prswb01", "192.168.50.61:80"), m.web("prswb02", "192.168.50.62:80")
	m.to = "172.16.110.70"
	m.start()
	m.up("app_backend/prswb01", "app_backend/prswb02")
	m.inTurn("http://www.example.com/", "prswb01", "prswb02")
	m.get("http://www.example.com/", to("172.16.110.71")).is(200) // a node's own address
	m.get("http://www.example.com:443/").is(200)
	m.get("http://www.example.com/page?x=1", from("198.51.100.7")).is(200).
		says("GET /page?x=1 HTTP/1.1").says("Host: www.example.com").says("X-Forwarded-For: 198.51.100.7")

	m.get("http://172.16.10.71:8404/stats", to(""), from("192.168.11.5")).is(200).says("prswb01")
	m.get("http://172.16.10.71:8404/stats", to(""), from("192.168.12.5")).is(403)

	web1.status.Store(503) // the application behind it is gone: the health check's answer
	m.down("app_backend/prswb01")
	m.inTurn("http://www.example.com/", "prswb02")

	web2.down()
	m.get("http://www.example.com/").is(503).says(page).has("Location", "") // before the checks know
	m.down("app_backend/prswb02")
	m.get("http://www.example.com/any/path").is(200).says(page).has("Location", "")

	web2.up()
	m.up("app_backend/prswb02")
	m.get("http://www.example.com/").by("prswb02")
}

// haHTTPCheck has a page by which Keepalived sees that HAProxy works: with the
// servers it has nothing to do.
func haHTTPCheck(m *machine) {
	const alive = "http://127.0.0.1:8405/alive"
	nginx1, nginx2 := m.web("nginx1", "192.168.171.133:81"), m.web("nginx2", "192.168.171.133:82")
	m.to = "192.168.171.250"
	m.start()
	m.inTurn("http://www.example.com/", "nginx1", "nginx2")
	m.get(alive, to("")).is(200).has("Served-By", "")
	nginx1.down()
	nginx2.down()
	m.down("nginx/nginx1", "nginx/nginx2")
	m.get("http://www.example.com/").is(503)
	m.get(alive, to("")).is(200)
}

func alarms(m *machine) {
	webapp1 := m.web("webapp1", "192.168.66.20:80")
	m.web("webapp2", "192.168.66.21:80")
	m.to = "192.168.66.10"
	m.start()
	m.inTurn("http://www.tb.com/", "webapp1", "webapp2")
	webapp1.status.Store(404) // its page is gone
	m.down("webapp/webapp1")
	m.inTurn("http://www.tb.com/", "webapp2")
}

// dualMaster serves both names at both addresses, so that either node can.
func dualMaster(m *machine) {
	m.webs("webapp1", "192.168.66.31:80", "webapp2", "192.168.66.32:80", "webimg1", "192.168.66.33:80", "webimg2", "192.168.66.34:80")
	m.start()
	for _, vip := range []string{"192.168.66.10", "192.168.66.20"} {
		m.to = vip
		m.inTurn("http://www.tb.com/", "webapp1", "webapp2")
		m.inTurn("http://img.tb.com/", "webimg1", "webimg2")
		m.inTurn("http://other.tb.com/", "webapp1", "webapp2")
	}
}

// k8sAPI passes TLS on to the API servers that call themselves ready.
func k8sAPI(m *machine) {
	var masters []*webServer
	for name, addr := range map[string]string{"master1": "10.20.0.21:6443", "master2": "10.20.0.22:6443", "master3": "10.20.0.23:6443"} {
		masters = append(masters, m.web(name, addr).secure(m.serverTLS("api.example.com")))
	}
	m.put("/etc/haproxy/certs/kubernetes-ca.crt", m.ca.pem())
	m.to = "10.20.0.10"
	m.start()
	m.up("masters/master1", "masters/master2", "masters/master3")
	if served := m.served(6, "https://api.example.com:6443/version"); len(served) != 3 {
		m.Errorf("served by %v, want all masters", served)
	}
	gone := masters[0]
	gone.status.Store(500) // it answers, and is not ready
	m.down("masters/" + gone.name)
	if served := m.served(6, "https://api.example.com:6443/version"); len(served) != 2 || served[gone.name] > 0 {
		m.Errorf("served by %v, want all masters but %s", served, gone.name)
	}
}

func ipv6(m *machine) {
	m.webs("web1", "[2001:db8:2::21]:8080", "web2", "[2001:db8:2::22]:8080")
	m.start()
	m.to = "2001:db8:1::80"
	m.inTurn("http://www.example.com/", "web1", "web2")
	m.get("http://www.example.com/", from("2001:db8:f::7")).is(200).says("X-Forwarded-For: 2001:db8:f::7\r\n")
	m.to = "192.0.2.80"
	m.inTurn("http://www.example.com/", "web1", "web2")
	m.get("http://www.example.com/", from("198.51.100.7")).is(200).says("X-Forwarded-For: 198.51.100.7\r\n")
}

// kitchenSink has every field once, and makes no sense as a site. Yet HAProxy
// runs with it, and does what the outermost of the fields say.
func kitchenSink(m *machine) {
	site := m.ca.file(m.ca.issue("www.example.com", "10.0.0.11"))
	// In place of the samples that lie beside the site file, too: the client knows no
	// authority but the test's.
	for _, name := range []string{"/etc/haproxy/certs/site.pem", "/etc/haproxy/certs/client.pem", "/opt/haproxy/etc/tls/site.pem",
		"/opt/haproxy/etc/tls/stats.pem"} {
		m.put(name, site)
	}
	for _, name := range []string{"/etc/haproxy/clients.pem", "/etc/haproxy/clients.crl", "/etc/ssl/certs/internal.pem"} {
		m.put(name, m.ca.pem())
	}
	dns := newNameServer(m, "10.0.0.53:53")
	m.put("/etc/resolv.conf", []byte("nameserver 10.0.0.53\n"))
	for _, name := range []string{"app.example.com", "app3.example.com", "sorry.example.com"} {
		dns.set(name, "10.0.2.23")
	}
	m.start()
	m.to = "192.0.2.100"
	m.get("http://www.example.com/a?b=c").is(308).has("Location", "https://www.example.com/a?b=c")
	m.get("http://www.example.com/up").is(200).has("Served-By", "")
	visitor := proxy("PROXY TCP4 203.0.113.7 192.0.2.100 4711 443\r\n")
	m.get("https://www.example.com/robots.txt", visitor).is(203).says("User-agent: *").has("Strict-Transport-Security",
		"max-age=2073600; includeSubDomains; preload")
	m.get("https://www.example.com/admin/", visitor).is(401)
	m.get("https://10.0.0.11:9000/lb", to("")).is(401)
	m.get("https://10.0.0.11:9000/lb", to(""),
		password("ops", m.secret("kitchen-sink.secrets/ops"))).is(200).says("Kitchen sink: every field once").says("lb1")
}
