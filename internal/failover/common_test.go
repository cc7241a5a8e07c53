package failover_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// trackingPair is the group of a site of the rehearsals with other fields for its
// virtual router.
func trackingPair(t *testing.T, fields string) *failover.Group {
	t.Helper()
	text, err := os.ReadFile("../rehearse/testdata/sites/delay.yaml")
	if err != nil {
		t.Fatal(err)
	}
	changed := regexp.MustCompile(`preempt: true, .*\}\n`).ReplaceAllString(string(text), fields+"}\n")
	written, _, found := model.Load("site.yaml", []byte(changed))
	if found.HasErrors() {
		t.Fatal(found, changed)
	}
	return failover.Groups(site.Resolve(written))[0]
}

// TestCommonFailures: what all nodes see at once takes the virtual IPs away from
// every node where it has no weight (measured with Keepalived 2.2.7: a ping of a
// silent gateway, both nodes in FAULT), and moves nothing where it has one.
func TestCommonFailures(t *testing.T) {
	const gateway = "{name: gw, command: [/usr/bin/ping, -c, '1', -W, '1', 10.9.0.1]"
	for _, c := range []struct{ name, vrrp, then, remedy string }{
		{"FAULT", "track: {scripts: [" + gateway + "}]}", "nobody", "preempt: true"},
		{"FAULT in spite of preempt", "preempt: true, track: {scripts: [" + gateway + ", weight: 0}]}", "nobody", "weight: -11,"},
		{"a weight", "preempt: true, track: {scripts: [" + gateway + "}]}", "a", ""},
		{"a script of the node's own", "track: {scripts: [{name: own, command: [/usr/local/bin/own]}]}", "nobody", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := trackingPair(t, c.vrrp)
			steps := g.Common()
			if len(steps) == 0 || g.Masters(steps[0].To) != c.then {
				t.Fatalf("%+v", steps)
			}
			var remedies []string
			for _, f := range g.CommonFaults() {
				remedies = append(remedies, f.Remedy)
			}
			if (c.remedy == "") != (len(remedies) == 0) || !strings.Contains(strings.Join(remedies, ""), c.remedy) {
				t.Errorf("%q", remedies)
			}
			if faults := g.Prove(); len(faults) > 0 {
				t.Errorf("%+v", faults)
			}
		})
	}
}

// TestThreeNodesWithoutPreempt: preempt: false is true of every node but the
// lowest, on which nopreempt has no effect.
func TestThreeNodesWithoutPreempt(t *testing.T) {
	g := group(t, "close-nopreempt-seed1030", 0) // 128, 125, 130, 131
	var no []string
	for _, n := range g.Nodes {
		if n.NoPreempt {
			no = append(no, n.Name)
		}
	}
	if strings.Join(no, " ") != "n1 n3 n4" {
		t.Errorf("nopreempt on %q", no)
	}
	step := g.Next(g.Start(), failover.Part{Node: 3, Kind: failover.Machine})
	step = g.Next(step.To, failover.Part{Node: 2, Kind: failover.Machine})
	if step = g.Next(step.To, failover.Part{Node: 2, Kind: failover.Machine}); g.Masters(step.To) != "n1" {
		t.Errorf("n3 is back, and %s is master", g.Masters(step.To))
	}
	race, among := g.Race()
	if len(among) != 4 || !strings.Contains(race, "so close to the 131 of n4") {
		t.Errorf("%s: %q", race, among)
	}
	if notes := strings.Join(g.Notes(), "\n"); strings.Contains(notes, "takes the virtual IPs back") {
		t.Error(notes)
	}
}
