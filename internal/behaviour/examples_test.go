package behaviour_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
)

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

// l4TCP hands connections on: in turn at one port, by the client's address at
// the other.
func l4TCP(m *machine) {
	srv1 := m.web("def.srv1", "192.168.171.133:81")
	m.webs("def.srv2", "192.168.171.133:82", "def.srv3", "192.168.171.133:83")
	m.to = "192.168.171.129"
	m.start()
	const inTurn, sticky = "http://www.example.com:9002/", "http://www.example.com:9003/"
	m.inTurn(inTurn, "def.srv1", "def.srv2", "def.srv3")
	m.get(inTurn, from("198.51.100.7")).is(200).saysNot("X-Forwarded-For") // nobody looks into it
	ask := func(key, _ int) reply { return m.get(sticky, from(fmt.Sprintf("198.51.100.%d", key))) }
	m.keyed("by_source", ask)

	before := map[int]string{}
	for key := range 12 {
		before[key] = ask(key, 0).server()
	}
	srv1.status.Store(500) // its check is over HTTP
	m.down("in_turn/def.srv1", "by_source/def.srv1")
	m.inTurn(inTurn, "def.srv2", "def.srv3")
	for key, was := range before {
		if now := ask(key, 0).server(); now == "def.srv1" || was != "def.srv1" && now != was {
			m.Errorf("client %d moved from %s to %s", key, was, now)
		}
	}
}

// cookie: the application sets it, and HAProxy fills in the server.
func cookie(m *machine) {
	web1, web2 := m.web("web1", "192.168.2.100:80"), m.web("web2", "192.168.2.200:80")
	login := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" {
			http.SetCookie(w, &http.Cookie{Name: "SERVERID", Value: "to-be-filled-in", Path: "/"})
		}
	}
	web1.answer, web2.answer = login, login
	m.to = "192.168.4.5"
	m.start()
	m.inTurn("http://www.example.com/", "web1", "web2")
	for range 2 {
		got := m.get("http://www.example.com/login")
		value := "SERVERID=app1inst" + strings.TrimPrefix(got.server(), "web")
		got.is(200).has("Set-Cookie", value+"; Path=/")
		m.shares("http://www.example.com/", map[string]int{got.server(): 4}, header("Cookie", value))
	}
	web2.down()
	m.down("websrv-rewrite/web2")
	m.shares("http://www.example.com/", map[string]int{"web1": 2}, header("Cookie", "SERVERID=app1inst2"))

	const page = "http://192.168.4.5:1080/stats"
	secret, err := os.ReadFile(examples + "cookie.secrets/stats_password")
	m.must(err)
	admin := password("admin", strings.TrimSpace(string(secret)))
	m.get(page).is(401).has("WWW-Authenticate", `Basic realm="HAProxy Manager"`)
	m.get(page, admin).is(200).says("websrv-rewrite").has("Refresh", "30")
	m.get(page, admin, from("198.51.100.7")).is(403)
}

// sorryServer: what visitors get when every server is down, in three ways.
func sorryServer(m *machine) {
	m.put("/etc/haproxy/certs/site.pem", m.ca.file(m.ca.issue("www.example.com", "shop.example.com", "wiki.example.com")))
	real := map[string]*webServer{}
	for name, server := range map[string][2]string{
		"web1": {"192.0.2.11:443", "www"}, "standby": {"192.0.2.12:443", "www"}, "shop1": {"192.0.2.21:443", "shop"}, "wiki1": {"192.0.2.31:443", "wiki"},
	} {
		real[name] = m.web(name, server[0]).secure(m.serverTLS(server[1] + ".example.com"))
	}
	m.web("page", "192.0.2.80:80")
	m.to = "192.0.2.5"
	m.start()
	m.get("https://www.example.com/a?b=c").by("web1").says("GET /a?b=c ").says("Host: www.example.com\n")
	m.get("https://shop.example.com/").by("shop1")
	m.get("https://wiki.example.com/").by("wiki1")

	for _, server := range real {
		if server.name != "standby" {
			server.down()
		}
	}
	m.get("https://shop.example.com/").is(503).says("<title>Back soon</title>") // before the checks know
	m.down("www/web1", "shop/shop1", "wiki/wiki1")
	m.get("https://www.example.com/a?b=c").by("standby").says("GET /a?b=c ")
	m.get("https://shop.example.com/cart").is(503).says("<title>Back soon</title>").has("Location", "")
	m.get("https://wiki.example.com/page").is(302).has("Location", "https://status.example.com/")

	real["standby"].down()
	m.down("www/standby")
	m.get("https://www.example.com/a?b=c").is(200).by("page").says("GET /maintenance.html ").has("Location", "")
	real["web1"].up()
	m.up("www/web1")
	m.get("https://www.example.com/a?b=c").by("web1").says("GET /a?b=c ") // F5
}

// databases: each port leads to the server that takes writes. The small servers
// are stand-ins that know so much of each protocol as its check needs.
func databases(m *machine) {
	secret, err := os.ReadFile(examples + "databases.secrets/redis_password")
	m.must(err)
	password := strings.TrimSpace(string(secret))
	galera1 := m.tcp("10.30.0.21:3306", mysql("galera1", "haproxy_check", true))
	m.tcp("10.30.0.22:3306", mysql("galera2", "haproxy_check", true))
	m.tcp("10.30.0.23:3306", mysql("galera3", "haproxy_check", true))
	m.tcp("10.30.0.31:5432", echo("pg1"))
	m.tcp("10.30.0.32:5432", echo("pg2"))
	patroni1, patroni2 := m.web("patroni1", "10.30.0.31:8008"), m.web("patroni2", "10.30.0.32:8008")
	patroni2.status.Store(503)
	m.tcp("10.30.0.41:6379", redis(password, true, false))
	m.tcp("10.30.0.42:6379", redis(password, true, true))
	m.start()

	m.up("galera/galera1", "galera/galera2", "galera/galera3")
	m.down("patroni/pg2", "redis_primary/redis1")
	for range 3 {
		m.dial("10.30.0.10:3306").gets(mysqlGreeting("galera1")) // the others wait
		m.dial("10.30.0.10:5432").gets("pg1\n")
		m.dial("10.30.0.10:6379").send("AUTH " + password + "\r\n").gets("+OK\r\n").send("INFO replication\r\n").gets("$48\r\n# Replication\r\nrole:master\r\n")
	}

	session, query := m.dial("10.30.0.10:5432").gets("pg1\n"), m.dial("10.30.0.10:3306").gets(mysqlGreeting("galera1"))
	patroni1.status.Store(503)
	patroni2.status.Store(0)
	galera1.down()
	m.down("patroni/pg1", "galera/galera1")
	m.up("patroni/pg2")
	session.ends() // so that nobody writes to what is no longer the primary
	query.ends()
	m.dial("10.30.0.10:5432").gets("pg2\n")
	m.dial("10.30.0.10:3306").gets(mysqlGreeting("galera2"))
}
