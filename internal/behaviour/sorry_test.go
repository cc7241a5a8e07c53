//go:build linux

package behaviour_test

import "net/http"

// sorryPages: what visitors get when no server is left, whatever they asked for.
func sorryPages(m *machine) {
	m.put("/etc/haproxy/ca.pem", m.ca.pem())
	app := m.web("app", "192.0.2.21:80")
	m.web("sorry", "192.0.2.80:80")
	m.web("sorry by TLS", "192.0.2.80:443").secure(m.serverTLS("sorry.example"))
	m.to = "192.0.2.5"
	m.start()
	for _, host := range []string{"page", "fine", "remote", "tls", "redirect", "none"} {
		m.get("http://" + host + ".example/a?b=c").by("app")
	}
	app.down()
	const own, status = "<title>own</title>", "https://status.example/?from=100%25"
	seconds := func(url string) reply { return m.get(url + "/before/the/checks/know") }
	seconds("http://page.example").is(503).says(own)
	seconds("http://fine.example").says(own)
	seconds("http://redirect.example").is(302).has("Location", status)
	seconds("http://none.example").is(503).says("<title>unavailable</title>")

	m.down("page/app", "fine/app", "remote/app", "tls/app", "redirect/app", "none/app")
	m.get("http://page.example/a").is(503).says(own).has("Content-Type", "text/html").has("Location", "")
	m.get("http://fine.example/a").is(200).says(own).has("Location", "")
	m.get("http://redirect.example/a").is(302).has("Location", status)
	m.get("http://none.example/a").is(503).says("<title>unavailable</title>")
	m.get("http://remote.example/a?b=c").is(503).has("Served-By", "sorry").has("Location", "").says("GET /sorry.html ")
	m.ask(http.MethodPost, "http://tls.example/a?b=c").is(503).has("Served-By", "sorry by TLS").says("GET /sorry.html?why=100%25 ")
	m.get("http://tls.example/a", header("If-None-Match", `"1"`)).saysNot("If-None-Match")

	app.up()
	m.up("page/app", "remote/app")
	m.get("http://page.example/a").by("app")
	m.get("http://remote.example/a").by("app")
}
