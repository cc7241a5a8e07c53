//go:build linux

package behaviour_test

import (
	"net/url"
	"strings"
)

func statsScenarios() []scenario {
	return []scenario{{name: "stats", site: "testdata/stats.yaml", env: statsPasswords(), steps: stats}}
}

// statsPasswords are hard to quote, and hard for HAProxy's own languages.
func statsPasswords() map[string]string {
	return map[string]string{"ANNA": `b "e' r\t $HOME #1 %T`, "BERT": `a:b}{`}
}

func stats(m *machine) {
	const page, metrics = "http://192.0.2.5:9000/state", "http://192.0.2.5:9000/metrics"
	anna, bert, admin := password("anna", statsPasswords()["ANNA"]), password("bert", statsPasswords()["BERT"]), from("198.51.100.7")
	m.web("app1", "192.0.2.21:80")
	logged := newSyslog(m, "127.0.0.1:514")
	m.start()
	m.get(page, admin).is(401).has("WWW-Authenticate", `Basic realm="Who's there? 100% {you}"`)
	m.get(page, admin, password("anna", "wrong")).is(401)
	m.get(page, anna).is(403) // from elsewhere
	m.get(page, admin, anna).is(200).has("Refresh", "7").says("app1").says("the pair's {page}").says("lb1").saysNot("version 2.")
	m.get(page, admin, bert).is(200)
	m.get("http://192.0.2.5:9000/", admin, bert).is(503)

	m.get(metrics, admin, anna).is(200).says("haproxy_server_status{")
	m.get(metrics, anna).is(403)

	// What it answers is not logged, and whom it refuses is.
	m.until("a refusal is logged", func() bool { return logged.has("local2", " 403 ") })
	if logged.has("local2", "/metrics HTTP") && logged.has("local2", " 200 ") || logged.has("local2", " 401 ") {
		m.Errorf("requests for the page are logged")
	}

	if answer, err := m.command("clear counters"); err != nil || !strings.Contains(answer, "Permission denied") {
		m.Errorf("a user may change what the runtime socket tells: %q (%v)", answer, err)
	}

	// An administrator may take a server out of service, and nobody else.
	out := url.Values{"s": {"app1"}, "action": {"maint"}, "b": {"app"}}
	m.post(page, out, admin).is(401)
	m.get("http://192.0.2.5/").by("app1")
	m.post(page, out, admin, anna).is(303)
	m.get("http://192.0.2.5/").is(503)
}
