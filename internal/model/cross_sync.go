package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// SyncGroup is instances that move together.
type SyncGroup struct {
	Name    string
	Members []int // of the list vrrp, in its order
}

// SyncGroups returns the groups in the order of their first members: those that
// share a sync_group, and an item with VIPs of both families by itself. An
// instance can be in one group only, so that such an item's two instances are
// in its sync_group where it has one.
func (s *Site) SyncGroups() []SyncGroup {
	var groups []SyncGroup
	named := map[string]int{}
	for i, v := range s.VRRP {
		at, known := named[v.SyncGroup]
		switch {
		case v.SyncGroup != "" && known:
			groups[at].Members = append(groups[at].Members, i)
		case v.SyncGroup != "":
			named[v.SyncGroup] = len(groups)
			groups = append(groups, SyncGroup{v.SyncGroup, []int{i}})
		case v.HasFamily(4) && v.HasFamily(6):
			groups = append(groups, SyncGroup{v.Name, []int{i}})
		}
	}
	return groups
}

func (c *cross) syncGroups() {
	names := unique{}
	for _, g := range c.site.SyncGroups() {
		first := c.site.VRRP[g.Members[0]]
		at := place{"vrrp", g.Members[0], "sync_group"}
		if first.SyncGroup == "" {
			at.rest = "name"
		}
		names.claim(c, g.Name, at, "sync group")
		if len(g.Members) == 1 && (!first.HasFamily(4) || !first.HasFamily(6)) {
			c.add(at.path(), "bad-value", fmt.Sprintf("sync group %q has one member", g.Name),
				"a group needs two: write the same sync_group in another instance, or take it out")
		}
		for _, i := range g.Members {
			c.sameWay(g, first, i)
			c.noWeights(diag.Path("vrrp").Index(i).Key("track"), c.site.VRRP[i].Track)
		}
	}
}

// sameWay wants the members of a group to prefer the same nodes and to agree in
// when they go back to them: otherwise each election of one undoes the other's.
func (c *cross) sameWay(g SyncGroup, first VRRP, i int) {
	v, at := c.site.VRRP[i], diag.Path("vrrp").Index(i)
	where := c.elsewhere("the other is here", diag.Path("vrrp").Index(g.Members[0]))
	if !slices.Equal(c.order(first), c.order(v)) {
		c.add(at.Key("sync_group"), "bad-value", fmt.Sprintf("instances %q and %q prefer different nodes", first.Name, v.Name),
			fmt.Sprintf("a group moves together and would be elected for ever: give their priorities one order, %s or %s",
				strings.Join(c.order(first), " > "), strings.Join(c.order(v), " > ")), where)
	}
	if first.Preempt != v.Preempt || first.PreemptDelay != v.PreemptDelay {
		c.add(at.Key("sync_group"), "bad-value", fmt.Sprintf("instances %q and %q differ in preempt", first.Name, v.Name),
			"a group moves together: write the same preempt and preempt_delay in all of its instances", where)
	}
}

// order returns the nodes' names, the preferred master first.
func (c *cross) order(v VRRP) []string {
	nodes := slices.Clone(c.site.Nodes)
	slices.SortStableFunc(nodes, func(a, b Node) int { return cmp.Compare(v.Priority(b), v.Priority(a)) })
	var names []string
	for _, n := range nodes {
		names = append(names, n.Name)
	}
	return names
}

// noWeights refuses what Keepalived ignores in a group.
func (c *cross) noWeights(track diag.Path, t Track) {
	refuse := func(weight Weight, at diag.Path) {
		if weight != 0 {
			c.add(at.Key("weight"), "bad-value", "a weight has no effect in a sync group",
				"the instances of a group (and VIPs of both families are one) have one state: take it out, a failure then takes all of them away")
		}
	}
	for i, n := range t.NICs {
		refuse(n.Weight, track.Key("nics").Index(i))
	}
	if t.HAProxy != nil {
		refuse(t.HAProxy.Weight, track.Key("haproxy"))
	}
	for i, s := range t.Scripts {
		if s.Weight != nil {
			refuse(*s.Weight, track.Key("scripts").Index(i))
		}
	}
}
