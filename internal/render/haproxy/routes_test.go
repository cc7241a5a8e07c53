package haproxy

import (
	"strings"
	"testing"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// rules returns the rules of a frontend with these lines behind its name.
func rules(t *testing.T, frontend string) (r Rules, text string) {
	t.Helper()
	text = `version: 1
site: test
platform: debian12
nics: {front: {device: eth0, subnet: 192.0.2.0/24}}
nodes: [{name: lb1, addresses: {front: 192.0.2.1}}]
frontends:
  - name: f
    ` + strings.ReplaceAll(strings.TrimSpace(frontend), "\n", "\n    ") + `
backends:
  - {name: b, servers: [{name: s, address: "192.0.2.99:80"}]}
  - {name: c, servers: [{name: s, address: "192.0.2.98:80"}]}
  - {name: gone, servers: [{name: s, address: "192.0.2.97:80"}], sorry: {remote: {address: "192.0.2.96:80", path: /sorry.html}}}
  - {name: tcp, mode: tcp, servers: [{name: s, address: "192.0.2.95:80"}]}
`
	r = config(t, text).Frontends[0].Rules
	var all []string
	for _, stage := range [][]conf.Line{r.ACLs, r.TCP, r.Request, r.Response, r.Use} {
		for _, l := range stage {
			all = append(all, l.Text())
		}
	}
	return r, strings.Join(all, "\n")
}

// config returns the configuration of a site file.
func config(t *testing.T, text string) *Config {
	t.Helper()
	s, _, found := model.Load("test.yaml", []byte(text))
	if found.HasErrors() {
		t.Fatal(found)
	}
	return New(site.Resolve(s), model.Inputs{})
}

func wantRules(t *testing.T, frontend, want string) {
	t.Helper()
	_, got := rules(t, frontend)
	want = strings.ReplaceAll(strings.TrimSpace(want), "\n\t\t", "\n")
	if got != want {
		t.Errorf("%s\nbecomes\n%s\nwant\n%s", frontend, got, want)
	}
}

// TestRoutesKeepTheirOrder: HAProxy looks at use_backend last, so that a route
// to a backend above a rule has to end the rules in its own place.
func TestRoutesKeepTheirOrder(t *testing.T) {
	wantRules(t, `binds: [{nic: front, port: 80}, {nic: front, port: 443, tls: {certificate: /etc/a.pem}}]
routes:
  - {when: [{acme: true}], backend: c}
  - {redirect: {scheme: https}}
  - {when: [{path: /x}], backend: c}
default_backend: b`, `
		http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
		http-request allow if { path_beg /.well-known/acme-challenge/ }
		http-request redirect scheme https code 301 if !{ ssl_fc }
		use_backend c if { path_beg /.well-known/acme-challenge/ }
		use_backend c if { path /x }
		default_backend b`)
}

// TestRoutesSeeTheRequestInTheirPlace: a route to a backend above one that
// changes the request is decided before the change.
func TestRoutesSeeTheRequestInTheirPlace(t *testing.T) {
	wantRules(t, `binds: [{nic: front, port: 80}]
routes:
  - {when: [{path_beg: /admin}], backend: c}
  - {strip_prefix: /app}
  - {when: [{path: /x}], backend: c}
default_backend: b`, `
		http-request set-var(txn.to.0) bool(true) if { path_beg /admin }
		http-request allow if { var(txn.to.0) -m bool }
		http-request replace-path '^/app(/(.*))?$' '/\2'
		use_backend c if { var(txn.to.0) -m bool }
		use_backend c if { path /x }
		default_backend b`)
}

// TestHeadersOfTheAnswer: what is known of the request only is kept for the
// answer, and a request that went to a backend above the route keeps its answer.
func TestHeadersOfTheAnswer(t *testing.T) {
	wantRules(t, `binds: [{nic: front, port: 80}]
routes:
  - {when: [{src: 192.0.2.0/24}], set_response_header: {name: A, value: 100%}}
  - {when: [{path: /x}], add_response_header: {name: B, sample: src}}
  - {when: [{path: /y}], backend: c}
  - {del_response_header: Server}
default_backend: b`, `
		http-request set-var(txn.route.1) bool(true) if { path /x }
		http-request allow if { path /y }
		http-request set-var(txn.route.3) bool(true)
		http-after-response set-header A 100%% if { src 192.0.2.0/24 }
		http-after-response add-header B %[src] if { var(txn.route.1) -m bool }
		http-after-response del-header Server if { var(txn.route.3) -m bool }
		use_backend c if { path /y }
		default_backend b`)
}

// TestSNIWaitsForTheHello: without that there is nothing to compare.
func TestSNIWaitsForTheHello(t *testing.T) {
	wantRules(t, `mode: tcp
binds: [{nic: front, port: 443}]
routes:
  - {when: [{src: 192.0.2.9}], allow: true}
  - {when: [{sni_end: .example.com}], backend: tcp}
  - {when: [{src: 192.0.2.8}], reject: true}
default_backend: tcp`, `
		tcp-request inspect-delay 5s
		tcp-request content accept if { src 192.0.2.9 } { req.ssl_hello_type 1 }
		tcp-request content accept if { src 192.0.2.9 }
		tcp-request content accept if { req.ssl_sni -i -m end .example.com }
		tcp-request content reject if { src 192.0.2.8 }
		tcp-request content accept if { req.ssl_hello_type 1 }
		use_backend tcp if { req.ssl_sni -i -m end .example.com }
		default_backend tcp`)
	wantRules(t, `mode: tcp
binds: [{nic: front, port: 443, tls: {certificate: /etc/a.pem}}]
routes: [{when: [{sni: www.example.com}], backend: tcp}]
default_backend: tcp`, `
		use_backend tcp if { ssl_fc_sni -i www.example.com }
		default_backend tcp`)
}

// TestConnectionsAreCountedOnce: a connection has many requests. Behind a proxy
// the client is known only after the PROXY protocol's header.
func TestConnectionsAreCountedOnce(t *testing.T) {
	for proxy, when := range map[string]string{"false": "connection", "true": "session"} {
		wantRules(t, `binds: [{nic: front, port: 80, accept_proxy: `+proxy+`}]
routes: [{when: [{path_beg: /api}], rate_limit: {concurrent: 10}}, {rate_limit: {requests: 100, header: X-Real-IP}}]
default_backend: b`, `
		tcp-request `+when+` track-sc0 src,ipmask(32,64) table f.rate.0
		http-request deny deny_status 429 if { path_beg /api } { sc0_conn_cur gt 10 }
		http-request track-sc1 req.hdr_ip(X-Real-IP,-1),ipmask(32,64) table f.rate.1
		http-request deny deny_status 429 if { sc1_http_req_rate gt 100 }
		default_backend b`)
	}
}

// TestRemoteSorryServer: wherever a backend is used, its placeholder is, too.
func TestRemoteSorryServer(t *testing.T) {
	wantRules(t, `binds: [{nic: front, port: 80}]
routes: [{when: [{path: /x}], backend: gone}]
default_backend: gone`, `
		use_backend gone_sorry if { path /x } { nbsrv(gone) eq 0 } !{ stopping }
		use_backend gone if { path /x }
		use_backend gone_sorry if { nbsrv(gone) eq 0 } !{ stopping }
		default_backend gone`)
}

// TestMatches shows what each criterion becomes, and its opposite.
func TestMatches(t *testing.T) {
	for match, want := range map[string]string{
		"host: [A.example, b.example]":                      "{ req.hdr(host),field(1,:) -i A.example b.example }",
		"host_end: .example.com":                            "{ req.hdr(host),field(1,:) -i -m end .example.com }",
		"host_regex: '^w+[0-9]'":                            "{ req.hdr(host),field(1,:) -i -m reg -- '^w+[0-9]' }",
		"path: /a, ignore_case: true":                       "{ path -i /a }",
		"path_beg: /a, not: true":                           "!{ path_beg /a }",
		"path_end: .png":                                    "{ path_end .png }",
		"path_regex: ^/a":                                   "{ path_reg -- '^/a' }",
		"method: [GET, POST]":                               "{ method GET POST }",
		"src: [192.0.2.7, '2001:db8::/32']":                 "{ src 192.0.2.7 2001:db8::/32 }",
		"port: 443":                                         "{ dst_port 443 }",
		"header: {name: A}":                                 "{ req.fhdr(A) -m found }",
		"header: {name: A, value: [-i, b]}":                 "{ req.hdr(A) -m str -- -i b }",
		"header: {name: A, value: 'a, b'}":                  "{ req.fhdr(A) -m str -- 'a, b' }",
		"header: {name: A, contains: x}, ignore_case: true": "{ req.fhdr(A) -i -m sub -- x }",
		"url_param: {name: q, beg: x}":                      "{ url_param(q),url_dec(1) -m beg -- x }",
		"cookie: {name: c, end: x}":                         "{ req.cook(c) -m end -- x }",
		"sni: a.example":                                    "{ ssl_fc_sni -i a.example }",
		"tls: true":                                         "{ ssl_fc }",
		"tls: false":                                        "!{ ssl_fc }",
		"tls: false, not: true":                             "{ ssl_fc }",
		"acme: true":                                        "{ path_beg /.well-known/acme-challenge/ }",
		"client_certificate: false":                         "!{ ssl_c_used }",
		"down: b":                                           "{ nbsrv(b) eq 0 }",
		"path: [" + strings.Repeat("/p, ", 44) + "/p], not: true": "!route.0.when.0",
	} {
		_, text := rules(t, `binds: [{nic: front, port: 443, tls: {certificate: /etc/a.pem, client_ca: /etc/ca.pem, client_verify: optional}}]
routes: [{when: [{`+match+`}], deny: 403}]
default_backend: b`)
		if !strings.Contains(text, "deny deny_status 403 if "+want+"\n") {
			t.Errorf("%s becomes\n%s", match, text)
		}
	}
}

// TestLongConditions: a line of HAProxy's has 64 words at most.
func TestLongConditions(t *testing.T) {
	many := strings.Repeat("{path_beg: [/a, /b, /c, /d, /e, /f, /g, /h]}, ", 19) + "{path: [" + strings.Repeat("/p, ", 150) + "/p], not: true}"
	r, text := rules(t, "binds: [{nic: front, port: 80}]\nroutes: [{when: ["+many+"], deny: 403}]\ndefault_backend: b")
	for _, l := range strings.Split(text, "\n") {
		if n := len(strings.Fields(l)); n > 60 {
			t.Errorf("%d words: %s", n, l)
		}
	}
	if len(r.ACLs) != 19+4 { // the last one is too long for one line
		t.Errorf("%d lines of ACLs", len(r.ACLs))
	}
}

func TestStripPrefix(t *testing.T) {
	wantRules(t, `binds: [{nic: front, port: 80}]
routes: [{strip_prefix: /a.b/}, {set_path: /100%25}]
default_backend: b`, `
		http-request replace-path '^/a\.b(/(.*))?$' '/\2'
		http-request set-path /100%%25
		default_backend b`)
}

func TestAddressesOfBinds(t *testing.T) {
	c := config(t, `version: 1
site: test
platform: rocky9
nics: {front: {device: eth0, subnet: 192.0.2.0/24, zone: public}}
nodes: [{name: lb1, addresses: {front: 192.0.2.1}}]
frontends:
  - name: f
    binds:
      - {address: "*", port: 8080}
      - {address: "::", port: 8080, open: false}
      - {address: 192.0.2.77, port: 8443, accept_proxy: true,
         tls: {certificate: /etc/a.pem, min_version: TLSv1.3, client_ca: /etc/ca.pem, strict_sni: true}}
    default_backend: b
backends:
  - {name: b, servers: [{name: s, address: "192.0.2.99:80"}]}
`)
	var got []string
	for _, b := range c.Frontends[0].Binds {
		got = append(got, b.Text())
	}
	want := "bind *:8080\nbind [::]:8080 v6only\nbind 192.0.2.77:8443 accept-proxy ssl crt /etc/a.pem alpn h2,http/1.1 " +
		"ssl-min-ver TLSv1.3 ca-file /etc/ca.pem verify required strict-sni"
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

// TestRawLinesInStages: HAProxy warns of a rule that stands behind one that it
// looks at later.
func TestRawLinesInStages(t *testing.T) {
	early, use := inStages(units("frontends[0].raw", "use_backend b if x\nhttp-request\tset-header A b\nacl x path /x\n"+
		"tcp-request content accept\nuse_backend c"))
	var got []string
	for _, l := range append(early, use...) {
		got = append(got, l.Text())
	}
	want := "acl x path /x\ntcp-request content accept\nhttp-request\tset-header A b\nuse_backend b if x\nuse_backend c"
	if strings.Join(got, "\n") != want || len(use) != 2 {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

// TestRawLinesOfABackend: each stands where it acts, and what belongs together stays
// together.
func TestRawLinesOfABackend(t *testing.T) {
	const text = "http-request deny if x\n# why\ndefault-server proto h2\n.if defined(A)\ndefault-server tfo\n.endif\n" +
		"redirect location / if y\nhttp-request allow\ntcp-request content accept\nacl x path /x\n" +
		"http-check connect\nhttp-check expect string a\nuse-server s if x\n" +
		"option splice-auto"
	r := inPlaces(units("backends[0].raw", text), true)
	for name, c := range map[string]struct {
		got  []conf.Raw
		want string
	}{
		"steps":   {r.Steps, "http-check connect"},
		"servers": {r.Servers, "# why|default-server proto h2|.if defined(A)|default-server tfo|.endif"},
		"TCP":     {r.TCP, "acl x path /x|tcp-request content accept"},
		"rest": {r.Rest, "http-check expect string a|option splice-auto|http-request deny if x|http-request allow|redirect location / if y|" +
			"use-server s if x"},
	} {
		var got []string
		for _, l := range c.got {
			got = append(got, l.Text())
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
