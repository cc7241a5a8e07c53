package render

import (
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

const credentialSite = `version: 1
site: a
platform: debian12
nics: {lan: {device: eth0, subnet: 192.0.2.0/24}}
nodes: [{name: a, addresses: {lan: 192.0.2.1}}]
frontends:
  - name: http
    binds: [{nic: lan, port: 80}]
    default_backend: app
    ROUTES
backends:
  - name: app
    servers: [{name: app1, address: 192.0.2.21:80}]
    BACKEND
`

// TestCredentialsAreSecrets: what lets somebody in is masked, makes the file one
// that not everybody may read, and is what HAProxy gets.
func TestCredentialsAreSecrets(t *testing.T) {
	for _, c := range []struct{ routes, backend, line, path string }{
		{backend: "health: {http: {uri: /, headers: [{name: Authorization, value: Basic hunter2}]}}",
			line: "http-check send meth GET uri / hdr Authorization 'Basic hunter2'",
			path: "backends[0].health.http.headers[0].value"},
		{backend: "rules: [{add_header: {name: X-Api-Key, value: hunter2%}}]", line: "http-request add-header X-Api-Key 'hunter2%%'"},
		{routes: "routes: [{set_header: {name: X-Plain, value: {env: KEY}}}]",
			line: "http-request set-header X-Plain 'hunter2'",
			path: "frontends[0].routes[0].set_header.value"},
		{routes: "routes: [{set_response_header: {name: X-Plain, value: {file: a}}}]",
			line: "http-after-response set-header X-Plain 'hunter2'"},
		{routes: "routes: [{when: [{header: {name: X-Api-Key, value: hunter2}}], deny: 403}]",
			line: "http-request deny deny_status 403 if { req.hdr(X-Api-Key) -m str -- 'hunter2' }"},
		{routes: "raw: http-request set-header Authorization \"Bearer hunter2\"",
			line: `http-request set-header Authorization "Bearer hunter2"`, path: "frontends[0].raw"},
		{routes: "raw: http-request deny unless { hdr(x-auth-token) -m str hunter2 }",
			line: "http-request deny unless { hdr(x-auth-token) -m str hunter2 }"},
		{backend: `raw: 'http-check send hdr Cookie "id=hunter2"'`, line: `http-check send hdr Cookie "id=hunter2"`},
		{backend: "raw: option httpchk GET / HTTP/1.0\\r\\nX-Api-Key:\\ hunter2", line: `option httpchk GET / HTTP/1.0\r\nX-Api-Key:\ hunter2`},
		{backend: "raw: dynamic-cookie-key hunter2", line: "dynamic-cookie-key hunter2"},
		{routes: "\n  - name: two\n" +
			"    binds: [{nic: lan, port: 81, raw: generate-certificates ca-sign-pass hunter2 nice all}]\n    default_backend: app",
			line: "bind 192.0.2.1:81 generate-certificates ca-sign-pass hunter2 nice all", path: "frontends[1].binds[0].raw"},
		{backend: "health: {tcp: [{send: 'AUTH hunter2\\r\\n'}, {expect: +OK}]}", line: `tcp-check send 'AUTH hunter2'\r\n`},
	} {
		text := strings.NewReplacer("ROUTES", c.routes, "BACKEND", c.backend).Replace(credentialSite)
		written, _, found := model.Load("site.yaml", []byte(text))
		if found.HasErrors() {
			t.Fatalf("%s%s: %v", c.routes, c.backend, found)
		}
		in := model.Inputs{Secrets: map[diag.Path]string{}}
		for _, ref := range written.SecretRefs() {
			in.Secrets[ref.Path] = strings.TrimSpace(ref.Secret.Literal + map[bool]string{true: "hunter2"}[ref.Secret.Literal == ""])
		}
		sets, err := New().Sets(site.Resolve(written), in)
		if err != nil {
			t.Fatal(err)
		}
		f := fileOf(t, sets[0], "etc/haproxy/haproxy.cfg")
		if masked := string(f.Masked()); strings.Contains(masked, "hunter2") || f.Mode != 0o640 {
			t.Errorf("%s%s: mode %o\n%s", c.routes, c.backend, f.Mode, masked)
		}
		if !strings.Contains(string(f.Data), "    "+c.line+"\n") {
			t.Errorf("%q is not in\n%s", c.line, f.Data)
		}
		if c.path != "" && f.Secrets[0].Path != c.path {
			t.Errorf("%s is where %s should be", f.Secrets[0].Path, c.path)
		}
	}
}
