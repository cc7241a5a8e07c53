package site_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// bare is a site that leaves out whatever may be left out, and has each part
// that has defaults.
const bare = `version: 1
site: bare
platform: rocky9
nics: {front: {device: eth0, subnet: 192.0.2.0/24, zone: public}}
nodes:
  - {name: lb1, priority: 100, addresses: {front: 192.0.2.1}}
  - {name: lb2, priority: 50, addresses: {front: 192.0.2.2}}
vrrp:
  - {name: v, nic: front, virtual_router_id: 7, vips: [192.0.2.10], track: {haproxy: {http: {}}}}
frontends:
  - name: f
    binds: [{vip: v, port: 443, tls: {certificate: /etc/haproxy/cert.pem, client_ca: /etc/haproxy/ca.pem}}]
    compression: {}
    routes:
      - {when: [{path: /old}], redirect: {location: /new}}
      - {when: [{path: /plain}], redirect: {scheme: https}}
      - {when: [{path: /hello}], return: {text: hello}}
      - {rate_limit: {requests: 10}}
    default_backend: b
backends:
  - name: b
    health: {http: {uri: /}}
    persist: {cookie: {name: C}}
    server_defaults: {tls: {sni: example.com}}
    sorry: {page: sorry.html}
    servers: [{name: s, address: "192.0.2.99:443"}]
  - name: r
    health: {redis: {}}
    persist: {table: {}}
    servers: [{name: s, address: "192.0.2.99:6379"}]
stats: {nic: front, allow: [192.0.2.0/24]}
peers: {nic: front}
notifications: {email: {to: [root@example.com], from: lb@example.com}}
`

func resolve(t *testing.T, text string) *site.Site {
	t.Helper()
	written, _, found := model.Load("test.yaml", []byte(text))
	if found.HasErrors() {
		t.Fatal(found)
	}
	return site.Resolve(written)
}

// resolved is what a site that leaves everything out has, by the rows of
// docs/defaults.md.
func resolved(s *site.Site) map[string]any {
	d := func(d time.Duration) string { return model.Duration(d).String() }
	list := func(words []string) string { return strings.Join(words, ", ") }
	f, b, r, v := s.Frontends[0], &s.Backends[0], s.Backends[1], s.VRRP[0]
	def, t, h, routes := s.Defaults, s.Defaults.Timeouts, v.Track.HAProxy, f.Routes
	return map[string]any{
		"global.maxconn": s.Global.Maxconn, "global.stats_socket.mode": s.Global.StatsSocket.Mode,
		"global.stats_socket.level": s.Global.StatsSocket.Level, "global.tls.min_version": s.Global.TLS.MinVersion,
		"defaults.maxconn": def.Maxconn, "defaults.retries": def.Retries, "defaults.http_connection": def.HTTPConnection,
		"defaults.forwardfor.except": except(def.ForwardFor), "defaults.timeouts.http_request": d(t.HTTPRequest),
		"defaults.timeouts.queue": d(t.Queue), "defaults.timeouts.connect": d(t.Connect), "defaults.timeouts.client": d(t.Client),
		"defaults.timeouts.server": d(t.Server), "defaults.timeouts.http_keep_alive": d(t.HTTPKeepAlive), "defaults.timeouts.check": d(t.Check),
		"frontends[].inspect_delay": d(f.InspectDelay), "frontends[].binds[].tls.alpn": list(f.Binds[0].TLS.ALPN),
		"frontends[].binds[].tls.client_verify": f.Binds[0].TLS.ClientVerify,
		"frontends[].compression.algorithms":    list(f.Compression.Algorithms), "frontends[].compression.types": list(f.Compression.Types),
		"frontends[].routes[].redirect.code": routes[0].Redirect.Code, "frontends[].routes[].redirect.code with scheme": routes[1].Redirect.Code,
		"frontends[].routes[].return.status": routes[2].Return.Status, "frontends[].routes[].rate_limit.period": d(routes[3].RateLimit.Period),
		"frontends[].routes[].rate_limit.status": routes[3].RateLimit.Status, "frontends[].routes[].rate_limit.size": routes[3].RateLimit.Size,
		"backends[].balance": b.Balance.Algorithm, "backends[].health.inter": d(b.Health.Inter), "backends[].health.rise": b.Health.Rise,
		"backends[].health.fall": b.Health.Fall, "backends[].health.http.method": b.Health.HTTP.Method,
		"backends[].health.http.expect": expected(b.Health.HTTP.Expect), "backends[].health.redis.role": r.Health.Redis.Role,
		"backends[].persist.cookie.mode": b.Persist.Cookie.Mode, "backends[].persist.table.on": r.Persist.Table.On,
		"backends[].persist.table.size": r.Persist.Table.Size, "backends[].persist.table.expire": d(r.Persist.Table.Expire),
		"backends[].server_defaults.tls.verify": b.TLS(&b.ServerDefaults).Verify, "backends[].sorry.status": b.Sorry.Status,
		"stats.port": s.Stats.Port, "stats.uri": s.Stats.URI, "peers.port": s.Peers.Port,
		"vrrp[].advert_int": d(v.AdvertInt), "vrrp[].track.haproxy.interval": d(h.Interval), "vrrp[].track.haproxy.timeout": d(h.Timeout),
		"vrrp[].track.haproxy.rise": h.Rise, "vrrp[].track.haproxy.fall": h.Fall,
		"vrrp[].track.haproxy.http.uri": s.Alive.URI, "vrrp[].track.haproxy.http.port": s.Alive.Listener.Port(),
		"keepalived.script_user": s.Keepalived.ScriptUser, "log[].facility": s.Logs[0].Facility, "host.log_days": s.LogDays,
		"notifications.email.smtp_server": s.Email.SMTPServer, "notifications.email.smtp_connect_timeout": d(s.Email.SMTPConnectTimeout),
		"Keepalived's log facility": fmt.Sprint("local", s.Keepalived.Facility),
	}
}

