//go:build linux

package behaviour_test

import (
	"fmt"
	"net/http"
	"strings"
)

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
	admin := password("admin", m.secret("cookie.secrets/stats_password"))
	m.get(page).is(401).has("WWW-Authenticate", `Basic realm="HAProxy Manager"`)
	m.get(page, admin).is(200).says("websrv-rewrite").has("Refresh", "30")
	m.get(page, admin, from("198.51.100.7")).is(403)
}

// sorryServer: what visitors get when every server is down, in three ways.
func sorryServer(m *machine) {
	m.put("/etc/haproxy/certs/site.pem", m.ca.file(m.ca.issue("www.example.com", "shop.example.com", "wiki.example.com")))
	real := map[string]*webServer{}
	for name, server := range map[string][2]string{
		"web1": {"192.0.2.11:443", "www"}, "standby": {"192.0.2.12:443", "www"}, "shop1": {"192.0.2.21:443", "shop"},
		"wiki1": {"192.0.2.31:443", "wiki"},
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
// are stubs that know so much of each protocol as its check needs.
func databases(m *machine) {
	password := m.secret("databases.secrets/redis_password")
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
		m.dial("10.30.0.10:6379").send("AUTH " + password +
			"\r\n").gets("+OK\r\n").send("INFO replication\r\n").gets("$48\r\n# Replication\r\nrole:master\r\n")
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
