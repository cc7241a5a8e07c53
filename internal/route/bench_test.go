package route_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/route"
)

// BenchmarkRoute makes a site of 500 routes ready and routes 1,000 requests, with one
// server and with 100,000.
func BenchmarkRoute(b *testing.B) {
	for _, servers := range []int{1, 100_000} {
		e, requests := large(b, servers)
		b.Run(fmt.Sprint(servers, " servers"), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				for i := range requests {
					if a := e.Route(requests[i]); a.Backend != "b" && a.Backend != "c" {
						b.Fatalf("%+v", a)
					}
				}
			}
		})
	}
}

func large(b *testing.B, servers int) (*route.Evaluator, []route.Request) {
	b.Helper()
	var text strings.Builder
	text.WriteString(strings.TrimSuffix(head, "frontends:\n"))
	text.WriteString("  - name: many\n    servers:\n")
	for i := range servers {
		fmt.Fprintf(&text, "      - {name: s%d, address: \"198.%d.%d.%d:80\"}\n", i, 18+i>>16, i>>8&255, i&255)
	}
	text.WriteString("frontends:\n  - name: f\n    binds: [{nic: front, port: 80}]\n    routes:\n")
	for i := range 500 {
		fmt.Fprintf(&text, "      - {when: [{host: h%d.example.com}, {path_beg: /p%d}], backend: c}\n", i, i)
	}
	text.WriteString("    default_backend: b\n")
	e := evaluator(b, text.String())
	requests := make([]route.Request, 0, 1000)
	for i := range 1000 {
		r, err := route.Parse(fmt.Sprintf("GET http://h%d.example.com/p%d/x", i%510, i%505))
		if err != nil {
			b.Fatal(err)
		}
		requests = append(requests, r)
	}
	return e, requests
}
