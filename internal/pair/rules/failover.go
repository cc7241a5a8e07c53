package rules

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/pair"
)

// failoverRules are about who is to be master, and when.
func failoverRules() []Rule {
	return []Rule{
		{ID: "LB1001", Name: "failover-not-proved", Severity: diag.Error,
			Mistakes: []string{"KA02", "KA03", "KA04", "KA05", "KA07", "KA17", "XN01", "XN02", "XN03", "XN04", "XN05", "XN06", "XN07", "XN08"},
			Bad:      instance("@lb1 virtual_router_id 24\n@lb2 §virtual_router_id 25"), Run: notProved},
		{ID: "LB1006", Name: "weight-keeps-dead-node", Severity: diag.Warning, Mistakes: []string{"KA06"},
			Bad: instance("track_script {\n    §alive weight -50\n}"), Run: deadNodeStays},
		{ID: "LB5001", Name: "master-with-nopreempt", Severity: diag.Warning, Mistakes: []string{"KA01"},
			Title: "`nopreempt` beside `state MASTER` does nothing",
			Text: "Keepalived takes `nopreempt` out where the state is MASTER, so that the node takes the virtual IPs back as soon as it is " +
				"well. Write `state BACKUP` on every node: the priorities decide.",
			Bad: instance("state MASTER\n@lb2 state BACKUP\n@lb1 §nopreempt"), Run: each(func(p *Pass, m *pair.Member) {
				if m.State == "MASTER" && m.Block.Line("nopreempt") != nil {
					p.Report(m.At("nopreempt"), "nopreempt has no effect beside state MASTER", "write state BACKUP on every node")
				}
			})},
		{ID: "LB5002", Name: "state-against-priority", Severity: diag.Warning, Mistakes: []string{},
			Title: "The node called MASTER has not the highest priority",
			Text: "`state` says what a node is for the first seconds after its start. Then the priorities decide, so that the node called " +
				"MASTER loses the virtual IPs, and each start of it is two moves.",
			Bad: instance("@lb1 state BACKUP\n@lb2 §state MASTER"), Run: stateAgainstPriority},
		{ID: "LB5003", Name: "two-masters", Severity: diag.Warning, Mistakes: []string{"XN09"},
			Title: "`state MASTER` stands on several nodes",
			Text: "Each of them takes the virtual IPs when it starts, until it hears the others' adverts. Write `state BACKUP` on every node: " +
				"the priorities decide.",
			Bad: instance("@lb1 state MASTER\n@lb2 §state MASTER\npriority 100\n@lb1 priority 110"), Run: twoMasters},
		{ID: "LB5004", Name: "nopreempt-everywhere", Severity: diag.Warning, Mistakes: []string{"XN13"},
			Title: "`nopreempt` stands on all nodes",
			Text: "A node whose priority fell, and one that has fewer services, is never relieved by a better one. It belongs on the node " +
				"with the highest priority alone: the others have nobody below them who could be better.",
			Bad: instance("§nopreempt"), Run: nopreemptEverywhere},
		{ID: "LB5005", Name: "delay-without-preemption", Severity: diag.Info, Mistakes: []string{"KA36"},
			Title: "`preempt_delay` beside `nopreempt` or `state MASTER` is forgotten",
			Text: "With `nopreempt` a node takes nothing back, so that there is nothing to wait for. Beside `state MASTER` Keepalived clears the " +
				"delay: a node that is to wait begins as BACKUP.",
			Bad: instance("@lb1 nopreempt\n@lb1 §preempt_delay 30"), Run: each(func(p *Pass, m *pair.Member) {
				if m.NoPreempt && m.Block.Line("preempt_delay") != nil {
					p.Report(m.At("preempt_delay"), "preempt_delay has no effect beside nopreempt", "take one of them out")
				} else if m.State == "MASTER" && m.Block.Line("preempt_delay") != nil {
					p.Report(m.At("preempt_delay"), "preempt_delay has no effect beside state MASTER: Keepalived clears it", "write state BACKUP")
				}
			})},
	}
}

func notProved(p *Pass) {
	f := p.Pair.Failover()
	for _, d := range f.Found {
		p.Report(d.Subject, d.Summary, d.Detail, d.Related...)
	}
	for _, g := range f.Groups {
		for _, fault := range g.Prove() {
			p.Report(f.Places[fault.Path], fault.Text, g.Detail(fault))
		}
	}
}

func stateAgainstPriority(p *Pass) {
	for _, r := range p.Pair.Routers() {
		for _, m := range r.Members {
			for _, o := range r.Members {
				if m.State == "MASTER" && o.State != "MASTER" && o.Priority > m.Priority {
					p.Report(m.At("state"), fmt.Sprintf("state MASTER with priority %d, and %s has %d", m.Priority, o.Node.Name, o.Priority),
						"give it the highest priority, or write state BACKUP", diag.Related{Message: "the higher one", Range: o.At("priority")})
				}
			}
		}
	}
}

func twoMasters(p *Pass) {
	for _, r := range p.Pair.Routers() {
		var first *pair.Member
		for _, m := range r.Members {
			if m.State != "MASTER" {
				continue
			}
			if first != nil {
				p.Report(m.At("state"), "state MASTER on "+first.Node.Name+" and on "+m.Node.Name,
					"write state BACKUP on every node: the priorities decide",
					diag.Related{Message: "the first", Range: first.At("state")})
				break
			}
			first = m
		}
	}
}

func nopreemptEverywhere(p *Pass) {
	for _, r := range p.Pair.Routers() {
		all := len(r.Members) > 1
		for _, m := range r.Members {
			all = all && m.NoPreempt
		}
		if all {
			p.Report(r.Members[0].At("nopreempt"), "nopreempt stands on all nodes", "take it out on the node with the lowest priority")
		}
	}
}

// deadNodeStays leaves out what LB1001 speaks of: its remedy is the same.
func deadNodeStays(p *Pass) {
	faulty := map[diag.Range]bool{}
	f := p.Pair.Failover()
	for _, g := range f.Groups {
		for _, fault := range g.Prove() {
			faulty[f.Places[fault.Path]] = true
		}
	}
	each(func(p *Pass, m *pair.Member) {
		for _, t := range m.Tracks {
			if t.Kind == failover.HAProxy && t.Weight != 0 && !faulty[t.At] {
				p.Report(t.At, "where HAProxy is dead on all nodes, one of them still has the virtual IPs: its check has a weight",
					"take the weight out: a node without HAProxy is in FAULT then, whatever the priorities are")
			}
		}
	})(p)
}
