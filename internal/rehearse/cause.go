package rehearse

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/model"
)

// cause says why the virtual IPs of a group are not where they should be, as
// far as the nodes' files show it: nodes that cannot understand each other, or a
// design of which the arithmetic knows that it fails. Both are looked for in
// the files that have been run, whatever the site file says.
func (s *stage) cause(g group) (why, remedy string) {
	if s.site.Groups != nil { // they are made of the files that are run
		return firstFault(g.Group)
	}
	confs := s.instances(g)
	if why := different(confs); why != "" {
		return why, "the nodes must agree on it: render all of them from one site file"
	}
	if len(confs) != len(g.Nodes) {
		return "", ""
	}
	return firstFault(asRun(g, confs))
}

// firstFault is the first design fault that the arithmetic knows of.
func firstFault(g *failover.Group) (why, remedy string) {
	faults := g.Prove()
	if i := slices.IndexFunc(faults, func(f failover.Fault) bool { return f.Step != nil || f.Tie }); i >= 0 {
		return faults[i].Text, faults[i].Remedy
	}
	return "", ""
}

// instance is one vrrp_instance of one node, as its keepalived.conf has it.
type instance struct {
	node     string
	name     string
	block    *keepalived.Node
	settings []keepalived.Setting // of the instance and of global_defs
	weights  map[string]int       // of the checks that it has, by name
}

// instances are the first vrrp_instance of the group on each node.
func (s *stage) instances(g group) []instance {
	name, _, _ := strings.Cut(g.Name, ", ")
	var all []instance
	for _, n := range s.plan.Nodes {
		conf := keepalivedConf(n.Set)
		if block := conf.Block("vrrp_instance", name); block != nil {
			all = append(all, instance{n.Set.Node, name, block, settingsOf(conf, name), weights(conf, block)})
		}
	}
	return all
}

func keepalivedConf(set artifact.Set) *keepalived.Config {
	f, _ := set.File("etc/keepalived/keepalived.conf")
	return keepalived.Read([]keepalived.Source{{Name: f.Path, Data: f.Data}}, keepalived.Options{})
}

func settingsOf(conf *keepalived.Config, name string) []keepalived.Setting {
	return slices.DeleteFunc(keepalived.Settings(conf), func(s keepalived.Setting) bool {
		return s.Block != "vrrp_instance "+name && s.Block != "global_defs"
	})
}

// weights are those of the scripts that the instance tracks: what the instance says,
// or else what the script says.
func weights(conf *keepalived.Config, block *keepalived.Node) map[string]int {
	all := map[string]int{}
	for _, check := range block.Listed("track_script") {
		weight := conf.Block("vrrp_script", check.Keyword()).Of("weight")
		if words := check.Values(); len(words) > 1 && words[0] == "weight" {
			weight = words[1]
		}
		all[check.Keyword()], _ = strconv.Atoi(weight)
	}
	return all
}

// different says what the adverts of the nodes must have in common and have not.
func different(confs []instance) string {
	for i := range confs {
		for _, s := range append(slices.Clone(confs[0].settings), confs[i].settings...) {
			a, b := confs[0].says(s), confs[i].says(s)
			switch {
			case !s.Adverts || a == b:
			case s.Secret: // never shown
				return fmt.Sprintf("%s on %s is not that on %s: neither believes the other's adverts", s.Keyword, confs[0].node, confs[i].node)
			default:
				return fmt.Sprintf("%s is %s on %s and %s on %s: neither takes the other's adverts for its own", s.Keyword, orNothing(a),
					confs[0].node, orNothing(b), confs[i].node)
			}
		}
	}
	return ""
}

// says is what the node has for the setting, or what counts where it has nothing.
func (c instance) says(s keepalived.Setting) string {
	for _, own := range c.settings {
		if own.Block == s.Block && own.Keyword == s.Keyword {
			return own.Value
		}
	}
	return s.Default
}

func orNothing(value string) string { return cmp.Or(value, "not set") }

// asRun is the group as the nodes' files have it.
func asRun(g group, confs []instance) *failover.Group {
	run := *g.Group
	run.Nodes = slices.Clone(g.Nodes)
	for i, c := range confs {
		n := &run.Nodes[i]
		if p, err := strconv.Atoi(c.block.Of("priority")); err == nil {
			n.Priority = p
		}
		n.NoPreempt = c.block.Line("nopreempt") != nil
		n.Trackers = watched(n.Trackers, c)
	}
	return &run
}

// watched are those of the trackers that the instance has, with its weights.
func watched(all []failover.Tracker, c instance) []failover.Tracker {
	var kept []failover.Tracker
	for _, t := range all {
		name := t.Name
		if t.Kind == failover.HAProxy && t.Script != "" {
			name = t.Script
		} else if t.Kind == failover.HAProxy {
			name = model.TrackedHAProxy
			if _, own := c.weights[name+"_"+c.name]; own { // a check unlike that of another instance
				name += "_" + c.name
			}
		}
		weight, ok := c.weights[name]
		switch {
		case t.Kind == failover.NIC && c.block.Line("track_interface") == nil:
			continue
		case t.Kind == failover.HAProxy && !ok && c.block.Line("track_process") != nil:
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
