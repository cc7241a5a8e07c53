package rehearse

import (
	"fmt"
	"slices"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/site"
)

// steady looks at the site while all is well.
func steady(site *Subject) Drill {
	// A node that hears no other takes over when this time is up.
	still := stillness
	for _, g := range groups(site) {
		still = max(still, 4*g.Slowest()+judge.OwnDelay)
	}
	return Drill{
		Name: "steady", Title: "All is well",
		Must:  "each virtual IP is on its preferred node and nowhere else, every address answers, every server gets its share",
		steps: []step{{title: "nothing is done", served: true, still: still, asks: askEveryEntry, wants: &judge.Wants{}}},
	}
}

// names are those of the nodes.
func names(site *Subject) []string {
	var all []string
	for _, n := range site.Nodes {
		all = append(all, n.Name)
	}
	return all
}

// masters are the nodes that have a virtual IP while all is well, each once.
func masters(site *Subject) []int {
	var all []int
	for _, g := range groups(site) {
		for _, o := range g.Start().Masters {
			if !slices.Contains(all, o) {
				all = append(all, o)
			}
		}
	}
	slices.Sort(all)
	return all
}

// perMaster makes a drill for each node that is master of a group: for one alone it
// has the plain name.
func perMaster(site *Subject, name string, make func(node int) Drill) []Drill {
	var all []Drill
	nodes := masters(site)
	if len(site.Nodes) < 2 {
		return nil
	}
	for _, node := range nodes {
		d := make(node)
		d.Name = name
		if len(nodes) > 1 {
			d.Name += "-" + site.Nodes[node].Name
		}
		all = append(all, d)
	}
	return all
}

// The steps that drills are put together from.

func start(site *Subject, node int, daemon string, kind failover.Kind) step {
	name := site.Nodes[node].Name
	return step{
		title: fmt.Sprintf("%s on %s is started again", title(daemon), name), faults: []fault{{node: node, kind: kind}},
		do: action{op: doStart, node: name, daemon: daemon},
	}
}

func stop(site *Subject, node int, daemon string, kind failover.Kind) step {
	name := site.Nodes[node].Name
	return step{
		title: fmt.Sprintf("%s on %s is stopped", title(daemon), name), faults: []fault{{node: node, kind: kind}},
		do: action{op: doStop, node: name, daemon: daemon},
	}
}

func kill(site *Subject, node int, daemon string, kind failover.Kind) step {
	a := stop(site, node, daemon, kind)
	name := site.Nodes[node].Name
	a.title = fmt.Sprintf("%s on %s is killed", title(daemon), name)
	a.do.op = doKill
	return a
}

func title(daemon string) string {
	if daemon == lab.HAProxy {
		return "HAProxy"
	}
	return "Keepalived"
}

// restart is how an admin has the virtual IPs go back by hand.
func restart(site *Subject, node int) step {
	name := site.Nodes[node].Name
	k := fault{node: node, kind: failover.Keepalived}
	return step{
		title: fmt.Sprintf("Keepalived on %s is restarted", name), faults: []fault{k, k},
		do: action{op: doRestart, node: name, daemon: lab.Keepalived},
	}
}

// after returns the state, after the steps, of the first group in which the node
// is master of a group while all is well.
func after(site *Subject, node int, steps []step) failover.State {
	for _, g := range groups(site) {
		s := g.Start()
		if !slices.Contains(s.Masters, node) {
			continue
		}
		for _, a := range steps {
			s = foresee(g, s, a.faults).to
		}
		return s
	}
	return failover.State{}
}

// goBack adds what brings the virtual IPs back to the node, if they have not
// come by themselves: the restart of whoever has them.
func goBack(site *Subject, node int, steps []step, how func(master int) step) []step {
	if s := after(site, node, steps); len(s.Masters) == 1 && s.Masters[0] != node {
		return append(steps, how(s.Masters[0]))
	}
	return steps
}

