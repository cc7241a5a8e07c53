package plan_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/compare"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/plan"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/site"
)

const pair = `version: 1
site: t
platform: debian12
nics: {lan: {device: eth0, subnet: 10.9.0.0/24}}
nodes:
  - {name: lb1, priority: 100, addresses: {lan: 10.9.0.11}}
  - {name: lb2, priority: 90, addresses: {lan: 10.9.0.12}}
vrrp:
  - {name: V1, nic: lan, virtual_router_id: 50, vips: [10.9.0.100], track: {haproxy: {interval: 1s, timeout: 1s}}}
frontends: [{name: main, binds: [{vip: V1, ports: [80]}], default_backend: app}]
backends: [{name: app, servers: [{name: web, address: 10.9.0.50:80}]}]
`

// changed is the text with old texts replaced by new ones.
func changed(t *testing.T, text string, replace ...string) string {
	t.Helper()
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			t.Fatalf("no %q in\n%s", replace[i], text)
		}
		text = strings.Replace(text, replace[i], replace[i+1], 1)
	}
	return text
}

func load(t *testing.T, text string) (*site.Site, []artifact.Set) {
	t.Helper()
	s, src, found := model.Load("site.yaml", []byte(text))
	if found.HasErrors() {
		src.Locate(found)
		t.Fatal(found)
	}
	resolved := site.Resolve(s)
	sets, err := render.New().Sets(resolved, model.Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	return resolved, sets
}

// made is the plan from one text to another; the old one may be empty.
func made(t *testing.T, old, new string) plan.Plan {
	t.Helper()
	now, sets := load(t, new)
	in := plan.Input{New: failover.Groups(now)}
	var before []artifact.Set
	if old != "" {
		was, oldSets := load(t, old)
		in.Old, before = failover.Groups(was), oldSets
	}
	in.Nodes = compare.Sets(before, sets).Nodes
	return plan.Make(in)
}

// steps is a plan in short: who does what, and what moves.
func steps(p plan.Plan) string {
	var all []string
	for _, s := range p.Steps {
		text := fmt.Sprintf("%s %s", s.Do, s.Node)
		for _, m := range s.Moves {
			text += fmt.Sprintf(" [%s>%s %.2f]", m.From, m.To, m.Worst.Seconds())
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func TestOrder(t *testing.T) {
	three := changed(t, pair, "vrrp:", "  - {name: lb3, priority: 80, addresses: {lan: 10.9.0.13}}\nvrrp:")
	dual := changed(t, pair, "frontends: [{name: main, binds: [{vip: V1",
		"  - {name: V2, nic: lan, virtual_router_id: 51, vips: [10.9.0.101], priorities: {lb1: 90, lb2: 100}, track: {haproxy: {interval: "+
			"1s, timeout: 1s}}}\n"+
			"frontends: [{name: main, binds: [{vip: V2, ports: [80]}, {vip: V1")
	for name, tt := range map[string]struct{ old, new, want string }{
		"nothing":      {pair, pair, ""},
		"first":        {"", pair, "install lb1 [>lb1 0.00], install lb2"},
		"first, three": {"", three, "install lb1 [>lb1 0.00], install lb2, install lb3"},
		"a server":     {pair, changed(t, pair, "10.9.0.50", "10.9.0.51"), "install lb2, install lb1"},
		"three nodes":  {three, changed(t, three, "10.9.0.50", "10.9.0.51"), "install lb3, install lb2, install lb1"},
		"a new node":   {pair, three, "install lb3, install lb2, install lb1"},
		"another master": {pair, changed(t, pair, "priority: 90", "priority: 110", "track:", "preempt: true, track:"),
			"install lb2, install lb1 [lb1>lb2 0.00]"},
		"another master, nopreempt": {pair, changed(t, pair, "priority: 90", "priority: 110"), "install lb2, install lb1"},
		"a node's platform":         {pair, changed(t, pair, "10.9.0.12}", "10.9.0.12}, platform: debian13"), "install lb2"},
		"the other's": {changed(t, pair, "10.9.0.12}", "10.9.0.12}, platform: debian13"), changed(t, pair, "debian12", "debian13"),
			"install lb1 [lb1>lb2 0.65]"},
		"both, with preempt": {changed(t, pair, "track:", "preempt: true, track:"),
			changed(t, pair, "debian12", "debian13", "track:", "preempt: true, track:"),
			"install lb2, install lb1 [lb1>lb2 0.65] [lb2>lb1 0.00]"},
		"other adverts": {pair, changed(t, pair, "virtual_router_id: 50", "virtual_router_id: 60"),
			"stop lb2, install lb1 [lb1>lb1 3.61], install lb2"},
		"other adverts, three": {three, changed(t, three, "vips: [10.9.0.100", "advert_int: 2s, vips: [10.9.0.100"),
			"stop lb3, stop lb2, install lb1 [lb1>lb1 6.61], install lb3, install lb2"},
		"dual master": {dual, changed(t, dual, "10.9.0.50", "10.9.0.51"), "install lb1, install lb2"},
		"dual master, other adverts": {dual, changed(t, dual, "virtual_router_id: 50", "virtual_router_id: 60"),
			"stop lb1 [lb1>lb2 0.65], install lb2 [lb2>lb2 3.65] [lb2>lb2 3.61], install lb1"},
	} {
		if got := steps(made(t, tt.old, tt.new)); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, tt.want)
		}
	}
}

func TestFailuresToCome(t *testing.T) {
	p := made(t, pair, changed(t, pair, "interval: 1s, timeout: 1s", "interval: 1s, timeout: 1s, weight: -5"))
	i := slices.IndexFunc(p.Changes, func(c plan.Change) bool { return c.Event == "HAProxy on lb1 dies" })
	if i < 0 || !p.Changes[i].Worse || p.Changes[i].Is != "lb1 stays" || !strings.HasPrefix(p.Changes[i].Was, "lb2 within ") {
		t.Errorf("a weight smaller than the gap: %+v", p.Changes)
	}
	if p := made(t, pair, changed(t, pair, "10.9.0.50", "10.9.0.51")); len(p.Changes) > 0 {
		t.Errorf("another server: %+v", p.Changes)
	}
}

// TestJSON: times are in seconds, as those of lbgen prove are, and no step is an empty list.
func TestJSON(t *testing.T) {
	move := plan.Move{Group: "VI_1", To: "lb2", Best: 150 * time.Millisecond, Worst: 3 * time.Second, Why: "it is stopped"}
	for want, v := range map[string]any{
		`{"group":"VI_1","from":"","to":"lb2","why":"it is stopped","best":0.15,"worst":3}`: move,
		`{"steps":[]}`: plan.Make(plan.Input{}),
	} {
		if got, err := json.Marshal(v); err != nil || string(got) != want {
			t.Errorf("%s (%v), not %s", got, err, want)
		}
	}
}
