package failover_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/failover"
)

// allowance is what a measurement may add to a window: the runs were read to
// within 20 ms, and a daemon needs a few to act.
const allowance = 30 * time.Millisecond

type check struct {
	weight     int
	interval   time.Duration
	rise, fall int
}

// pair returns two nodes whose HAProxy is watched by the check.
func pair(priority1, priority2 int, c check) *failover.Group {
	g := &failover.Group{Name: "VI_1", Path: "vrrp[0]", VIPs: []string{"192.0.2.10"},
		Timers: failover.Timers{Version: 2, AdvertInt: time.Second}}
	for i, p := range []int{priority1, priority2} {
		g.Nodes = append(g.Nodes, failover.Node{
			Name: []string{"node1", "node2"}[i], Path: diag.Path("nodes").Index(i), Priority: p,
			Trackers: []failover.Tracker{{Kind: failover.HAProxy, Path: "vrrp[0].track.haproxy", Weight: c.weight, Interval: c.interval,
				Rise: c.rise, Fall: c.fall}},
		})
	}
	return g
}

// prslb is the pair of examples/prslb.yaml.
func prslb() *failover.Group {
	g := pair(100, 50, check{interval: 2 * time.Second, rise: 2, fall: 2})
	g.Nodes[0].NoPreempt = true
	for i := range g.Nodes {
		g.Nodes[i].Trackers = append(g.Nodes[i].Trackers, failover.Tracker{Kind: failover.NIC, Name: "web"})
	}
	return g
}

func v3(g *failover.Group, advertInt time.Duration) *failover.Group {
	g.Version, g.AdvertInt = 3, advertInt
	return g
}

func noPreempt(g *failover.Group, nodes ...int) *failover.Group {
	for _, n := range nodes {
		g.Nodes[n].NoPreempt = true
	}
	return g
}

// event finds the step of an event in the state where all is well and master
// has the virtual IPs.
func event(t *testing.T, g *failover.Group, master int, p failover.Part) failover.Step {
	t.Helper()
	for _, s := range g.Steps() {
		if len(s.From.Broken) == 0 && len(s.From.Masters) == 1 && s.From.Masters[0] == master && s.Part == p {
			return s
		}
	}
	t.Fatalf("node %d never has the virtual IPs while all is well", master+1)
	return failover.Step{}
}

// TestMeasuredRuns holds the arithmetic against failovers of the real
// Keepalived 2.2.7, on two nodes with virtual links.
func TestMeasuredRuns(t *testing.T) {
	second := check{interval: time.Second, rise: 1, fall: 2}
	weighted := func(w int) check { c := second; c.weight = w; return c }
	ha, ka, wire, adverts := failover.Part{Kind: failover.HAProxy}, failover.Part{Kind: failover.Keepalived},
		failover.Part{Kind: failover.OwnNIC}, failover.Part{Node: -1, Kind: failover.Adverts}
	frozen := failover.Part{Kind: failover.Machine} // Keepalived sends no more
	for _, run := range []struct {
		name    string
		group   *failover.Group
		part    failover.Part
		masters string
		took    time.Duration // 0: the virtual IP never moved
	}{
		{"A: weight 0", pair(150, 100, second), ha, "node2", 1880 * time.Millisecond},
		{"A2: interval 2, fall 3", pair(150, 100, check{interval: 2 * time.Second, rise: 1, fall: 3}), ha, "node2", 5890 * time.Millisecond},
		{"B: weight -60", pair(150, 100, weighted(-60)), ha, "node2", 4310 * time.Millisecond},
		{"C: weight +2, gap 50", pair(150, 100, weighted(2)), ha, "node1", 0},
		{"D: weight -60 and nopreempt", noPreempt(pair(150, 100, weighted(-60)), 0, 1), ha, "node1", 0},
		{"F: Keepalived stopped, 100", pair(150, 100, second), ka, "node2", 620 * time.Millisecond},
		{"F: Keepalived stopped, 253", pair(254, 253, second), ka, "node2", 40 * time.Millisecond},
		{"G: Keepalived frozen", pair(150, 100, second), frozen, "node2", 3310 * time.Millisecond},
		{"H: frozen, version 3", v3(pair(150, 100, second), 100*time.Millisecond), frozen, "node2", 380 * time.Millisecond},
		{"I: cable pulled", pair(150, 100, second), wire, "node2", 3300 * time.Millisecond},
		{"I: cable pulled, version 3", v3(pair(150, 100, second), 100*time.Millisecond), wire, "node2", 350 * time.Millisecond},
		{"J: 152/101 and weight 3", pair(152, 101, weighted(3)), ha, "node1", 0},
		{"K: 102/101 and weight 3", pair(102, 101, weighted(3)), ha, "node2", 4310 * time.Millisecond},
		{"L: nopreempt on the backup", noPreempt(pair(150, 100, second), 1), ha, "node2", 1880 * time.Millisecond},
		{"M: nopreempt on the preferred", noPreempt(pair(150, 100, second), 0), ha, "node2", 1880 * time.Millisecond},
		{"S: VRRP blocked", pair(150, 100, second), adverts, "node1 and node2", 3310 * time.Millisecond},
	} {
		t.Run(run.name, func(t *testing.T) {
			s := event(t, run.group, 0, run.part)
			if got := run.group.Masters(s.To); got != run.masters {
				t.Errorf("%s has the virtual IP, not %s", got, run.masters)
			}
			w := run.group.Window(s)
			if run.took < w.Best-allowance || run.took > w.Worst+allowance {
				t.Errorf("measured %s, computed %s to %s", run.took, w.Best, w.Worst)
			}
		})
	}
}

