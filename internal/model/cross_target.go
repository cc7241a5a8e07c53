package model

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/source"
)

// gate is a version that a field needs: its tag since:"haproxy 2.6".
type gate struct{ daemon, version string }

// gated is a field that has a gate, or leads to one that has.
type gated struct {
	index int
	key   string // "" for an embedded struct, whose fields belong to the one around it
	gate  gate   // zero: none of its own
	below bool   // there are gates further down
}

// gates are the fields of each type of the site file that are to be looked at.
// Types without any are absent, so that no site is walked value by value for
// nothing: it may have 100,000 servers.
type gates map[reflect.Type][]gated

var sharedGates = sync.OnceValue(func() gates {
	g := gates{}
	g.collect(reflect.TypeFor[Site](), map[reflect.Type]bool{})
	return g
})

// collect says whether the type or one that it is made of has gates.
func (g gates) collect(t reflect.Type, seen map[reflect.Type]bool) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return g.collect(t.Elem(), seen)
	case reflect.Struct:
	default:
		return false
	}
	if seen[t] {
		return len(g[t]) > 0
	}
	seen[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || f.Tag.Get("yaml") == "-" {
			continue
		}
		daemon, version, _ := strings.Cut(f.Tag.Get("since"), " ")
		entry := gated{index: i, key: f.Tag.Get("yaml"), gate: gate{daemon, version}, below: g.collect(f.Type, seen)}
		if version != "" || entry.below {
			g[t] = append(g[t], entry)
		}
	}
	return len(g[t]) > 0
}

// target wants no field that the nodes' daemons do not have.
func (c *cross) target() {
	if c.failed["platform"] || c.failed["target.haproxy"] || c.failed["target.keepalived"] || !c.oneFamily() {
		return
	}
	c.gates(sharedGates(), reflect.ValueOf(c.site).Elem())
}

// oneFamily wants the nodes' platforms to agree on what haproxy.cfg says, which is
// one for all of them.
func (c *cross) oneFamily() bool {
	own, good := c.site.machine(c.site.Platform), true
	for i, n := range c.site.Nodes {
		path := diag.Path("nodes").Index(i).Key("platform")
		p, known := PlatformNamed(cmp.Or(n.Platform, c.site.Platform))
		if known && p.Family != own.Family {
			c.add(path, "bad-value", fmt.Sprintf("node %q is of another family than platform %s", n.Name, c.site.Platform),
				"haproxy.cfg is the same on every node and names places that only one family has: expected one of "+strings.Join(relatives(own), ", "),
				c.elsewhere("the site's platform is here", "platform"))
		}
		good = good && known && p.Family == own.Family
	}
	return good
}

// relatives are the names of the platforms of the same family.
func relatives(of Platform) []string {
	var names []string
	for _, p := range platforms() {
		if p.Family == of.Family {
			names = append(names, p.Name)
		}
	}
	return names
}

// Lacking finds the fields of a site that other versions of the daemons, both of
// them named, do not have.
func (s *Site) Lacking(src *source.File, to Target) diag.List {
	other := *s
	other.Target = to
	c := &cross{decoder: &decoder{src: src}, site: &other}
	c.gates(sharedGates(), reflect.ValueOf(&other).Elem())
	src.Locate(c.found)
	for i := range c.found {
		c.found[i].Detail, c.found[i].Related = "take it out first, or stay with a version that has it", nil
	}
	return c.found
}

// gates walks what is written; the decoder's own path says where it is.
func (c *cross) gates(g gates, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			c.gates(g, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			c.at = append(c.at, step{index: i})
			c.gates(g, v.Index(i))
			c.at = c.at[:len(c.at)-1]
		}
	case reflect.Map:
		c.gatesOfMap(g, v)
	case reflect.Struct:
		for _, f := range g[v.Type()] {
			c.gatedField(g, f, v.Field(f.index))
		}
	}
}

func (c *cross) gatesOfMap(g gates, v reflect.Value) {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		c.at = append(c.at, step{key.String(), inMap})
		c.gates(g, v.MapIndex(key))
		c.at = c.at[:len(c.at)-1]
	}
}

func (c *cross) gatedField(g gates, f gated, v reflect.Value) {
	if v.IsZero() {
		return
	}
	if f.key != "" {
		c.at = append(c.at, step{f.key, inStruct})
		defer func() { c.at = c.at[:len(c.at)-1] }()
	}
	if f.gate.version != "" {
		c.needs(c.path(), fmt.Sprintf("field %q", f.key), f.gate)
	}
	if f.below {
		c.gates(g, v)
	}
}

// needs reports what the target's daemon is too old for.
func (c *cross) needs(path diag.Path, what string, g gate) {
	m := c.site.Machine()
	name, has, own, versions := "HAProxy", m.HAProxy, c.site.Target.HAProxy, HAProxyVersions()
	if g.daemon == "keepalived" {
		name, has, own, versions = "Keepalived", m.Keepalived, c.site.Target.Keepalived, KeepalivedVersions()
	}
	if slices.Index(versions, has) >= slices.Index(versions, g.version) {
		return
	}
	platform, at := c.oldest(g.daemon, has)
	says := c.elsewhere(fmt.Sprintf("platform %s has %s", platform, has), at)
	if own != "" {
		says = c.elsewhere("target says "+has, diag.Path("target").Key(g.daemon))
	}
	c.add(path, "needs-version", fmt.Sprintf("%s needs %s %s", what, name, g.version),
		fmt.Sprintf("%s: take it out, or write target: {%s: %q} where the nodes run that", says.Message, g.daemon, g.version),
		[]diag.Related{says}...)
}

// oldest is the platform that has the version, and where it is written.
func (c *cross) oldest(daemon, version string) (string, diag.Path) {
	for i, n := range c.site.Nodes {
		if p, own := PlatformNamed(n.Platform); own && p.version(daemon) == version {
			return n.Platform, diag.Path("nodes").Index(i).Key("platform")
		}
	}
	return c.site.Platform, "platform"
}
