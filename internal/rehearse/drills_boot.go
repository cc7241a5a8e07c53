package rehearse

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
)

// BootDrills returns the drills of a site whose nodes boot. The files are those of the sets.
func BootDrills(s *Subject, sets []artifact.Set, b *Booting) []Drill {
	all := []Drill{firstInstallation(s, b), steady(s)}
	for i := range s.Nodes {
		all = append(all, reboot(s, i))
	}
	all = append(all, lossDrillsOf(s, "node-lost")...)
	all = append(all, killedDrills(s)...)
	for _, d := range keepalivedDrills(s) {
		if strings.HasPrefix(d.Name, "keepalived-stopped") {
			all = append(all, d)
		}
	}
	all = append(all, haproxyBootDrills(s, sets)...)
	all = append(all, linkDrills(s)...)
	return append(all, changeDrills(b)...)
}

func lossDrillsOf(s *Subject, name string) []Drill {
	return slices.DeleteFunc(lossDrills(s), func(d Drill) bool { return !strings.HasPrefix(d.Name, name) })
}

// firstInstallation begins with nodes on which nothing of the site is.
func firstInstallation(s *Subject, b *Booting) Drill {
	d := Drill{
		Name: "installation", Title: "the site is installed on nodes that have nothing of it, in the order that lbgen plan says", bare: true,
		Must: "the preferred master takes the virtual IP, keeps it, and in the end every address answers, and servers do",
	}
	for i, name := range b.First {
		a := step{
			title: name + " is installed", wants: &judge.Wants{}, do: action{op: doInstall, node: name},
			faults: []fault{{node: nodeNumber(s, name), kind: failover.Machine}},
		}
		if i == len(b.First)-1 {
			a.asks = askEveryEntry
		}
		d.steps = append(d.steps, a)
	}
	return d
}

func nodeNumber(s *Subject, name string) int { return slices.Index(names(s), name) }

// reboot has a node shut down as its admin does, and boot.
func reboot(s *Subject, node int) Drill {
	name := s.Nodes[node].Name
	k, m := fault{node: node, kind: failover.Keepalived}, fault{node: node, kind: failover.Machine}
	idle := len(s.Nodes) > 1 && !slices.Contains(masters(s), node)
	return Drill{
		Name: "reboot-" + name, Title: name + " is rebooted",
		Must: "a master hands the virtual IP over when it goes down; it comes back by itself with preempt only",
		steps: []step{
			{title: name + " goes down", faults: []fault{k, m}, served: idle, do: action{op: doShutdown, node: name}},
			{title: name + " has booted", faults: []fault{m, k}, served: idle, do: action{op: doPowerOn, node: name}},
		},
	}
}

// restartsAfter and starting are how long systemd waits before it starts an HAProxy again
// that has ended (RestartSec, systemd.service(5)), and how long HAProxy takes at most.
const (
	restartsAfter = 100 * time.Millisecond
	starting      = 500 * time.Millisecond
)

// restarts says whether systemd starts an HAProxy again that has ended: the unit of
// Debian's packages and lbgen's own have Restart=always, that of RHEL has not.
func restarts(set artifact.Set) bool {
	unit, own := set.File("etc/systemd/system/haproxy.service")
	return !own && set.Host.Family == "debian" || own && strings.Contains(string(unit.Data), "\nRestart=always\n")
}

func haproxyBootDrills(s *Subject, sets []artifact.Set) []Drill {
	var all []Drill
	for _, d := range haproxyDrills(s) {
		if strings.HasPrefix(d.Name, "haproxy-stopped") || !slices.ContainsFunc(sets, restarts) {
			all = append(all, d)
		}
	}
	if !slices.ContainsFunc(sets, restarts) {
		return all
	}
	return append(all, perMaster(s, "haproxy-killed", func(node int) Drill {
		first := kill(s, node, lab.HAProxy, failover.HAProxy)
		first.title += ", and started again by systemd"
		first.faults = nil
		first.lapse = &failover.Window{Best: restartsAfter, Worst: restartsAfter + starting, Terms: []failover.Term{
			{What: "systemd waits", Formula: "RestartSec 100ms", Best: restartsAfter, Worst: restartsAfter},
			{What: "HAProxy starts", Best: 0, Worst: starting},
		}}
		return Drill{
			Title: first.title, Must: "it is back before Keepalived has noticed, and the virtual IP stays",
			Unable: noticesRestart(s, node), steps: []step{first},
		}
	})...)
}

// noticesRestart says why it is a matter of luck whether Keepalived sees that HAProxy was
// away for a moment; "" where it does not.
func noticesRestart(s *Subject, node int) string {
	for _, g := range groups(s) {
		for _, t := range g.Nodes[node].Trackers {
			if least := time.Duration(t.Fall-1) * t.Interval; t.Kind == failover.HAProxy && least < restartsAfter+starting {
				return fmt.Sprintf("systemd starts HAProxy again within %s to %s, and Keepalived may notice its end after %s (interval x (fall - 1)): "+
					"either may be first", judge.Seconds(restartsAfter), judge.Seconds(restartsAfter+starting), judge.Seconds(least))
			}
		}
	}
	return ""
}

// changeDrills are those in which the site is changed.
func changeDrills(b *Booting) []Drill {
	step := func(op op, what string) func(node string) step {
		return func(node string) step {
			return step{title: fmt.Sprintf(what, node), served: true, do: action{op: op, node: node, changed: true}}
		}
	}
	upgrade := step(doInstall, "the change is installed on %s")
	undo := step(doUndo, "install.sh --undo on %s")
	full := step(doFillInstall, "the change is to be installed on %s, whose disk is full")
	all := []Drill{
		{
			Name: "upgrade", Title: "a change is installed while clients ask: " + b.Change, every: often,
			Must: "no request fails",
		},
		{
			Name: "undo", Title: "the same, and every node goes back", every: often,
			Must: "no request fails, and the nodes are as they were",
		},
		{
			Name: "full-disk", Title: "a change meets a full disk on each node",
			Must: "install.sh refuses it, no request fails, and the node is as it was",
		},
	}
	for _, node := range b.Rolling {
		all[0].steps, all[1].steps = append(all[0].steps, upgrade(node)), append(all[1].steps, upgrade(node))
		all[2].steps = append(all[2].steps, full(node))
	}
	for _, node := range b.Rolling {
		all[1].steps = append(all[1].steps, undo(node))
	}
	for i := range all {
		if b.Change == "" {
			all[i].Title, all[i].Unable = "a change is installed", "the site has no server whose weight could be changed"
		}
	}
	return all
}
