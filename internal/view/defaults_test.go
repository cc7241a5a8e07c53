package view

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/model"
)

// TestDefaultsAreDocumented compares the constants with docs/defaults.md.
func TestDefaultsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/defaults.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "|"); len(cells) == 5 {
			documented[strings.Trim(cells[1], " `")] = strings.TrimSpace(cells[2])
		}
	}
	d := func(d time.Duration) string { return model.Duration(d).String() }
	for field, want := range map[string]any{
		"global.maxconn": Maxconn, "defaults.maxconn": DefaultsMaxconn, "defaults.retries": Retries,
		"defaults.timeouts.http_request": d(TimeoutHTTPRequest), "defaults.timeouts.queue": d(TimeoutQueue),
		"defaults.timeouts.connect": d(TimeoutConnect), "defaults.timeouts.client": d(TimeoutClient),
		"defaults.timeouts.server": d(TimeoutServer), "defaults.timeouts.http_keep_alive": d(TimeoutHTTPKeepAlive),
		"defaults.timeouts.check": d(TimeoutCheck),
		"backends[].balance":      Balance, "backends[].health.inter": d(Inter), "backends[].health.rise": Rise,
		"backends[].health.fall": Fall, "backends[].health.http.method": CheckMethod,
		"backends[].health.http.expect": CheckExpect, "backends[].sorry.status": SorryStatus,
		"backends[].persist.cookie.mode": CookieMode, "backends[].persist.table.on": StickOn, "backends[].persist.table.size": StickSize,
		"backends[].persist.table.expire": d(StickExpire), "backends[].server_defaults.tls.verify": Verify, "backends[].health.redis.role": RedisRole,
		"stats.port": model.DefaultStatsPort, "stats.uri": model.DefaultStatsURI, "peers.port": model.DefaultPeersPort,
		"frontends[].inspect_delay": d(InspectDelay), "frontends[].binds[].tls.alpn": strings.Join(ALPN(), ", "),
		"frontends[].binds[].tls.client_verify": ClientVerify, "frontends[].compression.algorithms": CompressionAlgorithm,
		"frontends[].compression.types":      strings.Join(CompressionTypes(), ", "),
		"frontends[].routes[].redirect.code": RedirectCode, "frontends[].routes[].redirect.code with scheme": RedirectSchemeCode,
		"frontends[].routes[].return.status": ReturnStatus, "frontends[].routes[].rate_limit.period": d(RatePeriod),
		"frontends[].routes[].rate_limit.status": RateStatus, "frontends[].routes[].rate_limit.size": RateSize,
		"vrrp[].advert_int": d(AdvertInt), "vrrp[].track.haproxy.interval": d(TrackInterval),
		"vrrp[].track.haproxy.timeout": d(TrackTimeout), "vrrp[].track.haproxy.rise": TrackRise,
		"vrrp[].track.haproxy.fall":     TrackFall,
		"vrrp[].track.haproxy.http.uri": (*model.TrackHTTP)(nil).OrDefault().URI, "vrrp[].track.haproxy.http.port": model.DefaultAlivePort,
		"keepalived.script_user": ScriptUser, "notifications.email.smtp_server": SMTPServer,
		"notifications.email.smtp_connect_timeout": d(SMTPConnectTimeout),
		"log[].facility": HAProxyFacility, "Keepalived's log facility": KeepalivedFacility,
		"host.log_days": LogDays, "defaults.http_connection": HTTPConnection, "defaults.forwardfor.except": ForwardForExcept,
		"global.stats_socket.mode": SocketMode, "global.stats_socket.level": SocketLevel, "global.tls.min_version": TLSMinVersion,
	} {
		if got := documented[field]; got != fmt.Sprint(want) {
			t.Errorf("docs/defaults.md says %q for %s, the code has %v", got, field, want)
		}
		delete(documented, field)
	}
	delete(documented, "field")
	delete(documented, "vrrp[].track.haproxy") // TestHAProxyIsAlwaysWatched
	delete(documented, "what")
	delete(documented, "---")
	for field := range documented {
		t.Errorf("docs/defaults.md has %s, which this test does not know", field)
	}
}
