package accesslog_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/accesslog"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/route"
	"github.com/lbgen/lbgen/internal/site"
)

const shop = `version: 1
site: shop
platform: debian12
nics: {front: {device: eth0, subnet: 192.0.2.0/24}}
nodes: [{name: lb1, addresses: {front: 192.0.2.1}}]
frontends:
  - name: web
    binds: [{nic: front, port: 80}, {nic: front, port: 443, tls: {certificate: /etc/a.pem}}]
    raw: |
      capture request header User-Agent len 20
      capture request header Host len 64
    default_backend: app
  - name: own
    binds: [{nic: front, port: 81}]
    log_format: '%ci:%cp "%HM" %{+Q}HU %%%ST|%ft|%b/%s %[req.hdr(host)]'
    default_backend: app
  - {name: raw, mode: tcp, binds: [{nic: front, port: 82}], default_backend: tcp}
backends:
  - {name: app, servers: [{name: s, address: "192.0.2.99:80"}]}
  - {name: tcp, mode: tcp, servers: [{name: s, address: "192.0.2.99:81"}]}
`

func resolved(t testing.TB, text string) *site.Site {
	t.Helper()
	s, _, found := model.Load("test.yaml", []byte(text))
	if found.HasErrors() {
		t.Fatal(found)
	}
	return site.Resolve(s)
}

func entries(t *testing.T, in io.Reader) (all []accesslog.Entry, other int) {
	t.Helper()
	r, err := accesslog.NewReader(in, resolved(t, shop))
	if err != nil {
		t.Fatal(err)
	}
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all, r.Other
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
}

//nolint:lll // the lines are HAProxy's own
const lines = `Nov 30 08:00:00 lb1 haproxy[712]: 10.1.2.3:40000 [30/Nov/2026:08:00:00.000] web~ app/s 0/0/1/2/3 200 512 - - ---- 1/1/0/0/0 0/0 {curl/8|www.example.com} "GET /x?y=[1] HTTP/1.1"
2026-11-30T08:00:01.000000+00:00 lb1 haproxy[712]: 2001:db8::5:40001 [30/Nov/2026:08:00:01.000] web web/<NOSRV> 0/-1/-1/-1/0 301 100 - - LR-- 1/1/0/0/0 0/0 {|} "GET https://a.example/z HTTP/2.0"
10.1.2.3:40002 [30/Nov/2026:08:00:02.000] raw tcp/s 1/0/5 99 -- 1/1/0/0/0 0/0
Nov 30 08:00:03 lb1 haproxy[712]: 10.1.2.3:40003 "POST" "/form" %201|own|app/s b.example
Nov 30 08:00:04 lb1 haproxy[712]: 10.1.2.3:40004 [30/Nov/2026:08:00:04.000] web web/<NOSRV> -1/-1/-1/-1/0 400 0 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"
Nov 30 08:00:05 lb1 haproxy[712]: Server app/s is DOWN.
Nov 30 08:00:06 lb1 sshd[99]: Accepted publickey for root from 10.1.2.3 port 22 ssh2

Nov 30 08:00:07 lb1 haproxy[712]: 10.1.2.3:40000 [30/Nov/2026:08:00:00.000] web~ app/s 0/0/1/2/3 200 512 - - ---- 1/1/0/0/0 0/0 {c
`

func TestLinesOfEachForm(t *testing.T) {
	all, other := entries(t, strings.NewReader(lines))
	if len(all) != 5 || other != 4 {
		t.Fatalf("%d entries and %d other lines: %+v", len(all), other, all)
	}
	var got []string
	for _, e := range all {
		got = append(got, fmt.Sprint(e.Line, " ", e.Request.Frontend, " ", e.Backend, "/", e.Server, " ", e.Status, " ", e.Request.From, " ",
			e.Request.Scheme, " ", e.Request.Method, " ", e.Request.Host, " ", e.Request.Target, " ", e.Bad))
	}
	want := []string{
		"1 web app/s 200 10.1.2.3 https GET www.example.com /x?y=[1] false",
		"2 web web/<NOSRV> 301 2001:db8::5 http GET a.example /z false",
		"3 raw tcp/s 0 10.1.2.3 tcp    false",
		"4 own app/s 201 10.1.2.3 http POST b.example /form false",
		"5 web web/<NOSRV> 400 10.1.2.3 http    true",
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got  %s\nwant %s", got[i], want[i])
		}
	}
}

func TestGzip(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, lines)
	_ = z.Close()
	if all, other := entries(t, bytes.NewReader(b.Bytes())); len(all) != 5 || other != 4 {
		t.Errorf("%d entries and %d other lines", len(all), other)
	}
	r, err := accesslog.NewReader(bytes.NewReader(b.Bytes()[:b.Len()/2]), resolved(t, shop))
	for err == nil {
		_, err = r.Next()
	}
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("half a file is read as a whole one")
	}
}

func TestFormatsThatSayTooLittle(t *testing.T) {
	text := strings.Replace(shop, `'%ci:%cp "%HM" %{+Q}HU %%%ST|%ft|%b/%s %[req.hdr(host)]'`, `"%ci %ST"`, 1)
	if _, err := accesslog.NewReader(strings.NewReader(""), resolved(t, text)); err != nil {
		t.Errorf("the other frontends' lines can be read: %v", err)
	}
	own := text[strings.Index(text, "  - name: own\n"):strings.Index(text, "  - {name: raw")]
	only := text[:strings.Index(text, "  - name: web\n")] + own +
		text[strings.Index(text, "backends:"):]
	if _, err := accesslog.NewReader(strings.NewReader(""), resolved(t, only)); err == nil || !strings.Contains(err.Error(), "%ft") {
		t.Errorf("a format without frontend and backend: %v", err)
	}
}

// BenchmarkLog reads a log and computes the way of each request through 60 routes, and
// counts the lines of the same log, as wc -l does.
func BenchmarkLog(b *testing.B) {
	var text strings.Builder
	routes := ""
	for i := range 60 {
		routes += fmt.Sprintf("      - {when: [{host: h%d.example.com}, {path_beg: /p%d}], backend: app}\n", i, i)
	}
	s := resolved(b, strings.Replace(shop, "    default_backend: app\n", "    routes:\n"+routes+"    default_backend: app\n", 1))
	const n = 100_000
	for i := range n {
		fmt.Fprintf(&text, "Nov 30 08:00:00 lb1 haproxy[712]: 10.1.2.3:40000 [30/Nov/2026:08:00:00.000] web~ app/s 0/0/1/2/3 200 512 - - ---- "+
			"1/1/0/0/0 0/0 {curl/8|h%d.example.com} \"GET /p%d/x HTTP/1.1\"\n", i%70, i%61)
	}
	log := text.String()
	b.Run("route", func(b *testing.B) {
		e := route.New(s)
		b.ReportAllocs()
		for range b.N {
			r, err := accesslog.NewReader(strings.NewReader(log), s)
			if err != nil {
				b.Fatal(err)
			}
			count := 0
			for {
				entry, err := r.Next()
				if err != nil {
					break
				}
				if a := e.Route(entry.Request); a.Backend == "app" {
					count++
				}
			}
			if count != n {
				b.Fatalf("%d of %d", count, n)
			}
		}
	})
	b.Run("lines", func(b *testing.B) {
		for range b.N {
			if strings.Count(log, "\n") != n {
				b.Fatal("lines are missing")
			}
		}
	})
}
