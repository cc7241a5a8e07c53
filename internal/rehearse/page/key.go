package page

import (
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/judge"
)

// key says which colour a node or a server has, the same in every picture, and
// which group an address belongs to.
type key struct {
	top     judge.Topology
	nodes   []string
	servers []string
}

func newKey(r judge.Result) *key {
	k := &key{top: r.Topology}
	k.nodes, k.servers = slices.Clone(r.Topology.Nodes), slices.Clone(r.Topology.Servers)
	return k
}

func (k *key) node(name string) int { return place(&k.nodes, name) }

// server knows a server by its name with or without its backend.
func (k *key) server(name string) int {
	short := func(s string) bool { return s == name || strings.HasSuffix(s, "/"+name) }
	if i := slices.IndexFunc(k.servers, short); i >= 0 && name != "" {
		return i
	}
	return place(&k.servers, name)
}

// place finds a name in a list, to which it is added where it is new.
func place(list *[]string, name string) int {
	if i := slices.Index(*list, name); i >= 0 {
		return i
	}
	*list = append(*list, name)
	return len(*list) - 1
}

func (k *key) group(vip string) string {
	i := slices.IndexFunc(k.top.VIPs, func(v judge.VIP) bool { return v.Address == vip })
	if i < 0 {
		return ""
	}
	return k.top.VIPs[i].Group
}

// vipsOf returns the addresses that a chart has rows for: all of the site, if
// it was looked who has them.
func (k *key) vipsOf(t judge.Timeline) []string {
	var vips []string
	if len(t.VIPSpans) == 0 {
		return nil
	}
	for _, v := range k.top.VIPs {
		place(&vips, v.Address)
	}
	for _, h := range t.VIPSpans {
		place(&vips, h.VIP)
	}
	return vips
}

// nodesOf are the lanes of an address: the nodes of the site, and whoever else
// had it. Of a long list only those that did.
func (k *key) nodesOf(spans []judge.VIPSpan) []string {
	var lanes []string
	if len(k.top.Nodes) <= 4 {
		lanes = slices.Clone(k.top.Nodes)
	}
	for _, h := range spans {
		place(&lanes, h.Node)
	}
	return lanes
}
