// Package deploy carries a plan out: it hands each node its tree and has it run its own
// install.sh, one node after the other, and takes back what was done where a node
// fails. How a command reaches a node is the caller's business.
package deploy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/plan"
)

// Shell runs a command as root on a node. input is its standard input, out gets what
// it prints on both streams. The error is a *Failed where the command ran and ended
// with another status than 0.
type Shell interface {
	Run(ctx context.Context, node, command string, input io.Reader, out io.Writer) error
}

// Failed is a command that ran to its end and failed.
type Failed struct{ Code int }

// Error says with which status.
func (f *Failed) Error() string { return fmt.Sprintf("it ended with %d", f.Code) }

// State is what became of a node.
type State string

// The states. A node that Unknown is said of may have the old or the new configuration:
// install.sh goes on without the connection, and the next run finishes or undoes.
const (
	Untouched State = "untouched" // as it was
	Installed State = "installed"
	Refused   State = "refused" // install.sh failed, and put back what it had changed
	Undone    State = "undone"  // installed, and put back
	Stopped   State = "stopped" // Keepalived is stopped
	Unknown   State = "unknown"
)

// Node is a node in the end.
type Node struct {
	Name  string `json:"name"`
	State State  `json:"state"`
	Note  string `json:"note,omitempty"`
}

// Way is one deployment.
type Way struct {
	Plan  plan.Plan
	Trees map[string][]byte // tar files by the nodes' names
	Shell Shell
	// Begin is told of each step before it begins. What it returns gets what the node
	// says.
	Begin func(title string) io.Writer

	nodes []Node
	done  []plan.Step
}

// scratch hands install.sh its tree, runs it and goes on where the connection is lost
// meanwhile: it then finishes by itself. %s are its arguments.
const scratch = `umask 077
d=$(mktemp -d /var/tmp/lbgen.XXXXXX) && tar -xf - -C "$d" || exit 125
setsid sh -c 'cd "$1" && sh install.sh %s >out 2>&1 </dev/null; echo $? >code' lbgen "$d" &
wait $!
cat "$d/out"
code=$(cat "$d/code")
rm -rf "$d"
exit "$code"
`

const (
	stopKeepalived  = "systemctl stop keepalived.service"
	startKeepalived = "systemctl start keepalived.service"
)

// Command is the command that has a node run the install.sh of the tree that it gets
// on its standard input.
func Command(arguments string) string { return fmt.Sprintf(scratch, arguments) }

// Try has every node say what it would do, and changes nothing.
func (w *Way) Try(ctx context.Context) error {
	var failed []error
	for _, s := range w.Plan.Steps {
		if s.Do != plan.Install {
			continue
		}
		out := w.Begin(fmt.Sprintf("%s: install.sh --dry-run", s.Node))
		if err := w.Shell.Run(ctx, s.Node, Command("--dry-run"), w.tree(s.Node), out); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.Node, err))
		}
	}
	return errors.Join(failed...)
}

func (w *Way) tree(node string) io.Reader { return strings.NewReader(string(w.Trees[node])) }

// Go carries the plan out, and says of each node what became of it. The first step that
// fails ends it; what was done before is taken back.
func (w *Way) Go(ctx context.Context) ([]Node, error) {
	for _, s := range w.Plan.Steps {
		if !slices.ContainsFunc(w.nodes, func(n Node) bool { return n.Name == s.Node }) {
			w.nodes = append(w.nodes, Node{Name: s.Node, State: Untouched})
		}
	}
	for i, s := range w.Plan.Steps {
		if err := context.Cause(ctx); err != nil { // between two steps, all nodes are whole
			return w.nodes, errors.Join(err, w.back(ctx))
		}
		err := w.step(ctx, i, s)
		if err == nil {
			w.done = append(w.done, s)
			continue
		}
		err = fmt.Errorf("%s: %w", s.Node, err)
		return w.nodes, errors.Join(err, w.back(ctx))
	}
	return w.nodes, nil
}

func (w *Way) step(ctx context.Context, i int, s plan.Step) error {
	command, input, what := Command(""), w.tree(s.Node), "install.sh"
	if s.Do == plan.Stop {
		command, input, what = stopKeepalived, strings.NewReader(""), "systemctl stop keepalived"
	}
	out := w.Begin(fmt.Sprintf("%d. %s (%s): %s", i+1, s.Node, s.Role, what))
	// A step that has begun is not interrupted: a node in the middle is worse than a wait.
	err := w.Shell.Run(context.WithoutCancel(ctx), s.Node, command, input, out)
	var failed *Failed
	switch {
	case err == nil && s.Do == plan.Stop:
		w.set(s.Node, Stopped, "")
	case err == nil:
		w.set(s.Node, Installed, "")
	case errors.As(err, &failed) && s.Do == plan.Install:
		w.set(s.Node, Refused, "install.sh left it as it was")
	default:
		w.set(s.Node, Unknown, err.Error())
	}
	return err
}

func (w *Way) set(name string, state State, note string) {
	i := slices.IndexFunc(w.nodes, func(n Node) bool { return n.Name == name })
	w.nodes[i].State, w.nodes[i].Note = state, note
}

func (w *Way) state(name string) State {
	i := slices.IndexFunc(w.nodes, func(n Node) bool { return n.Name == name })
	return w.nodes[i].State
}

// back undoes the steps that were done, the last one first, and starts what was stopped.
func (w *Way) back(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	var failed []error
	for i := len(w.done) - 1; i >= 0; i-- {
		s := w.done[i]
		if s.Do != plan.Install {
			continue
		}
		out := w.Begin(s.Node + ": install.sh --undo")
		if err := w.Shell.Run(ctx, s.Node, Command("--undo"), w.tree(s.Node), out); err != nil {
			w.set(s.Node, Unknown, "it could not be undone: "+err.Error())
			failed = append(failed, fmt.Errorf("%s: undo: %w", s.Node, err))
			continue
		}
		w.set(s.Node, Undone, "")
	}
	for _, s := range w.done {
		state := w.state(s.Node)
		if s.Do != plan.Stop || state != Stopped && state != Refused {
			continue
		}
		out := w.Begin(s.Node + ": systemctl start keepalived")
		if err := w.Shell.Run(ctx, s.Node, startKeepalived, strings.NewReader(""), out); err != nil {
			failed = append(failed, fmt.Errorf("%s: Keepalived is still stopped: %w", s.Node, err))
			continue
		}
		if state == Stopped {
			w.set(s.Node, Untouched, "Keepalived was stopped and started again")
		}
	}
	return errors.Join(failed...)
}