// TestPrslb holds the arithmetic against what was measured on the first pair.
func TestPrslb(t *testing.T) {
	g := prslb()
	for _, c := range []struct {
		name        string
		master      int
		part        failover.Part
		masters     string
		best, worst float64 // seconds
	}{
		{"Keepalived stopped on the master", 0, failover.Part{Kind: failover.Keepalived}, "node2", 0.8, 0.8},
		{"Keepalived restarted on the other", 1, failover.Part{Node: 1, Kind: failover.Keepalived}, "node1", 0.6, 0.6},
		{"HAProxy stopped on the master", 0, failover.Part{Kind: failover.HAProxy}, "node2", 2.8, 4.8},
		{"HAProxy stopped on the other", 1, failover.Part{Node: 1, Kind: failover.HAProxy}, "node1", 2.6, 4.6},
		{"web NIC unplugged on the master", 0, failover.Part{Kind: failover.NIC, Name: "web"}, "node2", 0.8, 0.8},
		{"web NIC unplugged on the other", 1, failover.Part{Node: 1, Kind: failover.NIC, Name: "web"}, "node1", 0.6, 0.6},
		{"VRRP blocked", 0, failover.Part{Node: -1, Kind: failover.Adverts}, "node1 and node2", 2.8, 3.8},
		{"HAProxy stopped on the standby", 0, failover.Part{Node: 1, Kind: failover.HAProxy}, "node1", 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := event(t, g, c.master, c.part)
			if got := g.Masters(s.To); got != c.masters {
				t.Errorf("%s has the virtual IP, not %s", got, c.masters)
			}
			within(t, g.Window(s), c.best, c.worst)
		})
	}
	if faults := g.Prove(); len(faults) > 0 {
		t.Errorf("%q", texts(faults))
	}
}

// within compares a window with the seconds that a text gives with one decimal.
func within(t *testing.T, w failover.Window, best, worst float64) {
	t.Helper()
	if w.Best.Round(100*time.Millisecond).Seconds() != best || w.Worst.Round(100*time.Millisecond).Seconds() != worst {
		t.Errorf("got %s to %s, want %v to %v", w.Best, w.Worst, best, worst)
	}
	var b, ws time.Duration
	for _, term := range w.Terms {
		b, ws = b+term.Best, ws+term.Worst
	}
	if b != w.Best || ws != w.Worst {
		t.Errorf("the terms do not add up: %v", w)
	}
}

