package rehearse

import (
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/recording"
	"github.com/lbgen/lbgen/internal/site"
)

// TestFromElsewhere: where checks leave from an address that the node does not hold,
// a rehearsal names the node and where the site file says so, and blames no stub.
func TestFromElsewhere(t *testing.T) {
	up := func(node string) recording.Event {
		return recording.Event{Kind: recording.SeesServer, Host: node, What: "app/s1", Text: "UP"}
	}
	for _, c := range []struct{ backend, defaults, want string }{
		{backend: "raw: source 192.0.2.10", want: "backends[0].raw says source 192.0.2.10, which b does not hold"},
		{backend: "server_defaults: {source: 192.0.2.10}", want: "backends[0].server_defaults.source says source 192.0.2.10, which b"},
		{defaults: "defaults: {raw: source 192.0.2.11}", want: "defaults.raw says source 192.0.2.11, which b does not hold"},
		{backend: "raw: source 192.0.2.12"}, // its own
		{backend: "raw: source 0.0.0.0"},
		{},
	} {
		text := "version: 1\nsite: s\nplatform: debian12\nnics: {lan: {device: eth0, subnet: 192.0.2.0/24}}\n" +
			"nodes: [{name: a, priority: 254, addresses: {lan: 192.0.2.11}}, {name: b, priority: 253, addresses: {lan: 192.0.2.12}}]\n" +
			"vrrp: [{name: V, nic: lan, virtual_router_id: 7, vips: [192.0.2.10]}]\n" + c.defaults + "\n" +
			"frontends: [{name: web, binds: [{vip: V, port: 80}], default_backend: app}]\n" +
			"backends:\n  - name: app\n    servers: [{name: s1, address: 192.0.2.21:80}]\n    " + c.backend + "\n"
		written, _, found := model.Load("site.yaml", []byte(text))
		if found.HasErrors() {
			t.Fatal(found, text)
		}
		got := fromElsewhere(Of(site.Resolve(written)), []recording.Event{up("a")}, "app/s1")
		if want := "b does not find app/s1 well: " + c.want; c.want == "" && got != "" || c.want != "" && !strings.HasPrefix(got, want) {
			t.Errorf("%s%s: %q, want %q", c.backend, c.defaults, got, want)
		}
	}
}
