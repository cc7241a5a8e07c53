package rules

import (
	"fmt"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/lint"
)

func overBudget() lint.Rule {
	return lint.Rule{
		ID: "LB1002", Name: "failover-over-budget", Since: "0.1",
		Title: "A failover takes longer than failover_budget",
		Text: `The site file says with ` + "`failover_budget`" + ` how long a failover may take, and one takes longer at worst. The
finding names the part of the sum that costs most; ` + "`lbgen timing`" + ` prints all sums.`,
		Bad:  "failover_budget: §3s\n",
		Good: "failover_budget: 5s\n",
		Run: func(p *lint.Pass) {
			budget := time.Duration(p.Site.Written.FailoverBudget)
			if budget == 0 {
				return
			}
			for _, g := range failover.Groups(p.Site) {
				if s, over := slowest(g); over > budget {
					t := g.Window(s).Costliest()
					p.Report(lint.Finding{Path: "failover_budget",
						Summary: fmt.Sprintf("%s: when %s, the virtual IPs move within %.2fs at worst, not %s", g.Name, g.Event(s), over.Seconds(),
							p.Site.Written.FailoverBudget),
						Detail:  fmt.Sprintf("most of it, up to %.2fs, is this: %s, %s; %s", t.Worst.Seconds(), t.What, t.Formula, shorten(t)),
						Related: also(p, "of this instance", g.Path)})
				}
			}
		},
	}
}

// shorten says what makes the term of a failover shorter.
func shorten(t failover.Term) string {
	switch {
	case strings.HasPrefix(t.What, "skew"):
		return "give the other nodes higher priorities, close to the master's"
	case strings.HasPrefix(t.What, "check"):
		return "write a shorter interval, or a smaller fall, under track"
	default:
		return "write a shorter advert_int, which in version 3 may be less than a second"
	}
}

// slowest returns the single failure after which the virtual IPs take longest.
func slowest(g *failover.Group) (failover.Step, time.Duration) {
	var slow failover.Step
	var worst time.Duration
	for _, s := range g.Single() {
		if w := g.Window(s); !s.To.Split() && w.Worst > worst {
			slow, worst = s, w.Worst
		}
	}
	return slow, worst
}