// expected are the statuses that are good, nothing where HAProxy's own are.
func expected(list model.StatusList) string {
	all := make([]string, 0, len(list))
	for _, r := range list {
		all = append(all, r.String())
	}
	return strings.Join(all, ", ")
}

// except are the networks whose requests are passed on as they are, nothing where all
// requests are.
func except(f *site.ForwardFor) string {
	if f == nil {
		return ""
	}
	return f.Except.String()
}

// ofProfile are the rows of the table by profile; a dash stands for HAProxy's own value.
func ofProfile(s *site.Site) map[string]string {
	all := map[string]string{}
	dash := func(v any) string {
		switch text := fmt.Sprint(v); text {
		case "", "0", "0d", "[]", "false":
			return "-"
		case "true":
			return "on"
		default:
			return text
		}
	}
	for field, value := range resolved(s) {
		all[field] = dash(value)
	}
	all["stats.log"] = dash(s.Stats.Log)
	all["defaults.forwarded_proto"] = dash(s.Defaults.ForwardedProto)
	all["backends[].health.fastinter"] = dash(model.Duration(s.Backends[0].Health.FastInter))
	return all
}

// TestDefaultsAreDocumented compares what a bare site is resolved to, in each profile,
// with docs/defaults.md.
func TestDefaultsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/defaults.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]map[string]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 && len(cells) != 7 || strings.TrimSpace(cells[1]) == "field" || strings.HasPrefix(cells[1], "---") {
			continue
		}
		row := map[string]string{}
		for i, profile := range []string{"modern", "rhel", "haproxy"} {
			row[profile] = strings.TrimSpace(cells[2+min(i, len(cells)-5)])
		}
		documented[strings.Trim(cells[1], " `")] = row
	}
	for _, profile := range []string{"modern", "rhel", "haproxy"} {
		s := resolve(t, bare+"defaults: {profile: "+profile+"}\n")
		wants := ofProfile(s)
		for field, want := range wants {
			if got := documented[field][profile]; got != want {
				t.Errorf("docs/defaults.md says %q for %s with profile %s, a bare site has %q", got, field, profile, want)
			}
		}
		for field := range documented {
			if _, ok := wants[field]; !ok && field != "vrrp[].track.haproxy" && field != "what" { // TestHAProxyIsAlwaysWatched
				t.Errorf("docs/defaults.md has %s, which this test does not know", field)
			}
		}
	}
}
