package graph

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// edge leads from one thing to another one, in the formats that lay out for
// themselves. Names in it are the program's own.
type edge struct {
	from, to string
	words    string // what must hold, with the number of the route
	end      string // what "to" is, where it is nothing else in the graph
	standby  bool   // a way that is taken after a failover
}

// edges are all of the graph: from the clients to the nodes that have the virtual
// IPs, from there to the frontends, and by their routes to backends.
func (g *Graph) edges() []edge {
	var all []edge
	anyVIP := slices.ContainsFunc(g.Nodes, func(n Node) bool { return len(n.VIPs) > 0 })
	for i := range g.Nodes {
		standby := anyVIP && len(g.Nodes[i].VIPs) == 0
		all = append(all, edge{from: "clients", to: fmt.Sprintf("n%d", i), standby: standby})
		for j := range g.Frontends {
			all = append(all, edge{from: fmt.Sprintf("n%d", i), to: fmt.Sprintf("f%d", j), standby: standby})
		}
	}
	for i := range g.Frontends {
		for j := range g.Frontends[i].Routes {
			all = append(all, g.way(i, j))
		}
	}
	return all
}

// way is that of requests which one route takes.
func (g *Graph) way(frontend, route int) edge {
	r := &g.Frontends[frontend].Routes[route]
	e := edge{from: fmt.Sprintf("f%d", frontend), words: r.condition(route)}
	if !r.Last {
		e.words = "(" + strconv.Itoa(route+1) + ") " + e.words
	}
	to := slices.IndexFunc(g.Backends, func(b Backend) bool { return b.Name == r.Backend })
	if to < 0 {
		e.to, e.end = fmt.Sprintf("f%dr%d", frontend, route), r.Action
		return e
	}
	e.to = fmt.Sprintf("b%d", to)
	return e
}

// words are the lines of a node.
func (n *Node) words() []string {
	all := []string{n.Name}
	for _, v := range n.VIPs {
		all = append(all, "VIP "+v)
	}
	for _, nic := range n.NICs {
		all = append(all, strings.TrimSpace(nic.Device+", "+nic.Role+": "+strings.Join(nic.Addresses, ", ")))
	}
	return all
}

// words are the lines of a frontend.
func (f *Frontend) words() []string {
	all := []string{f.Name + " (" + f.Mode + ")"}
	for i := range f.Binds {
		all = append(all, f.Binds[i].words())
	}
	return append(all, f.Notes...)
}

// words are the lines of a backend.
func (b *Backend) words() []string {
	all := append([]string{b.Name + " (" + b.Mode + ")"}, b.About...)
	for i := range b.Rules {
		all = append(all, b.Rules[i].condition(0)+": "+b.Rules[i].Action)
	}
	shown := b.shown()
	for i := range shown {
		all = append(all, strings.Join(strings.Fields(shown[i].words()), " "))
	}
	if more := len(b.Servers) - len(shown); more > 0 {
		all = append(all, "and "+strconv.Itoa(more)+" more servers")
	}
	if b.Sorry != "" {
		all = append(all, "all down: "+b.Sorry)
	}
	return append(all, b.Notes...)
}
