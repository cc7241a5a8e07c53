package rehearse

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/model"
)

// cause says why the virtual IPs of a group are not where they should be, as
// far as the nodes' files show it: nodes that cannot understand each other, or a
// design of which the arithmetic knows that it fails. Both are looked for in
// the files that have been run, whatever the site file says.
func (s *stage) cause(g group) (why, remedy string) {
	confs := s.instances(g)
	if why := different(confs); why != "" {
		return why, "the nodes must agree on it: render all of them from one site file"
	}
	if len(confs) != len(g.Nodes) {
		return "", ""
	}
	faults := asRun(g, confs).Prove()
	if i := slices.IndexFunc(faults, func(f failover.Fault) bool { return f.Step != nil || f.Tie }); i >= 0 {
		return faults[i].Text, faults[i].Remedy
	}
	return "", ""
}

// instance is one vrrp_instance of one node, as its keepalived.conf has it.
type instance struct {
	node, name, text string
	weights          map[string]int // of the checks that it has, by name
}

// instances are the first vrrp_instance of the group on each node.
func (s *stage) instances(g group) []instance {
	name, _, _ := strings.Cut(g.Name, ", ")
	var all []instance
	for _, n := range s.plan.Nodes {
		conf := keepalivedConf(n.Set)
		text, ok := section(conf, "vrrp_instance "+name)
		if !ok {
			continue
		}
		one := instance{node: n.Set.Node, name: name, text: text, weights: map[string]int{}}
		checks, _ := section(text, "track_script")
		for _, check := range strings.Fields(checks) {
			script, _ := section(conf, "vrrp_script "+check)
			one.weights[check], _ = strconv.Atoi(value(script, "weight"))
		}
		if group, ok := section(conf, "global_defs"); ok {
			one.text += "\nvrrp_mcast_group4 " + value(group, "vrrp_mcast_group4")
		}
		all = append(all, one)
	}
	return all
}

func keepalivedConf(set artifact.Set) string {
	f, _ := set.File("etc/keepalived/keepalived.conf")
	return string(f.Data)
}

// section returns what stands between the braces of the section with this head.
func section(conf, head string) (string, bool) {
	at := regexp.MustCompile(`(?m)^[ \t]*` + regexp.QuoteMeta(head) + `[ \t]*\{`).FindStringIndex(conf)
	if at == nil {
		return "", false
	}
	depth := 1
	for i := at[1]; i < len(conf); i++ {
		switch conf[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return conf[at[1]:i], true
			}
		}
	}
	return "", false
}

// value returns what follows the keyword at the beginning of a line.
func value(text, keyword string) string {
	m := regexp.MustCompile(`(?m)^[ \t]*` + keyword + `[ \t]+(\S+)`).FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1]
}

// different says what the nodes must have in common and have not.
func different(confs []instance) string {
	for _, keyword := range []string{"virtual_router_id", "version", "advert_int", "auth_type", "auth_pass", "vrrp_mcast_group4"} {
		for i := range confs {
			a, b := value(confs[0].text, keyword), value(confs[i].text, keyword)
			if a == b {
				continue
			}
			if keyword == "auth_pass" { // never shown
				return fmt.Sprintf("auth_pass on %s is not that on %s: neither believes the other's adverts", confs[0].node, confs[i].node)
			}
			return fmt.Sprintf("%s is %s on %s and %s on %s: neither takes the other's adverts for its own", keyword, orNothing(a), confs[0].node, orNothing(b), confs[i].node)
		}
	}
	return ""
}

func orNothing(value string) string {
	if value == "" {
		return "not set"
	}
	return value
}

// asRun is the group as the nodes' files have it.
func asRun(g group, confs []instance) *failover.Group {
	run := *g.Group
	run.Nodes = slices.Clone(g.Nodes)
	for i, c := range confs {
		n := &run.Nodes[i]
		if p, err := strconv.Atoi(value(c.text, "priority")); err == nil {
			n.Priority = p
		}
		n.NoPreempt = regexp.MustCompile(`(?m)^[ \t]*nopreempt[ \t]*$`).MatchString(c.text)
		n.Trackers = watched(n.Trackers, c)
	}
	return &run
}

// watched are those of the trackers that the instance has, with its weights.
func watched(all []failover.Tracker, c instance) []failover.Tracker {
	var kept []failover.Tracker
	for _, t := range all {
		name := t.Name
		if t.Kind == failover.HAProxy {
			name = model.TrackedHAProxy
			if _, own := c.weights[name+"_"+c.name]; own { // a check unlike that of another instance
				name += "_" + c.name
			}
		}
		weight, ok := c.weights[name]
		switch {
		case t.Kind == failover.NIC && !strings.Contains(c.text, "track_interface"):
			continue
		case t.Kind == failover.HAProxy && !ok && strings.Contains(c.text, "track_process"):
		case t.Kind == failover.HAProxy || t.Kind == failover.Script:
			if !ok {
				continue
			}
			t.Weight = weight
		}
		kept = append(kept, t)
	}
	return kept
}
