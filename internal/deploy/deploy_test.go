package deploy_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"

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
}

func (n *nodes) Run(_ context.Context, node, command string, _ io.Reader, _ io.Writer) error {
	lines := strings.Split(strings.TrimSpace(command), "\n")
	what := map[string]string{"install": "install.sh", "undo": "--undo", "became": "became",
		"newest": "newest", "systemctl": "start"}[strings.Fields(lines[len(lines)-1])[0]]
	switch {
	case what == "newest":
		return nil
	case strings.Contains(lines[len(lines)-1], "stop"):
		what = "stop"
	}
	n.asked = append(n.asked, node+" "+what)
	if n.after != nil {
		n.after(node + " " + what)
	}
	return n.fails[node+" "+what]
}

func way(n *nodes, steps ...plan.Step) *deploy.Way {
	return &deploy.Way{Plan: plan.Plan{Steps: steps}, Shell: n, Trees: map[string]deploy.Tree{},
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
	if out, err := exec.CommandContext(context.Background(), "shellcheck", "-s", "sh", "node.sh").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
