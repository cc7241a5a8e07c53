package model

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
)

// proxies looks at frontends, backends and what they listen on.
func (c *cross) proxies() {
	names := unique{}
	backends := c.newTargets()
	for i, b := range c.site.Backends {
		c.proxyName(names, b.Name, place{"backends", i, "name"})
	}
	c.backends(names)
	l := c.newListeners()
	for i := range c.site.Frontends {
		f := &c.site.Frontends[i]
		c.proxyName(names, f.Name, place{"frontends", i, "name"})
		c.frontend(names, backends, i, f)
		binds := diag.Path("frontends").Index(i).Key("binds")
		for j, b := range f.Binds {
			c.bind(l, place{binds, j, ""}, b)
		}
	}
	for i := range c.site.Backends {
		c.rules(names, backends, i, &c.site.Backends[i])
	}
	c.loops(l)
}

// targets are what a route may name: backends, and lists of users.
type targets struct {
	known
	lists    known
	groups   map[string]map[string]bool // of a list
	modes    map[string]string
	counters map[string]int // sticky counters that are taken on the way to a backend
	ends     bool           // whether TLS for browsers ends somewhere in the site, or passes through
}

func (c *cross) newTargets() targets {
	t := targets{known: known{what: "backend", list: "backends", names: make(map[string]bool, len(c.site.Backends))},
		modes: make(map[string]string, len(c.site.Backends)), counters: map[string]int{}}
	for _, b := range c.site.Backends {
		t.names[b.Name], t.modes[b.Name] = true, c.site.backendMode(b)
	}
	t.lists, t.groups = c.userGroups()
	for i := range c.site.Frontends {
		f := &c.site.Frontends[i]
		t.ends = t.ends || f.EndsTLS() || c.site.frontendMode(*f) == ModeTCP
	}
	return t
}

func (c *cross) userGroups() (lists known, groups map[string]map[string]bool) {
	lists = known{what: "userlist", list: "userlists", names: map[string]bool{}}
	groups = map[string]map[string]bool{}
	for _, l := range c.site.Userlists {
		lists.names[l.Name], groups[l.Name] = true, map[string]bool{}
		for _, u := range l.Users {
			for _, g := range u.Groups {
				groups[l.Name][g] = true
			}
		}
	}
	return lists, groups
}

// proxyName wants each name once among frontends and backends, and leaves that
// of the statistics page alone.
func (c *cross) proxyName(names unique, name string, at place) {
	if name == StatsName && c.site.Stats != nil {
		c.add(at.path(), "duplicate", fmt.Sprintf("proxy %q is defined twice", name), "the statistics page has this name: give it another",
			c.elsewhere("the page is here", "stats"))
		return
	}
	if _, asked := c.site.Alive(); name == AliveName && asked != "" {
		c.add(at.path(), "duplicate", fmt.Sprintf("proxy %q is defined twice", name),
			"the page where Keepalived asks HAProxy has this name: give it another",
			c.elsewhere("it is asked here", asked))
		return
	}
	names.claim(c, name, at, "proxy")
}
