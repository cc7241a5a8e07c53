//go:build linux

package measured

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/testenv"
)

// What is measured: a few sites in make test, PROVE_REAL of them from PROVE_SEED on in
// make prove-real.
const (
	fewSites  = 8
	firstSeed = 20261129
	allowance = 250 * time.Millisecond // beyond the window: for the kernel, ip monitor and a busy machine
	atOnce    = 16                     // sites
	fewSteps  = 2                      // events in each
)

// answer is what became of one event.
type answer struct {
	what     string
	took     time.Duration
	window   failover.Window
	masters  []string
	foreseen []string
	moved    bool
	excuse   string        // what prove says of it: a tie, or a race
	late     time.Duration // how late this machine woke somebody up meanwhile, at worst
}

// busiest is the lateness from which on nothing is said of an event: Keepalived was
// as late.
const busiest = 250 * time.Millisecond

// allowed is how far beyond the window a move may be.
func (a answer) allowed() time.Duration { return allowance + 3*a.late }

func (a answer) wrongMaster() bool { return !slices.Equal(a.masters, a.foreseen) }

func (a answer) outside() bool {
	return a.moved && a.late < busiest && !a.wrongMaster() && (a.took < a.window.Best-a.allowed() || a.took > a.window.Worst+a.allowed())
}

func (a answer) String() string {
	return fmt.Sprintf("%s: master %s after %.2fs; foreseen %s within %.2fs to %.2fs %s", a.what, strings.Join(a.masters, " and "),
		a.took.Seconds(),
		strings.Join(a.foreseen, " and "), a.window.Best.Seconds(), a.window.Worst.Seconds(), a.excuse)
}

