package haproxy

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestFieldsFor: a field is named where it says the whole line, and no other.
func TestFieldsFor(t *testing.T) {
	for _, c := range []struct{ kind, line, want string }{
		{"global", "maxconn 5", "global.maxconn"}, {"defaults", "maxconn 5", "defaults.maxconn"},
		{"frontend", "maxconn 5", "frontends[].maxconn"}, {"backend", "maxconn 5", ""},
		{"global", "log 127.0.0.1 local0", "log"}, {"frontend", "log 127.0.0.1 local0", ""}, {"global", "stats socket /a level user", ""},
		{"global", "ssl-default-bind-options ssl-min-ver TLSv1.2", "global.tls.min_version"},
		{"global", "ssl-default-bind-options no-tls-tickets", ""},
		{"defaults", "timeout http-request 5s", "defaults.timeouts.http_request"}, {"backend", "timeout http-request 5s", ""},
		{"defaults", "timeout tarpit 5s", ""},
		{"defaults", "mode http", "defaults.mode"}, {"defaults", "mode health", ""}, {"backend", "balance leastconn", "backends[].balance"},
		{"backend", "balance random(2)", ""},
		{"backend", "balance hdr(X-User)", "backends[].balance"}, {"backend", "balance rdp-cookie", ""},
		{"backend", "hash-type consistent djb2", ""},
		{"defaults", "option redispatch", "defaults.redispatch"}, {"defaults", "option redispatch 2", ""},
		{"defaults", "no option dontlognull", "defaults.log_empty"},
		{"defaults", "option httplog", ""}, {"defaults", "option splice-auto", ""},
		{"backend", "option httpchk GET /", "backends[].health.http"}, {"defaults", "option httpchk GET /", ""},
		{"frontend", "bind :80", "frontends[].binds"}, {"frontend", "bind :80 ssl crt /a alpn h2", "frontends[].binds"},
		{"frontend", "bind :80 ssl crt /a no-tls-tickets", ""}, {"frontend", "bind :80 name ssl", ""},
		{"backend", "server a 127.0.0.1:1 check inter 5s weight 1", "backends[].servers"}, {"backend", "server a 127.0.0.1:1 usesrc client", ""},
		{"backend", "server check inter:1", "backends[].servers"},
		{"backend", "server-template a 1-3 b:80 check", "backends[].server_templates"},
		{"backend", "default-server fall 2", "backends[].server_defaults"}, {"backend", "default-server minconn 2", ""},
		{"backend", "cookie A insert indirect", "backends[].persist.cookie"},
		{"backend", "stick-table type ip size 1m store http_req_rate(10s)", "backends[].persist.table"},
		{"backend", "stick-table type ip size 1m store gpc0", ""}, {"backend", "stick-table type binary size 1", ""},
		{"frontend", "use_backend a if { path_beg /x } !{ src 10.0.0.0/8 }", "frontends[].routes[].backend"},
		{"frontend", "use_backend a if named", ""}, {"frontend", "use_backend a if { path_beg /x } or { path /y }", ""},
		{"frontend", "use_backend a if { src_conn_rate gt 5 }", ""}, {"frontend", "use_backend a if { path,lower x }", ""},
		{"frontend", "use_backend %[req.hdr(host),map(/a)]", ""}, {"frontend", "use_backend be_%[req.hdr(host)] if { path /x }", ""},
		{"frontend", "use_backend a if { src -f /etc/haproxy/list }", ""},
		{"frontend", "http-request set-header X-A a-%[src]", ""}, {"frontend", "http-request set-path /x%[path]", ""},
		{"frontend", "http-request set-header X-A %[src]", "frontends[].routes[].set_header"},
		{"frontend", "http-request redirect location https://%[req.hdr(host)]/", ""},
		{"frontend", "acl a path_beg -i /x", "frontends[].routes[].when"},
		{"frontend", "acl a src_conn_rate gt 5", ""},
		{"frontend", "http-request set-header X-A b if { ssl_fc }", "frontends[].routes[].set_header"},
		{"frontend", "http-request set-header X-A b", "frontends[].routes[].set_header"},
		{"backend", "http-request deny", "backends[].rules[].deny"}, {"backend", "http-request tarpit", ""},
		{"backend", "http-request set-var(txn.a) src", ""},
		{"backend", "http-response set-header A b", "backends[].rules[].set_response_header"},
		{"frontend", "redirect scheme https if !{ ssl_fc }", "frontends[].routes[].redirect"},
		{"frontend", "http-request redirect scheme https code 301 set-cookie A=b", ""},
		{"frontend", "tcp-request content reject if { src 10.0.0.1 }", "frontends[].routes[].reject"},
		{"backend", "errorloc302 503 https://a/", "backends[].sorry.redirect"}, {"backend", "errorloc302 500 https://a/", ""},
		{"backend", "tcp-check connect port 5", ""},
		{"backend", "http-check expect ! status 500", ""}, {"backend", "nonsense", ""},
		{"frontend", "http-request use-service prometheus-exporter if { path /metrics }", "stats.prometheus"},
		{"frontend", "http-request use-service lua.a", ""},
	} {
		_, got := FieldsFor(InOf(c.kind), ReadLine(c.line))
		if first := strings.Join(got[:min(1, len(got))], ""); first != c.want {
			t.Errorf("%s: %s: %q, want %q", c.kind, c.line, got, c.want)
		}
	}
}

// ownWay are lines by which lbgen says what a field says in a way that nobody else
// would: with variables, names and converters of its own.
func ownWay(line string) bool {
	for _, part := range []string{"var(txn.", "sc0_", "sc1_", "sc2_", ",field(1,:)", ",url_dec", "http_auth", "http-request set-uri",
		"set-status", "-m ", "unless", "if route.", "stats socket", " tfo", "pool-", "regsub(:"} {
		if strings.Contains(line, part) {
			return true
		}
	}
	return false
}

// TestWhatAFieldBecomesIsKnown: each line of the golden trees whose keyword has a
// field is one that the field is named for.
func TestWhatAFieldBecomesIsKnown(t *testing.T) {
	told, looked := map[string]bool{}, 0
	for _, name := range goldenFiles(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range Read(World{}, File{name, data}).Sections {
			for _, d := range s.Lines {
				f := Of(InOf(s.Kind), d)[0]
				if f.How != Field || len(f.FieldsIn(InOf(s.Kind))) == 0 || ownWay(strings.Join(d.Words(), " ")) {
					continue
				}
				looked++
				if keyword, fields := FieldsFor(InOf(s.Kind), d); len(fields) == 0 && !told[keyword] {
					told[keyword] = true
					t.Error(fmt.Sprint(d.Range, " ", s.Kind, " ", d.Words()))
				}
			}
		}
	}
	t.Logf("%d lines", looked)
}
