package deploy_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/deploy"
	"github.com/lbgen/lbgen/internal/plan"
	"github.com/lbgen/lbgen/internal/testenv"
)

// nodes is a shell that notes what it is asked, and fails where it is told to.
// internal/scripts has the deployment over a real ssh.
type nodes struct {
	asked []string
	fails map[string]error
	after func(asked string)
	has   map[string]bool // nodes that have one more backup
}

func (n *nodes) Run(_ context.Context, node, command string, _ io.Reader, out io.Writer) error {
	if i := strings.LastIndex(command, "\ninstall_for "); i >= 0 { // what follows is a program
		command = strings.Fields(command[i:])[0]
	}
	lines := strings.Split(strings.TrimSpace(command), "\n")
	what := map[string]string{"install": "install.sh", "install_for": "install.sh", "undo": "--undo", "became": "became", "confirm": "confirm",
		"newest": "newest", "systemctl": "start", "stop_for": "stop"}[strings.Fields(lines[len(lines)-1])[0]]
	switch {
	case what == "newest":
		if n.has[node] {
			_, _ = io.WriteString(out, "/var/lib/lbgen/backup/000001-\n")
		}
		return nil
	case strings.Contains(lines[len(lines)-1], "stop"):
		what = "stop"
	}
	n.asked = append(n.asked, node+" "+what)
	if what == "install.sh" && n.has != nil && n.fails[node+" "+what] == nil {
		n.has[node] = true
	}
	if n.after != nil {
		n.after(node + " " + what)
	}
	return n.fails[node+" "+what]
}

func way(n *nodes, steps ...plan.Step) *deploy.Way {
	return &deploy.Way{Plan: plan.Plan{Steps: steps}, Shell: n, Trees: map[string]deploy.Tree{}, Now: time.Now,
		Begin: func(string) io.Writer { return io.Discard }}
}

func TestWhatComesOfANodeThatFails(t *testing.T) {
	rolling := []plan.Step{{Node: "b", Do: plan.Install}, {Node: "a", Do: plan.Install}}
	together := []plan.Step{{Node: "b", Do: plan.Stop}, {Node: "a", Do: plan.Install}, {Node: "b", Do: plan.Install}}
	lost := errors.New("the connection is lost")
	for name, tt := range map[string]struct {
		steps         []plan.Step
		fails         map[string]error
		asked, states string
	}{
		"all well":        {rolling, nil, "b install.sh, a install.sh", "b installed, a installed"},
		"the first fails": {rolling, map[string]error{"b install.sh": &deploy.Failed{Code: 1}}, "b install.sh", "b refused, a untouched"},
		"the second fails": {rolling, map[string]error{"a install.sh": &deploy.Failed{Code: 1}}, "b install.sh, a install.sh, b --undo",
			"b undone, a refused"},
		"it cannot be undone": {rolling, map[string]error{"a install.sh": &deploy.Failed{Code: 1}, "b --undo": lost},
			"b install.sh, a install.sh, b --undo", "b unknown, a refused"},
		"the connection is lost": {rolling, map[string]error{"a install.sh": lost, "a became": lost},
			"b install.sh, a install.sh, a became, b --undo", "b undone, a unknown"},
		"the connection is lost before it began": {rolling, map[string]error{"a install.sh": lost, "a became": &deploy.Failed{Code: 1}},
			"b install.sh, a install.sh, a became, b --undo", "b undone, a refused"},
		"the connection is lost, and it is cut off": {rolling, map[string]error{"a install.sh": lost, "a became": &deploy.Failed{Code: 4}},
			"b install.sh, a install.sh, a became, b --undo", "b undone, a half done"},
		"not all could be put back": {rolling, map[string]error{"b install.sh": &deploy.Failed{Code: 4}}, "b install.sh",
			"b half done, a untouched"},
		"install.sh is killed": {rolling, map[string]error{"b install.sh": &deploy.Failed{Code: 137}}, "b install.sh",
			"b half done, a untouched"},
		"the tree does not arrive": {rolling, map[string]error{"b install.sh": &deploy.Failed{Code: 125}}, "b install.sh",
			"b refused, a untouched"},
		"the first had it already": {rolling, map[string]error{"a install.sh": &deploy.Failed{Code: 3}, "b --undo": &deploy.Failed{Code: 123}},
			"b install.sh, a install.sh, b --undo", "b untouched, a refused"},
		"Keepalived cannot be stopped": {together, map[string]error{"b stop": lost, "b start": lost}, "b stop, b start",
			"b stopped, a untouched"},
		"together": {together, nil, "b stop, a install.sh, b install.sh", "b installed, a installed"},
		"together, and a node fails": {together, map[string]error{"a install.sh": &deploy.Failed{Code: 1}}, "b stop, a install.sh, b start",
			"b untouched, a refused"},
		"together, and the last one fails": {together, map[string]error{"b install.sh": &deploy.Failed{Code: 1}},
			"b stop, a install.sh, b install.sh, a --undo, b start", "b refused, a undone"},
	} {
		n := &nodes{fails: tt.fails}
		ended, err := way(n, tt.steps...).Go(context.Background())
		var states []string
		for _, one := range ended {
			states = append(states, fmt.Sprintf("%s %s", one.Name, one.State))
		}
		if got := strings.Join(n.asked, ", "); got != tt.asked {
			t.Errorf("%s: asked\n%s, want\n%s", name, got, tt.asked)
		}
		if got := strings.Join(states, ", "); got != tt.states || (err == nil) != (len(tt.fails) == 0) {
			t.Errorf("%s: %s, want %s; %v", name, got, tt.states, err)
		}
	}
}

