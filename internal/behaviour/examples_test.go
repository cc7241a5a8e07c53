package behaviour_test

func exampleScenarios() []scenario {
	return []scenario{
		{name: "prslb", site: examples + "prslb.yaml", steps: prslb},
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
