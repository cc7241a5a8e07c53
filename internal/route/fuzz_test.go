package route_test

import (
	"net/netip"
	"reflect"
	"testing"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/route"
	"github.com/lbgen/lbgen/internal/site"
)

// FuzzRoute: whatever the site and the request, nothing panics, the same question has the
// same answer, and with or without the steps that did not match it is the same one.
func FuzzRoute(f *testing.F) {
	whole := head + `
  - name: f
    binds: [{nic: front, port: 80}, {nic: front, port: 443, tls: {certificate: /etc/haproxy/a.pem}}]
    routes:
      - {when: [{path_regex: "^/a[0-9]+(b|c)?$"}, {host_end: .example.com, not: true}], redirect: {prefix: "https://new.example.com"}}
      - {when: [{cookie: {name: k, contains: [a, b]}}, {url_param: {name: q, value: x}}], set_path: /y}
      - {when: [{header: {name: X-A, regex: "[0-9]"}}, {src: 10.0.0.0/8}], add_header: {name: X-B, value: "1"}}
      - {strip_prefix: /p}
      - {when: [{path_beg: /limited}], rate_limit: {requests: 2}}
      - {when: [{down: c}], return: {status: 200, text: none}}
    default_backend: c
`
	f.Add(whole, "GET http://www.example.com/a1b?q=x", "Cookie: k=a; k=\"b", "10.1.2.3", "", "c/s", 3)
	f.Add(whole, "https://[2001:db8::1]:443/%zz%00//p/../x?&=;", "X-A: 1,\t2", "2002:a00::1", "a.example.com.", "c", 0)
	f.Add(head+"  - {name: t, mode: tcp, binds: [{nic: front, port: 80}], default_backend: b}\n", "tcp :80", "Host: x", "", "x", "", 1)
	f.Fuzz(func(t *testing.T, text, request, header, from, sni, down string, count int) {
		written, _, found := model.Load("fuzz.yaml", []byte(text))
		if found.HasErrors() {
			return
		}
		r, err := route.Parse(request)
		if err != nil {
			return
		}
		if h, err := route.ParseHeader(header); err == nil {
			r.Set(h)
		}
		r.From, _ = netip.ParseAddr(from)
		r.SNI, r.Count = sni, count
		e := route.New(site.Resolve(written))
		if e.CheckDown(down) == nil {
			r.Down = []string{down}
		}
		traced := e.Trace(r)
		if again := route.New(site.Resolve(written)).Trace(r); !reflect.DeepEqual(traced, again) {
			t.Fatalf("%s: once\n%+v\nand then\n%+v", r.String(), traced, again)
		}
		short := e.Route(r)
		if traced.Kind == "" || traced.IsDecided() == (len(traced.Undecided) > 0 && traced.Kind == route.Unknown) {
			t.Fatalf("%s: no outcome: %+v", r.String(), traced)
		}
		traced.Steps, short.Steps = nil, nil
		if !reflect.DeepEqual(traced, short) {
			t.Fatalf("%s: traced\n%+v\nbut\n%+v", r.String(), traced, short)
		}
	})
}