// No failback: what came back stays a backup until the other fails.
func TestNothingMovesWhenTheMasterComesBack(t *testing.T) {
	g := prslb()
	for _, s := range g.Steps() {
		if s.Repaired && len(s.To.Broken) == 0 && g.Masters(s.From) != g.Masters(s.To) && len(s.From.Masters) == 1 {
			t.Errorf("%s: the virtual IP moved from %s to %s", g.Event(s), g.Masters(s.From), g.Masters(s.To))
		}
	}
	failsBack := pair(150, 100, check{interval: time.Second, rise: 2, fall: 2})
	if s := back(t, failsBack, failover.Part{Kind: failover.HAProxy}); failsBack.Masters(s.To) != "node1" {
		t.Error("no failback without nopreempt")
	}
}

// TestMeasuredFailback holds the arithmetic against the way back: 150 and 100,
// interval 1s, rise 2, nobody has nopreempt; Keepalived 2.2.7, read every 10 ms.
func TestMeasuredFailback(t *testing.T) {
	ha, ka := failover.Part{Kind: failover.HAProxy}, failover.Part{Kind: failover.Keepalived}
	for _, run := range []struct {
		name   string
		weight int
		delay  time.Duration
		part   failover.Part
		took   []time.Duration // milliseconds
	}{
		{"HAProxy is well again", 0, 0, ha, []time.Duration{4794, 4802, 4805}},
		{"HAProxy is well again, weight -60", -60, 0, ha, []time.Duration{4411, 4417, 4485}},
		{"Keepalived is started again", 0, 0, ka, []time.Duration{3420, 3433, 3420}},
		{"preempt_delay 4, HAProxy", 0, 4 * time.Second, ha, []time.Duration{8400, 8407}},
		{"preempt_delay 4, HAProxy, weight -60", -60, 4 * time.Second, ha, []time.Duration{8437}},
		{"preempt_delay 4, Keepalived", 0, 4 * time.Second, ka, []time.Duration{7402, 7357, 7379}},
	} {
		t.Run(run.name, func(t *testing.T) {
			g := pair(150, 100, check{weight: run.weight, interval: time.Second, rise: 2, fall: 2})
			g.Delay = run.delay
			w := g.Window(back(t, g, run.part))
			for _, took := range run.took {
				// A timer of seconds that was started a little before the clock was read.
				if took *= time.Millisecond; took < w.Best-2*allowance || took > w.Worst+allowance {
					t.Errorf("measured %s, computed %s to %s", took, w.Best, w.Worst)
				}
			}
		})
	}
}

// back finds the step in which the first node's part is repaired and nothing
// else is broken.
func back(t *testing.T, g *failover.Group, p failover.Part) failover.Step {
	t.Helper()
	for _, s := range g.Steps() {
		if s.Repaired && s.Part == p && len(s.From.Broken) == 1 && g.Masters(s.From) == "node2" {
			return s
		}
	}
	t.Fatal("it never comes back")
	return failover.Step{}
}

// The book's alarms: 100/90, nopreempt on the first, weight 21. The first
// failure moves the virtual IP. After the repair a failure of the second node
// moves it never again.
func TestMovesOnceAndNeverAgain(t *testing.T) {
	g := noPreempt(pair(100, 90, check{weight: 21, interval: 2 * time.Second, rise: 1, fall: 2}), 0)
	g.AdvertInt = 2 * time.Second
	first := event(t, g, 0, failover.Part{Kind: failover.HAProxy})
	if w := g.Window(first); g.Masters(first.To) != "node2" || w.Best > 7600*time.Millisecond || w.Worst < 7600*time.Millisecond {
		t.Errorf("the first failure: %s within %s to %s; measured 7.6 s", g.Masters(first.To), w.Best, w.Worst)
	}
	second := event(t, g, 1, failover.Part{Node: 1, Kind: failover.HAProxy})
	if g.Masters(second.To) != "node2" {
		t.Errorf("the second failure moves it to %s", g.Masters(second.To))
	}
	proves(t, g, "node1 is higher with 121, but has nopreempt")
}

