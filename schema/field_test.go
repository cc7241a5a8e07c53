package schema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/schema"
)

func TestFieldsAreFound(t *testing.T) {
	fields, err := schema.ReadFields()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]schema.Field{
		"vrrp.preempt":                  {Path: "vrrp[].preempt", Type: "true or false"},
		"vrrp[0].preempt":               {Path: "vrrp[].preempt", Type: "true or false"},
		"nics.front.device":             {Path: "nics.*.device", Type: "text"},
		"backends.health.http":          {Path: "backends[].health.http", Type: "mapping"},
		"backends[].servers[].address":  {Path: "backends[].servers[].address", Type: "text", Required: true},
		"frontends.binds.ports":         {Path: "frontends[].binds[].ports", Type: "whole number, or text, or list"},
		"vrrp.track.haproxy":            {Path: "vrrp[].track.haproxy", Type: "true or false, or mapping"},
		"nodes.addresses":               {Path: "nodes[].addresses", Required: true},
		"global.tls.min_version":        {Path: "global.tls.min_version", Type: "text"},
		"backends.persist.cookie.name":  {Path: "backends[].persist.cookie.name", Type: "text", Required: true},
		"vrrp.track.haproxy.http.uri":   {Path: "vrrp[].track.haproxy.http.uri", Type: "text"},
		"firewall.zones.public.forward": {Path: "firewall.zones.*.forward", Type: "true or false"},
		"firewall.zones.forward":        {Path: "firewall.zones.*.forward", Type: "true or false"},
		"nics":                          {Path: "nics", Type: "mapping of names to mappings"},
	} {
		f, ok := fields.Find(path)
		if !ok || f.Path != want.Path || want.Type != "" && f.Type != want.Type || f.Required != want.Required {
			t.Errorf("%s: got %v, %q, %q, required %v", path, ok, f.Path, f.Type, f.Required)
		}
		if f.Description == "" {
			t.Errorf("%s is not described", path)
		}
	}
	for _, path := range []string{"", "vrrp.prempt", "vrrp.preempt.more", "nobody", "backends."} {
		if f, ok := fields.Find(path); ok {
			t.Errorf("%q is taken for %s", path, f.Path)
		}
	}
}

// TestEveryPathIsFound: what completion offers is explained.
func TestEveryPathIsFound(t *testing.T) {
	fields, err := schema.ReadFields()
	if err != nil {
		t.Fatal(err)
	}
	paths := fields.Paths()
	if len(paths) < 300 || !slices.Contains(paths, "backends.servers.weight") {
		t.Fatalf("%d paths", len(paths))
	}
	for _, p := range paths {
		if f, ok := fields.Find(p); !ok || !strings.HasSuffix(schema.Plain(f.Path), p) {
			t.Errorf("%s: %v, %s", p, ok, f.Path)
		}
	}
}
