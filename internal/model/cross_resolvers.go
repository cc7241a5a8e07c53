package model

import "fmt"

// resolvers wants each name once, somebody to ask, and every reference to lead
// to one of them.
func (c *cross) resolvers() {
	names := unique{}
	list := known{what: "resolvers", list: "resolvers", names: map[string]bool{}}
	for i, r := range c.site.Resolvers {
		path := index("resolvers", i)
		names.claim(c, r.Name, place{"resolvers", i, ".name"}, "resolvers")
		list.names[r.Name] = true
		if len(r.Nameservers) == 0 && !r.ParseResolvConf && !c.hasFailedBelow(path) {
			c.add(path, "missing-field", fmt.Sprintf("resolvers %q have nobody to ask", r.Name), "add nameservers, such as [192.168.50.53:53], or parse_resolv_conf: true")
		}
		for j, s := range r.Nameservers {
			if s.Host != "" {
				c.add(index(path+".nameservers", j), "bad-value", fmt.Sprintf("name server %s is given by name", s), "write its address and port, such as 192.168.50.53:53")
			}
		}
	}
	for i, b := range c.site.Backends {
		path := index("backends", i)
		c.refer(path+".server_defaults.resolvers", b.ServerDefaults.Resolvers, list)
		for j, s := range b.Servers {
			if s.Resolvers != "" {
				c.refer(index(path+".servers", j)+".resolvers", s.Resolvers, list)
			}
		}
		for j, t := range b.ServerTemplates {
			c.refer(index(path+".server_templates", j)+".resolvers", t.Resolvers, list)
		}
	}
}
