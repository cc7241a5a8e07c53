package main

import "testing"

// TestKind reads some fields as docs/site-file.md names them.
func TestKind(t *testing.T) {
	want := map[string]string{
		"version":                             "`1`",
		"log":                                 "list of text or mapping, at most 4",
		"global.maxconn":                      "whole number from 1 to 10000000, or none",
		"defaults.mode":                       "one of `http`, `tcp`",
		"defaults.forwardfor":                 "true, false or mapping",
		"defaults.timeouts.queue":             "duration, or none",
		"nics":                                "mapping from [name](#names) to mapping",
		"nodes[].addresses":                   "mapping from name to address, or a list of them",
		"vrrp[].priorities":                   "mapping from name to whole number from 1 to 254",
		"vrrp[].vips":                         "list of text or mapping, at most 200",
		"frontends[].binds[].ports":           "port (1-65535), range such as 30000-30100, or a list of them, at most 10000",
		"frontends[].routes[].when[].host":    "a host name, such as www.example.com; or a list of them, at most 200",
		"backends[].servers[].name":           "[name](#names)",
		"backends[].servers[].tls.ca_file":    "absolute path",
		"backends[].servers[].check.inter":    "duration",
		"userlists[].users[].password_hash":   "[secret](#secrets)",
		"backends[].sorry.remote.tls.verify":  "one of `required`, `none`",
		"backends[].server_defaults.disabled": "true or false",
	}
	for _, s := range sections() {
		for _, f := range s.Fields {
			for _, path := range f.Paths {
				if w, ok := want[path]; ok && kind(f) != w {
					t.Errorf("%s is %q, not %q", path, kind(f), w)
				}
				delete(want, path)
			}
		}
	}
	for path := range want {
		t.Errorf("the model has no %s", path)
	}
}