// TestProveForeseesKeepalived compares the forecast with the daemon.
func TestProveForeseesKeepalived(t *testing.T) {
	testenv.Root(t)
	testenv.Programs(t, "keepalived", "unshare", "nsenter", "ip", "bridge", "sysctl")
	t.Parallel()
	sites, seed := testenv.Number(t, "PROVE_REAL", fewSites), testenv.Number(t, "PROVE_SEED", firstSeed)
	steps := testenv.Number(t, "PROVE_STEPS", fewSteps)
	t.Logf("%d sites, from seed %d on, %d events in each", sites, seed, steps)
	var g errgroup.Group // t.Parallel runs no more than there are processors, and these wait
	g.SetLimit(atOnce)
	all := make([][]answer, sites)
	for i := range sites {
		g.Go(func() (err error) {
			all[i], err = measure(t, seed+i, steps)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	c := count(slices.Concat(all...))
	t.Log(c)
	if !c.good() {
		t.Error("the forecasts are not true")
	}
}

// tally is what came of all events.
type tally struct {
	events, moves, excused, busy int
	wrong, outside               []answer
}

func count(all []answer) tally {
	c := tally{events: len(all)}
	for _, a := range all {
		switch {
		case a.wrongMaster() && a.late >= busiest:
			c.busy++
		case a.wrongMaster() && a.excuse == "":
			c.wrong = append(c.wrong, a)
		case a.wrongMaster():
			c.excused++
		case a.outside():
			c.outside = append(c.outside, a)
		}
		if a.moved {
			c.moves++
		}
	}
	return c
}

// good wants every master right, or said to be a tie or a race, and 99 of 100 moves
// inside of the window.
func (c tally) good() bool {
	return c.moves > 0 && len(c.wrong) == 0 && len(c.outside)*100 <= max(c.moves, 100)
}

func (c tally) String() string {
	return fmt.Sprintf("%d events, %d moves, %d outside of the window and %s, %d wrong masters, %d ties and races, %d not judged as the "+
		"machine was busy",
		c.events, c.moves, len(c.outside), allowance, len(c.wrong), c.excused, c.busy)
}

// TestWrongForecastsAreSeen: the harness can fail.
func TestWrongForecastsAreSeen(t *testing.T) {
	window := failover.Window{Best: time.Second, Worst: 2 * time.Second}
	right := answer{foreseen: []string{"a"}, masters: []string{"a"}, moved: true, took: 1500 * time.Millisecond, window: window}
	other, early, late, tie, busy := right, right, right, right, right
	busy.masters, busy.late = []string{"b"}, time.Second
	other.masters, tie.masters, tie.excuse = []string{"b"}, []string{"b"}, "(a tie)"
	early.took, late.took = 700*time.Millisecond, 2300*time.Millisecond
	for name, tt := range map[string]struct {
		all  []answer
		good bool
	}{
		"right": {[]answer{right, tie, busy}, true}, "wrong master": {[]answer{right, other}, false},
		"nobody":         {[]answer{right, {foreseen: []string{"a"}}}, false},
		"early and late": {[]answer{right, early, late}, false}, "nothing moved": {[]answer{{}}, false},
		"one of a hundred": {append(slices.Repeat([]answer{right}, 99), late), true},
		"two of a hundred": {append(slices.Repeat([]answer{right}, 98), early, late), false},
	} {
		if c := count(tt.all); c.good() != tt.good {
			t.Errorf("%s: good is %v: %s", name, c.good(), c)
		}
	}
}

// measure makes up a site, stands it up and goes a few steps.
func measure(t *testing.T, seed, steps int) ([]answer, error) {
	m := maker{rand.New(rand.NewPCG(uint64(seed), 1))}
	text := m.site()
	s, src, found := model.Load("site.yaml", []byte(text))
	if found.HasErrors() {
		src.Locate(found)
		return nil, fmt.Errorf("seed %d: %v\n%s", seed, found, text)
	}
	resolved := site.Resolve(s)
	sets, err := render.New().Sets(resolved, model.Inputs{})
	if err != nil {
		return nil, err
	}
	names, confs := keepalivedConfs(sets)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n, err := cable(ctx, t, names, confs)
	if err != nil {
		return nil, fmt.Errorf("seed %d: %w", seed, err)
	}
	w := &walker{network: n, group: failover.Groups(resolved)[0], maker: m}
	answers, err := w.walk(ctx, steps)
	if err != nil {
		return nil, fmt.Errorf("seed %d: %w\n%s", seed, err, text)
	}
	for _, a := range answers {
		if a.wrongMaster() || a.outside() {
			t.Logf("seed %d: %s\n%s", seed, a, text)
		}
	}
	return answers, nil
}

// walker goes from state to state, in the forecast and for real.
type walker struct {
	*network
	group *failover.Group
	maker maker
}

func (w *walker) walk(ctx context.Context, steps int) ([]answer, error) {
	state := w.group.Start()
	var answers []answer
	if w.maker.oneIn(4) {
		a, err := w.together(ctx, state)
		if answers = append(answers, a); err != nil || a.wrongMaster() {
			return answers, err
		}
	} else if err := w.begin(ctx, state); err != nil {
		return nil, err
	}
	for range steps {
		part := w.next(state)
		step := w.group.Next(state, part)
		a, err := w.take(ctx, step)
		if err != nil {
			return answers, err
		}
		answers = append(answers, a)
		if a.wrongMaster() {
			break // what follows is of another state
		}
		state = step.To
	}
	return answers, nil
}

// begin starts the preferred master, and the others once it is master.
func (w *walker) begin(ctx context.Context, s failover.State) error {
	first := s.Masters[0]
	if err := w.nodes[first].start(ctx); err != nil {
		return err
	}
	if err := w.becomesMaster(first); err != nil {
		return err
	}
	for i, n := range w.nodes {
		if i == first {
			continue
		}
		if err := n.start(ctx); err != nil {
			return err
		}
	}
	// The others have heard an advert, and asked their scripts twice.
	time.Sleep(w.group.Slowest() + 3*time.Second + 2*w.group.StartupDelay)
	return nil
}

func (w *walker) becomesMaster(i int) error {
	for deadline := time.Now().Add(40 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if _, ok := w.nodes[i].master(w.group.VIPs); ok {
			return nil
		}
	}
	log, _ := os.ReadFile(w.nodes[i].log.Name())
	return fmt.Errorf("%s does not become master\n%s", w.nodes[i].name, log)
}

// together starts all nodes at once: the one with the shortest timer is first.
func (w *walker) together(ctx context.Context, s failover.State) (answer, error) {
	for _, n := range w.nodes {
		if err := n.start(ctx); err != nil {
			return answer{}, err
		}
	}
	late := sleep(2*w.calm() + 4*w.group.StartupDelay)
	a := answer{what: "all nodes start at once", late: late, excuse: w.excuse(), foreseen: w.names(s)}
	a.masters, _ = w.masters(s, time.Now())
	return a, nil
}

// calm is how long nothing may happen any more before the next event: scripts have
// been asked often enough, and adverts heard.
func (w *walker) calm() time.Duration {
	return 4*w.group.Slowest() + 3*time.Second + 2*w.group.StartupDelay
}

// next is something that is broken, or one of the parts.
func (w *walker) next(s failover.State) failover.Part {
	if len(s.Broken) > 1 || len(s.Broken) > 0 && w.maker.oneIn(2) {
		return s.Broken[w.maker.IntN(len(s.Broken))]
	}
	covered := func(p failover.Part) bool { // by a machine, or a Keepalived, that is off
		return slices.ContainsFunc(s.Broken, func(b failover.Part) bool { return b.Node == p.Node })
	}
	parts := slices.DeleteFunc(w.group.Parts(), covered)
	if len(parts) == 0 {
		return s.Broken[0]
	}
	// Most of what happens to a backup moves nothing.
	of := func(p failover.Part) bool { return slices.Contains(s.Masters, p.Node) }
	if masters := slices.DeleteFunc(slices.Clone(parts), func(p failover.Part) bool { return !of(p) }); len(masters) > 0 && !w.maker.oneIn(4) {
		parts = masters
	}
	return parts[w.maker.IntN(len(parts))]
}

// take does what the step is about, and waits until it should be over.
func (w *walker) take(ctx context.Context, step failover.Step) (answer, error) {
	window := w.group.Window(step)
	a := answer{what: w.group.Event(step), window: window, excuse: w.excuse(), moved: moves(step), foreseen: w.names(step.To)}
	at := time.Now()
	if err := w.do(ctx, step.Part, step.Repaired, w.group.VIPs); err != nil {
		return a, err
	}
	a.late = sleep(window.Worst + w.calm())
	a.masters, a.took = w.masters(step.To, at)
	return a, nil
}

// sleep waits, and returns how late this machine was at worst meanwhile.
func sleep(d time.Duration) time.Duration {
	const nap = 10 * time.Millisecond
	var worst time.Duration
	for end := time.Now().Add(d); ; {
		before := time.Now()
		if !before.Before(end) {
			return worst
		}
		time.Sleep(nap)
		worst = max(worst, time.Since(before)-nap)
	}
}

func (w *walker) names(s failover.State) []string {
	var all []string
	for _, i := range s.Masters {
		all = append(all, w.nodes[i].name)
	}
	return all
}

// masters are the nodes that have the virtual IPs, and how long after at the last of
// them got them. What stands on a machine that is off does not count.
func (w *walker) masters(s failover.State, at time.Time) (names []string, took time.Duration) {
	for i, n := range w.nodes {
		since, ok := n.master(w.group.VIPs)
		if !ok || slices.Contains(s.Broken, failover.Part{Node: i, Kind: failover.Machine}) {
			continue
		}
		names = append(names, n.name)
		if since.After(at) {
			took = since.Sub(at)
		}
	}
	return names, took
}

// moves says whether a node becomes master that was none.
func moves(s failover.Step) bool {
	return slices.ContainsFunc(s.To.Masters, func(i int) bool { return !slices.Contains(s.From.Masters, i) })
}

// excuse is what prove says where it does not promise a master.
func (w *walker) excuse() string {
	for _, f := range w.group.Prove() {
		if f.Tie {
			return "(a tie)"
		}
	}
	if race, _ := w.group.Race(); race != "" {
		return "(a race)"
	}
	return ""
}
