package model

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
)

// resolvers wants each name once, somebody to ask, and every reference to lead
// to one of them.
func (c *cross) resolvers() {
	names := unique{}
	list := known{what: "resolvers", list: "resolvers", names: map[string]bool{}}
	for i, r := range c.site.Resolvers {
		path := diag.Path("resolvers").Index(i)
		names.claim(c, r.Name, place{"resolvers", i, "name"}, "resolvers")
		list.names[r.Name] = true
		if len(r.Nameservers) == 0 && !r.ParseResolvConf && !c.hasFailedBelow(path) {
			c.add(path, "missing-field", fmt.Sprintf("resolvers %q have nobody to ask", r.Name),
				"add nameservers, such as [192.168.50.53:53], or parse_resolv_conf: true")
		}
		for j, s := range r.Nameservers {
			if s.Host != "" {
				c.add(path.Key("nameservers").Index(j), "bad-value", fmt.Sprintf("name server %s is given by name", s),
					"write its address and port, such as 192.168.50.53:53")
			}
		}
	}
	for i, b := range c.site.Backends {
		path := diag.Path("backends").Index(i)
		c.refer(path.Key("server_defaults").Key("resolvers"), b.ServerDefaults.Resolvers, list)
		for j, s := range b.Servers {
			if s.Resolvers != "" {
				c.refer(path.Key("servers").Index(j).Key("resolvers"), s.Resolvers, list)
			}
		}
		for j, t := range b.ServerTemplates {
			c.refer(path.Key("server_templates").Index(j).Key("resolvers"), t.Resolvers, list)
		}
	}
}