func keepalivedDrills(site *Subject) []Drill {
	stopped := perMaster(site, "keepalived-stopped", func(node int) Drill {
		steps := []step{stop(site, node, lab.Keepalived, failover.Keepalived), start(site, node, lab.Keepalived, failover.Keepalived)}
		return Drill{
			Title: fmt.Sprintf("Keepalived on %s is stopped and started again, then the virtual IP is brought back", site.Nodes[node].Name),
			Must:  "the virtual IP moves at once; it comes back by itself with preempt only",
			steps: goBack(site, node, steps, func(master int) step { return restart(site, master) }),
		}
	})
	return append(stopped, perMaster(site, "keepalived-reloaded", func(node int) Drill {
		name := site.Nodes[node].Name
		return Drill{
			Title: fmt.Sprintf("Keepalived on %s reads its configuration again", name),
			Must:  "the virtual IP stays where it is, and nobody notices",
			steps: []step{{
				title: fmt.Sprintf("Keepalived on %s is reloaded", name), served: true,
				do: action{op: doReload, node: name, daemon: lab.Keepalived},
			}},
		}
	})...)
}

func haproxyDrills(s *Subject) []Drill {
	if why := unwatchable(s); why != "" {
		unable := func(name string) []Drill {
			return perMaster(s, name, func(int) Drill {
				return Drill{Title: "HAProxy ends", Must: "the virtual IP moves", Unable: why}
			})
		}
		return append(unable("haproxy-stopped"), unable("haproxy-killed")...)
	}
	ends := func(name, must string, end func(*Subject, int, string, failover.Kind) step) []Drill {
		return perMaster(s, name, func(node int) Drill {
			first := end(s, node, lab.HAProxy, failover.HAProxy)
			steps := []step{first, start(s, node, lab.HAProxy, failover.HAProxy)}
			return Drill{
				Title: first.title + " and started again",
				Must:  must,
				steps: goBack(s, node, steps, func(master int) step {
					return end(s, master, lab.HAProxy, failover.HAProxy)
				}),
			}
		})
	}
	return append(
		ends("haproxy-stopped", "a node without HAProxy gives the virtual IP away, whichever of the two it is", stop),
		ends("haproxy-killed", "a node whose HAProxy has died gives the virtual IP away, whichever of the two it is", kill)...)
}

// unwatchable says why Keepalived cannot see HAProxy end in here.
func unwatchable(site *Subject) string {
	for _, v := range site.VRRP {
		if h := v.Track.HAProxy; h != nil && h.Method == "process" {
			return "Keepalived watches the kernel's process events here (track.haproxy.method: process), and the kernel tells of them outside " +
				"of namespaces only"
		}
		if name := site.ownWatch(&v); name != "" {
			return fmt.Sprintf("what watches HAProxy is check %s, a program of the nodes' own that is not on this machine", name)
		}
	}
	return ""
}

// ownWatch is the name of a script that alone watches HAProxy, and of which nothing
// but the site file says so; "" where there is none.
func (s *Subject) ownWatch(v *site.VRRP) string {
	name := ""
	for i := range v.Track.Scripts {
		t := &v.Track.Scripts[i]
		switch {
		case v.Track.HAProxy != nil || t.WatchesHAProxy && (t.Watches == "" || keepalived.NamesHAProxy(t.Command) || s.Own[t.Command[0]]):
			return ""
		case t.WatchesHAProxy:
			name = t.Name
		}
	}
	return name
}

func linkDrills(site *Subject) []Drill {
	var all []Drill
	for _, role := range watchedNICs(site) {
		all = append(all, perMaster(site, "link-lost-"+role, func(node int) Drill {
			n := site.Nodes[node]
			device := n.Device(role)
			link := func(up bool, how string) step {
				return step{
					title:  fmt.Sprintf("%s (%s) of %s %s", device, role, n.Name, how),
					faults: []fault{{node: node, kind: failover.NIC, role: role}},
					do:     action{op: doCarrier, node: n.Name, device: device, on: up},
				}
			}
			return Drill{
				Title: fmt.Sprintf("the %s NIC of %s loses its link, and gets it back", role, n.Name),
				Must:  "the node gives the virtual IP away",
				steps: []step{link(false, "loses its link"), link(true, "has its link back")},
			}
		})...)
	}
	return all
}

