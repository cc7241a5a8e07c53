package graph

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// evil is added to every text of a graph. Whatever part of it a format takes for
// its own shows in the picture, or breaks it.
const evil = `</title></style></svg><img src=x onerror="hit=1">'"` + "`{{.}}&lt;&#34;\u202e\u2066\x1b[31m\x00\xff\uffff-->" +
	`<script>hit=1</script>];end;}]|)"] subgraph end #quot; %%{init: {"theme":"x"}}%% \N\l\" $$x$$ fa:fa-car click f0 "javascript:hit=1"`

// fifty is a site with 50 backends, to which two frontends lead.
func fifty(t testing.TB) Graph {
	t.Helper()
	var routes, backends strings.Builder
	for i := range 50 {
		fmt.Fprintf(&routes, "      - {when: [{host: [app%d.example.com, www.app%d.example.com]}, {path_beg: /v%d/}], backend: application-%d}\n",
			i, i, i%3, i)
		fmt.Fprintf(&backends, "  - name: application-%d\n    servers:\n", i)
		for j := range 2 + i%11 {
			fmt.Fprintf(&backends, "      - {name: app%d-server%d, address: \"[2001:db8:2:ffff:ffff:ffff:%x:%x]:8443\"}\n", i, j, i, j+0x1000)
		}
	}
	return read(t, "fifty.yaml", `version: 1
site: fifty
platform: debian12
nics:
  front: {device: eth0, subnet: [192.0.2.0/24, "2001:db8:1:ffff:ffff:ffff:0:0/96"]}
  back: {device: eth1, subnet: "2001:db8:2:ffff::/64"}
nodes:
  - name: lb1
    priority: 100
    addresses: {front: [192.0.2.11, "2001:db8:1:ffff:ffff:ffff:ffff:1111"], back: "2001:db8:2:ffff:ffff:ffff:ffff:1111"}
  - name: lb2
    priority: 50
    addresses: {front: [192.0.2.12, "2001:db8:1:ffff:ffff:ffff:ffff:1112"], back: "2001:db8:2:ffff:ffff:ffff:ffff:1112"}
vrrp:
  - {name: www, nic: front, virtual_router_id: 20, vips: [192.0.2.10, "2001:db8:1:ffff:ffff:ffff:ffff:1110"]}
frontends:
  - name: http
    binds: [{vip: www, port: 80}]
    routes:
`+routes.String()+`    default_backend: application-0
  - name: internal
    binds: [{nic: front, port: 8080}]
    routes:
`+routes.String()+`    default_backend: application-7
backends:
`+backends.String())
}

// hostile is an example whose every text has evil behind it.
func hostile(t testing.TB) Graph {
	g := example(t, "../../examples/kitchen-sink.yaml")
	g.Clients.Addresses = map[string][]string{"client": {"192.0.2.200", "192.0.2.201", "192.0.2.202"}}
	poison(reflect.ValueOf(&g).Elem())
	return g
}

// poison leaves what was the same name the same.
func poison(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			poison(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i))
		}
	case reflect.Map:
		poisoned := reflect.MakeMap(v.Type())
		for _, k := range v.MapKeys() {
			key := reflect.New(k.Type()).Elem()
			key.SetString(k.String())
			poison(key)
			poison(v.MapIndex(k))
			poisoned.SetMapIndex(key, v.MapIndex(k))
		}
		v.Set(poisoned)
	case reflect.String:
		if v.String() != "" && !strings.Contains(v.String(), evil) {
			v.SetString(v.String() + evil)
		}
	}
}
