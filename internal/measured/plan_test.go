//go:build linux

package measured

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/compare"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/plan"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/testenv"
)

// TestPlansAreTrue carries plans out on real Keepalived, and counts the masters all
// the time: never two, and never none for longer than the plan says.
func TestPlansAreTrue(t *testing.T) {
	testenv.Root(t)
	testenv.Programs(t, "keepalived", "unshare", "nsenter", "ip", "bridge", "sysctl")
	t.Parallel()
	sites, seed := testenv.Number(t, "PLAN_REAL", fewSites), testenv.Number(t, "PROVE_SEED", firstSeed)
	t.Logf("%d sites, from seed %d on", sites, seed)
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i := range sites {
		g.Go(func() error {
			if err := carryOut(t, seed+i); err != nil {
				return fmt.Errorf("seed %d: %w", seed+i, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

// edits are changes of a site that somebody makes.
func edits(m maker, text string) string {
	switch m.IntN(6) {
	case 0: // adverts that the other one does not take
		return strings.Replace(text, "virtual_router_id: 50", "virtual_router_id: 60", 1)
	case 1:
		return strings.Replace(text, "vips: [10.9.0.100", "vips: [10.9.0.110, 10.9.0.100", 1)
	case 2:
		return strings.Replace(text, "virtual_router_id: 50", "virtual_router_id: 50, auth_pass: {env: SECRET}", 1)
	case 3: // another preferred master
		return strings.Replace(text, "{name: n2, priority: ", "{name: n2, priority: 254, devices: {back: eth1}, addresses: {front: [10.9.0.12, "+
			"\"fd00:9::12\"], back: 10.9.1.12}} # ", 1)
	case 4:
		return strings.Replace(text, "interval: 1s", "interval: 2s", 1)
	default:
		return strings.Replace(text, "address: 10.9.1.50:80", "address: 10.9.1.51:80", 1)
	}
}

type side struct {
	groups []*failover.Group
	sets   []artifact.Set
}

func sideOf(text string) (side, error) {
	s, src, found := model.Load("site.yaml", []byte(text))
	if found.HasErrors() {
		src.Locate(found)
		return side{}, fmt.Errorf("%v\n%s", found, text)
	}
	resolved := site.Resolve(s)
	in := model.Inputs{Secrets: map[diag.Path]string{}}
	for _, ref := range s.SecretRefs() {
		in.Secrets[ref.Path] = "s3cret12"
	}
	sets, err := render.New().Sets(resolved, in)
	return side{failover.Groups(resolved), sets}, err
}

// outcome is what became of the address while a plan was carried out.
type outcome struct{ two, none, allowed, late time.Duration }

// good says whether the plan was true; a busy machine's lateness counts.
func (o outcome) good() bool {
	limit := 3*o.late + allowance
	return o.two <= limit && o.none <= o.allowed+limit
}

func carryOut(t *testing.T, seed int) error {
	m := maker{rand.New(rand.NewPCG(uint64(seed), 2))}
	old := m.plain()
	new := edits(m, old)
	was, err := sideOf(old)
	if err != nil {
		return err
	}
	is, err := sideOf(new)
	if err != nil {
		return err
	}
	p := plan.Make(plan.Input{Old: was.groups, New: is.groups, Nodes: compare.Sets(was.sets, is.sets).Nodes})
	o, err := perform(t, was, is, p)
	switch {
	case err != nil:
		return err
	case o.late > busiest:
		t.Logf("seed %d: not judged: the machine was %s late", seed, o.late)
	case !o.good():
		return fmt.Errorf("two masters for %s, none for %s, the plan says %s\n%+v\n%s\n%s", o.two, o.none, o.allowed, p.Steps, old, new)
	}
	return nil
}

// perform carries the steps out.
func perform(t *testing.T, was, is side, p plan.Plan) (outcome, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	names, files := keepalivedConfs(was.sets)
	n, err := cable(ctx, t, names, files)
	if err != nil {
		return outcome{}, err
	}
	w := &walker{network: n, group: was.groups[0]}
	if err := w.begin(ctx, w.group.Start()); err != nil {
		return outcome{}, err
	}
	c := n.count(ctx, "10.9.0.100")
	_, after := keepalivedConfs(is.sets)
	var o outcome
	for _, step := range p.Steps {
		if err := n.step(ctx, step, after, restarts(is.sets, was.sets, step.Node)); err != nil {
			return o, err
		}
		for _, move := range step.Moves {
			if move.Group == is.groups[0].Name {
				o.allowed += move.Worst
			}
		}
		time.Sleep(4*max(w.group.Slowest(), is.groups[0].Slowest()) + time.Second)
	}
	o.two, o.none, o.late = c.stop()
	return o, nil
}

// TestASplitIsSeen: one node after the other, where old and new do not take each
// other's adverts, has two masters.
func TestASplitIsSeen(t *testing.T) {
	testenv.Root(t)
	testenv.Programs(t, "keepalived", "unshare", "nsenter", "ip", "bridge", "sysctl")
	t.Parallel()
	m := maker{rand.New(rand.NewPCG(firstSeed, 2))}
	old := m.plain()
	was, err := sideOf(old)
	if err != nil {
		t.Fatal(err)
	}
	is, err := sideOf(strings.Replace(old, "virtual_router_id: 50", "virtual_router_id: 60", 1))
	if err != nil {
		t.Fatal(err)
	}
	p := plan.Make(plan.Input{Old: was.groups, New: is.groups, Nodes: compare.Sets(was.sets, is.sets).Nodes})
	p.Steps = slices.DeleteFunc(p.Steps, func(s plan.Step) bool { return s.Do == plan.Stop })
	slices.Reverse(p.Steps) // the backups first
	o, err := perform(t, was, is, p)
	if err != nil {
		t.Fatal(err)
	}
	if o.good() || o.two < time.Second {
		t.Errorf("two masters for %s only", o.two)
	}
}

// restarts says whether the node's Keepalived is restarted and not reloaded.
func restarts(is, was []artifact.Set, node string) bool {
	for _, n := range compare.Sets(was, is).Nodes {
		if n.Name == node {
			return slices.ContainsFunc(n.Consequences, func(c compare.Consequence) bool { return c.Action == artifact.RestartKeepalived })
		}
	}
	return false
}

func keepalivedConfs(sets []artifact.Set) (names []string, confs [][]byte) {
	for _, set := range sets {
		for _, f := range set.Files {
			if f.Path == "etc/keepalived/keepalived.conf" {
				names, confs = append(names, set.Node), append(confs, f.Data)
			}
		}
	}
	return names, confs
}

// step does what the plan says on one node.
func (n *network) step(ctx context.Context, s plan.Step, confs [][]byte, restart bool) error {
	i := slices.IndexFunc(n.nodes, func(one *node) bool { return one.name == s.Node })
	one := n.nodes[i]
	if s.Do == plan.Stop {
		one.off = true
		return one.stop()
	}
	if err := os.WriteFile(one.conf, confs[i], 0o600); err != nil {
		return err
	}
	switch {
	case one.off:
		one.off = false
		return one.start(ctx)
	case restart:
		if err := one.stop(); err != nil {
			return err
		}
		return one.start(ctx)
	}
	return one.run(ctx, `kill -HUP "$(cat /run/main.pid)"`)
}

// counter looks all the time how many nodes have an address.
type counter struct {
	done chan struct{}
	wg   sync.WaitGroup
	two  time.Duration // with more than one master, the longest stretch
	none time.Duration // with none, in all
	late time.Duration
}

func (n *network) count(ctx context.Context, vip string) *counter {
	c := &counter{done: make(chan struct{})}
	c.wg.Go(func() {
		const nap = 5 * time.Millisecond
		var stretch time.Duration
		for last := time.Now(); ; {
			select {
			case <-c.done:
				return
			case <-ctx.Done():
				return
			case <-time.After(nap):
			}
			now := time.Now()
			passed := now.Sub(last)
			last = now
			c.late = max(c.late, passed-nap)
			masters := 0
			for _, one := range n.nodes {
				if _, ok := one.master([]string{vip}); ok {
					masters++
				}
			}
			switch {
			case masters > 1:
				stretch += passed
				c.two = max(c.two, stretch)
			case masters == 0:
				c.none += passed
				stretch = 0
			default:
				stretch = 0
			}
		}
	})
	return c
}

func (c *counter) stop() (two, none, late time.Duration) {
	close(c.done)
	c.wg.Wait()
	return c.two, c.none, c.late
}