// TestBrokenDesigns: what is wrong is said in a sentence, and nothing is said
// of what is right.
func TestBrokenDesigns(t *testing.T) {
	second := check{interval: time.Second, rise: 2, fall: 2}
	weighted := func(w int) check { c := second; c.weight = w; return c }
	blind := pair(100, 50, second)
	for i := range blind.Nodes {
		blind.Nodes[i].Trackers = nil
	}
	for _, c := range []struct {
		name  string
		group *failover.Group
		want  string
	}{
		{"weight smaller than the gap", pair(152, 101, weighted(3)), "leaves it at priority 152, still not below the 104 of node2: the " +
			"weight is not larger than the gap"},
		{"negative weight smaller than the gap", pair(150, 100, weighted(-20)), "leaves it at priority 130, still not below the 100 of node2"},
		{"weight as large as the gap", pair(150, 100, weighted(-50)), "leaves it at priority 100, still not below the 100 of node2"},
		{"weight and nopreempt on both", noPreempt(pair(150, 100, weighted(-60)), 0, 1), "node2 is higher with 100, but has nopreempt"},
		{"nopreempt on the lower only", noPreempt(pair(150, 100, second), 1), "nopreempt on node2 has no effect"},
		{"equal priorities", pair(100, 100, second), "have the same priority 100"},
		{"no tracker", blind, "nothing on node1 watches HAProxy: when HAProxy on node1 dies, the virtual IPs stay where nobody is served"},
	} {
		t.Run(c.name, func(t *testing.T) { proves(t, c.group, c.want) })
	}
	for name, g := range map[string]*failover.Group{
		"prslb": prslb(), "failback": pair(150, 100, second), "weight larger than the gap": pair(102, 101, weighted(3)),
		"nopreempt on both, weight 0": noPreempt(pair(150, 100, second), 0, 1),
	} {
		if faults := g.Prove(); len(faults) > 0 {
			t.Errorf("%s: %v", name, texts(faults))
		}
	}
}

func proves(t *testing.T, g *failover.Group, want string) {
	t.Helper()
	faults := g.Prove()
	for _, f := range faults {
		if strings.Contains(f.Text, want) && f.Path != "" {
			return
		}
	}
	t.Errorf("%q is not said, but: %q", want, texts(faults))
}

func texts(faults []failover.Fault) []string {
	var all []string
	for _, f := range faults {
		all = append(all, f.Text)
	}
	return all
}

// Three nodes lose two, and the third has the virtual IP.
func TestThreeNodes(t *testing.T) {
	g := pair(150, 100, check{interval: time.Second, rise: 2, fall: 2})
	third := g.Nodes[1]
	third.Name, third.Priority = "node3", 50
	g.Nodes = append(g.Nodes, third)
	g.Nodes[0].NoPreempt = true
	if faults := g.Prove(); len(faults) > 0 {
		t.Fatal(texts(faults))
	}
	for _, s := range g.Steps() {
		if g.Condition(s.To) == "HAProxy on node1 dies, node2 is lost" {
			if g.Masters(s.To) != "node3" {
				t.Errorf("%s has the virtual IP", g.Masters(s.To))
			}
			return
		}
	}
	t.Error("two failures in a row were not looked at")
}

// TestServerDetection holds it against what was measured on the first pair:
// inter 2s, fall 3, rise 2, timeout check 2s.
func TestServerDetection(t *testing.T) {
	c := failover.ServerCheck{Inter: 2 * time.Second, FastInter: 2 * time.Second, DownInter: 2 * time.Second, Rise: 2, Fall: 3,
		Connect: 3 * time.Second, Check: 2 * time.Second}
	within(t, c.Detection(failover.Slow), 10, 12)
	within(t, c.Detection(failover.Refuses), 4, 6)
	within(t, c.Detection(failover.Vanishes), 10, 12) // inter is smaller than timeout connect
	within(t, c.Return(), 2, 4)
	c.FastInter = 500 * time.Millisecond
	within(t, c.Detection(failover.Refuses), 1, 3)
	c.Fall = 2
	c.Check = time.Second // measured with HAProxy 2.6.12: 3.9 to 6.2 s
	within(t, c.Detection(failover.Slow), 2.5, 6.5)
	c.Fall = 1
	within(t, c.Detection(failover.Refuses), 0, 2)
}

func TestCostliest(t *testing.T) {
	g := prslb()
	s := event(t, g, 0, failover.Part{Kind: failover.HAProxy})
	if got := g.Window(s).Costliest(); got.What != "check notices" || got.Formula != "interval 2s x (fall 2 - 1 to 2)" {
		t.Errorf("%+v", got)
	}
}
