package site_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// BenchmarkResolve resolves a site of 500 backends with 20 servers each, and the
// first site, against what it takes to read them.
func BenchmarkResolve(b *testing.B) {
	prslb, err := os.ReadFile("../../examples/prslb.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for name, text := range map[string]string{"10000 servers": large(500, 20), "prslb": string(prslb)} {
		written, _, found := model.Load("site.yaml", []byte(text))
		if found.HasErrors() {
			b.Fatal(found)
		}
		b.Run(name+"/read", func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				model.Load("site.yaml", []byte(text))
			}
		})
		b.Run(name+"/resolve", func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				site.Resolve(written)
			}
		})
	}
}

// large is the bare site with so many more backends and servers.
func large(backends, servers int) string {
	var all strings.Builder
	all.WriteString(bare[:strings.Index(bare, "stats:")])
	for i := range backends {
		fmt.Fprintf(&all, "  - name: b%d\n    health: {http: {uri: /}}\n    servers:\n", i)
		for j := range servers {
			fmt.Fprintf(&all, "      - {name: s%d, address: \"198.51.%d.%d:80\"}\n", j, i%256, j+1)
		}
	}
	return all.String()
}