// watchedNICs are the roles of the NICs whose link counts: the instances' own
// and those under track.
func watchedNICs(site *Subject) []string {
	var all []string
	for _, v := range site.VRRP {
		all = append(all, v.NIC)
		for _, t := range v.Track.NICs {
			all = append(all, t.NIC)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func lossDrills(site *Subject) []Drill {
	all := perMaster(site, "node-lost", func(node int) Drill {
		return Drill{
			Title: site.Nodes[node].Name + " is lost at once, as by a power cut, and comes back",
			Must:  "another node takes over when it has heard nothing for long enough",
			steps: []step{lose(site, node), powerOn(site, node)},
		}
	})
	if len(site.Nodes) > 2 {
		all = append(all, perMaster(site, "two-nodes-lost", func(node int) Drill { return twoLost(site, node) })...)
	}
	return append(all, splitDrills(site)...)
}

// killedDrills have Keepalived end at once while its machine lives: the addresses
// stay until systemd has started it again. Clients may be served by either, or by
// nobody, in between.
func killedDrills(site *Subject) []Drill {
	return perMaster(site, "keepalived-killed", func(node int) Drill {
		name := site.Nodes[node].Name
		k := fault{node: node, kind: failover.Killed}
		title := fmt.Sprintf("Keepalived on %s is killed, and started again after %s", name, failover.RestartAfter)
		return Drill{
			Title: title + ", as systemd does",
			Must:  "another node takes over, and the virtual IP is on one node again",
			steps: []step{{
				title: title, faults: []fault{k, k}, wants: &judge.Wants{},
				do: action{op: doKillRestart, node: name, daemon: lab.Keepalived},
			}},
		}
	})
}

// deafDrills have, for each network that adverts go over, one backup that alone
// does not hear the master.
func deafDrills(s *Subject) []Drill {
	var all []Drill
	net := s.Networks()
	for _, role := range watchedNICs(s) {
		node := -1
		for _, g := range groups(s) {
			if start := g.Start(); slices.Contains(g.nics, role) && node < 0 && len(g.Nodes) > 1 && len(start.Masters) == 1 {
				node = slices.IndexFunc(s.Nodes, func(n site.Node) bool { return n.Index != start.Masters[0] })
			}
		}
		if node < 0 {
			continue
		}
		name := s.Nodes[node].Name
		deaf := func(on bool, what string) step {
			return step{
				title: what, split: on, faults: []fault{{node: node, kind: failover.Deaf, role: role}},
				do: action{op: doDeafen, node: name, network: net[role], on: on},
			}
		}
		all = append(all, Drill{
			Name: "deaf-" + role, Title: fmt.Sprintf("%s alone does not hear the others' adverts on NIC %s, and hears them again", name, role),
			Must:  "no group survives this: it becomes a second master, and that has to show; afterwards it gives the virtual IP up",
			steps: []step{deaf(true, name+" hears no adverts on "+role), deaf(false, name+" hears them again on "+role)},
		})
	}
	return all
}

func lose(site *Subject, node int) step {
	name := site.Nodes[node].Name
	return step{
		title: name + " is lost", faults: []fault{{node: node, kind: failover.Machine}},
		do: action{op: doLose, node: name},
	}
}

func powerOn(site *Subject, node int) step {
	name := site.Nodes[node].Name
	return step{
		title: name + " is back", faults: []fault{{node: node, kind: failover.Machine}},
		do: action{op: doPowerOn, node: name},
	}
}

func twoLost(site *Subject, node int) Drill {
	steps := []step{lose(site, node)}
	s := after(site, node, steps)
	if len(s.Masters) == 1 {
		steps = append(steps, lose(site, s.Masters[0]), powerOn(site, s.Masters[0]), powerOn(site, node))
	}
	return Drill{
		Title: "two nodes are lost one after the other, and come back",
		Must:  "the last one serves",
		steps: steps,
	}
}

// splitDrills have one for each network that adverts go over.
func splitDrills(s *Subject) []Drill {
	var all []Drill
	net := s.Networks()
	for _, role := range watchedNICs(s) {
		if len(s.Nodes) < 2 || !slices.ContainsFunc(s.VRRP, func(v site.VRRP) bool { return v.NIC == role }) {
			continue
		}
		block := func(on bool, what string) step {
			return step{
				title: what, split: on, faults: []fault{{kind: failover.Adverts, role: role}},
				do: action{op: doIsolate, network: net[role], on: on},
			}
		}
		all = append(all, Drill{
			Name: "vrrp-blocked-" + role, Title: fmt.Sprintf("VRRP is blocked between the nodes on NIC %s, and passes again", role),
			Must:  "no group survives this: both nodes have the virtual IP, and that has to show; afterwards one of them gives it up",
			steps: []step{block(true, "VRRP is blocked on "+role), block(false, "VRRP passes again on "+role)},
		})
	}
	return all
}