func TestConfirmation(t *testing.T) {
	rolling := []plan.Step{{Node: "b", Do: plan.Install}, {Node: "a", Do: plan.Install}}
	together := append([]plan.Step{{Node: "b", Do: plan.Stop}, {Node: "a", Do: plan.Install}}, rolling[0])
	lost := errors.New("the connection is lost")
	for name, tt := range map[string]struct {
		steps         []plan.Step
		yes           bool
		fails         map[string]error
		asked, states string
	}{
		"yes": {rolling, true, nil, "b install.sh, a install.sh, b confirm, a confirm", "b installed, a installed"},
		"no":  {rolling, false, nil, "b install.sh, a install.sh, a --undo, b --undo", "b undone, a undone"},
		"too late": {rolling, true, map[string]error{"b confirm": &deploy.Failed{Code: 121}, "b --undo": &deploy.Failed{Code: 123}},
			"b install.sh, a install.sh, b confirm, a --undo, b --undo", "b undone, a undone"},
		"too late for one": {rolling, true, map[string]error{"a confirm": &deploy.Failed{Code: 121}, "a --undo": &deploy.Failed{Code: 123}},
			"b install.sh, a install.sh, b confirm, a confirm, a --undo, b --undo", "b undone, a undone"},
		"the connection is lost": {rolling, true, map[string]error{"a confirm": lost, "a --undo": lost},
			"b install.sh, a install.sh, b confirm, a confirm, a --undo, b --undo", "b undone, a unknown"},
		"another waits": {rolling, true, map[string]error{"a install.sh": &deploy.Failed{Code: 120}},
			"b install.sh, a install.sh, b --undo", "b undone, a refused"},
		"another waits where Keepalived is to be stopped": {together, true, map[string]error{"b stop": &deploy.Failed{Code: 120}},
			"b stop", "b refused, a untouched"},
		"together": {together, true, nil, "b stop, a install.sh, b install.sh, a confirm, b confirm", "b installed, a installed"},
	} {
		n := &nodes{fails: tt.fails, has: map[string]bool{}}
		w := way(n, tt.steps...)
		w.Confirm, w.Keep = time.Minute, func(context.Context, time.Time) bool { return tt.yes }
		ended, err := w.Go(context.Background())
		if got := strings.Join(n.asked, ", "); got != tt.asked {
			t.Errorf("%s: asked\n%s, want\n%s", name, got, tt.asked)
		}
		var states []string
		for _, one := range ended {
			states = append(states, fmt.Sprintf("%s %s", one.Name, one.State))
		}
		if got := strings.Join(states, ", "); got != tt.states || (err == nil) != (tt.yes && len(tt.fails) == 0) {
			t.Errorf("%s: %s, want %s; %v", name, got, tt.states, err)
		}
	}
}

// TestNothingToConfirm: where no node has changed, nobody is asked.
func TestNothingToConfirm(t *testing.T) {
	n := &nodes{}
	w := way(n, plan.Step{Node: "b", Do: plan.Install})
	w.Confirm, w.Keep = time.Minute, func(context.Context, time.Time) bool { t.Error("asked"); return false }
	if _, err := w.Go(context.Background()); err != nil || strings.Join(n.asked, ", ") != "b install.sh, b confirm" {
		t.Errorf("%v, %v", n.asked, err)
	}
}

// TestNoTimeIsLeft: no step begins that would be undone at once.
func TestNoTimeIsLeft(t *testing.T) {
	n := &nodes{has: map[string]bool{}, after: func(string) { time.Sleep(20 * time.Millisecond) }}
	w := way(n, plan.Step{Node: "b", Do: plan.Install}, plan.Step{Node: "a", Do: plan.Install})
	w.Confirm, w.Keep = 10*time.Millisecond, func(context.Context, time.Time) bool { t.Error("asked"); return true }
	ended, err := w.Go(context.Background())
	if got := strings.Join(n.asked, ", "); got != "b install.sh, b --undo" || err == nil || ended[0].State != deploy.Undone {
		t.Errorf("%s, %+v, %v", got, ended, err)
	}
}

func TestInterruptionIsBetweenSteps(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	n := &nodes{after: func(string) { cancel(errors.New("interrupted")) }}
	ended, err := way(n, plan.Step{Node: "b", Do: plan.Install}, plan.Step{Node: "a", Do: plan.Install}).Go(ctx)
	if got := strings.Join(n.asked, ", "); got != "b install.sh, b --undo" || err == nil || ended[0].State != deploy.Undone ||
		ended[1].State != deploy.Untouched {
		t.Errorf("%s, %+v, %v", got, ended, err)
	}
}

// TestLostAndDone: where only the answer is lost the deployment goes on.
func TestLostAndDone(t *testing.T) {
	n := &nodes{fails: map[string]error{"b install.sh": errors.New("lost")}}
	ended, err := way(n, plan.Step{Node: "b", Do: plan.Install}, plan.Step{Node: "a", Do: plan.Install}).Go(context.Background())
	if got := strings.Join(n.asked, ", "); got != "b install.sh, b became, a install.sh" || err != nil || ended[0].State != deploy.Installed {
		t.Errorf("%s, %+v, %v", got, ended, err)
	}
}

func TestScriptIsClean(t *testing.T) {
	testenv.Programs(t, "shellcheck")
	if out, err := exec.CommandContext(context.Background(), "shellcheck", "-s", "sh", "node.sh", "expire.sh").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
