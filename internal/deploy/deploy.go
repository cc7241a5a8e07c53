// Package deploy carries a plan out: it hands each node its tree and has it run its own
// install.sh, one node after the other, and takes back what was done where a node
// fails. How a command reaches a node is the caller's business.
package deploy

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

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

// The states. A node that is HalfDone, and one that is Unknown, may have the old or the
// new configuration: the next run finishes or undoes.
const (
	Untouched State = "untouched" // as it was
	Installed State = "installed"
	Refused   State = "refused"   // nothing was changed, or install.sh has put back what was
	Undone    State = "undone"    // installed, and put back
	HalfDone  State = "half done" // install.sh was killed, or could not put everything back
	Stopped   State = "stopped"   // Keepalived is stopped
	Unknown   State = "unknown"   // it cannot be asked any more
)

// Node is a node in the end.
type Node struct {
	Name  string `json:"name"`
	State State  `json:"state"`
	Note  string `json:"note,omitempty"`
}

// Tree is what a node is to get.
type Tree struct {
	Tar []byte
	Sum string // of its MANIFEST, sha256 in hexadecimal
}

// Way is one deployment.
type Way struct {
	Site  string
	Plan  plan.Plan
	Trees map[string]Tree // by the nodes' names
	Shell Shell
	// Begin is told of each step before it begins. What it returns gets what the node
	// says.
	Begin func(title string) io.Writer
	// Confirm, above 0, is the time in which Keep has to say yes. Nodes that hear nothing
	// go back by themselves.
	Confirm time.Duration
	Now     func() time.Time
	// Keep asks whether to keep it; no answer until then is a no.
	Keep func(ctx context.Context, until time.Time) bool

	nodes  []Node
	done   []plan.Step
	before map[string]string // the last backup of each node before its step
	until  time.Time         // when the nodes go back by themselves
	// changed are the nodes of which it is known that their step changed something.
	changed map[string]bool
}

//go:embed node.sh
var program string

const (
	stopKeepalived  = "systemctl stop keepalived.service"
	startKeepalived = "systemctl start keepalived.service"
	newest          = "newest"
)

// The exit codes of node.sh beside those of install.sh.
const (
	undecided   = 3   // of became: it still runs
	halfDone    = 4   // install.sh's, and of became
	cannotUndo  = 119 // of install_for and stop_for: it could not go back by itself
	waits       = 120 // an earlier installation waits for its confirmation
	tooLate     = 121 // of confirm
	unchanged   = 123 // of undo: there is nothing to take back
	notUnpacked = 125 // the tree has not come to its folder
	killed      = 128 // and above: install.sh was ended by a signal
)

// call is the command that runs one function of node.sh.
func call(function string, arguments ...string) string {
	words := []string{function}
	for _, a := range arguments {
		words = append(words, "'"+strings.ReplaceAll(a, "'", `'\''`)+"'")
	}
	return program + strings.Join(words, " ") + "\n"
}

// Command is the command that has a node run the install.sh of the tree that it gets
// on its standard input.
func Command(arguments ...string) string { return call("install", arguments...) }

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

func (w *Way) tree(node string) io.Reader { return bytes.NewReader(w.Trees[node].Tar) }

// Go carries the plan out, and says of each node what became of it. The first step that
// fails ends it; what was done before is taken back.
func (w *Way) Go(ctx context.Context) ([]Node, error) {
	w.before = map[string]string{}
	w.changed = map[string]bool{}
	w.until = w.Now().Add(w.Confirm)
	for _, s := range w.Plan.Steps {
		if !slices.ContainsFunc(w.nodes, func(n Node) bool { return n.Name == s.Node }) {
			w.nodes = append(w.nodes, Node{Name: s.Node, State: Untouched})
		}
	}
	for i, s := range w.Plan.Steps {
		if err := errors.Join(context.Cause(ctx), w.late()); err != nil { // between two steps, all nodes are whole
			return w.nodes, errors.Join(err, w.back(ctx))
		}
		// A step that has begun is not interrupted: a node in the middle is worse than a wait.
		err := w.step(context.WithoutCancel(ctx), i, s)
		if err == nil {
			w.done = append(w.done, s)
			continue
		}
		err = fmt.Errorf("%s: %w", s.Node, err)
		return w.nodes, errors.Join(err, w.back(ctx))
	}
	return w.nodes, w.confirm(ctx)
}

func (w *Way) step(ctx context.Context, i int, s plan.Step) error {
	if s.Do == plan.Stop {
		out := w.Begin(fmt.Sprintf("%d. %s (%s): systemctl stop keepalived", i+1, s.Node, s.Role))
		err := w.Shell.Run(ctx, s.Node, w.stopCommand(), strings.NewReader(""), out)
		if w.refused(s.Node, err) {
			return err
		}
		w.set(s.Node, Stopped, "")
		if err != nil {
			w.done = append(w.done, s) // it may be stopped, so that it has to be started
		}
		return err
	}
	out := w.Begin(fmt.Sprintf("%d. %s (%s): install.sh", i+1, s.Node, s.Role))
	var last bytes.Buffer
	if err := w.Shell.Run(ctx, s.Node, call(newest), strings.NewReader(""), &last); err != nil {
		w.keep(s.Node, "nothing was changed: "+err.Error())
		return err
	}
	w.before[s.Node] = strings.TrimSpace(last.String())
	err := w.Shell.Run(ctx, s.Node, w.installCommand(), w.tree(s.Node), out)
	if w.refused(s.Node, err) {
		return err
	}
	if err := w.became(ctx, s, err); err != nil {
		return err
	}
	w.compare(ctx, s.Node)
	return nil
}

// keep says of a node that nothing was done, or that it is as another step has left it.
func (w *Way) keep(node, note string) {
	state := Refused
	if w.state(node) == Stopped {
		state = Stopped
	}
	w.set(node, state, note)
}

// became says how a node is after install.sh, and returns what ends the deployment.
func (w *Way) became(ctx context.Context, s plan.Step, err error) error {
	var failed *Failed
	switch {
	case err == nil:
		w.set(s.Node, Installed, "")
	case !errors.As(err, &failed):
		return w.lost(ctx, s, err)
	case failed.Code == notUnpacked:
		w.set(s.Node, Refused, "the tree could not be copied there; nothing was changed")
	case failed.Code == halfDone:
		w.set(s.Node, HalfDone, "install.sh failed and could not put everything back: what it says names the backup"+w.alone())
	case failed.Code >= killed:
		why := fmt.Sprintf("install.sh was ended by signal %d: run deploy again, which finishes it", failed.Code-killed)
		w.set(s.Node, HalfDone, why+w.alone())
	default:
		w.set(s.Node, Refused, "install.sh left it as it was")
	}
	return err
}

// lost asks a node once more where the connection was lost: install.sh has gone on there.
func (w *Way) lost(ctx context.Context, s plan.Step, err error) error {
	out := w.Begin(s.Node + ": the connection was lost; asking what became of it")
	again := w.Shell.Run(ctx, s.Node, call("became", w.Site, w.Trees[s.Node].Sum), strings.NewReader(""), out)
	var failed *Failed
	switch {
	case again == nil:
		w.set(s.Node, Installed, "the connection was lost meanwhile")
		return nil
	case !errors.As(again, &failed), failed.Code == undecided:
		w.set(s.Node, Unknown, err.Error()+"; install.sh goes on there by itself"+w.alone())
	case failed.Code == halfDone:
		w.set(s.Node, HalfDone, "the connection was lost, and install.sh was cut off: run deploy again, which finishes it"+w.alone())
	default:
		w.set(s.Node, Refused, "the connection was lost, and it is as it was")
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
		err := w.Shell.Run(ctx, s.Node, call("undo", w.before[s.Node]), w.tree(s.Node), out)
		var ended *Failed
		switch {
		case err == nil:
			w.set(s.Node, Undone, "")
		case errors.As(err, &ended) && ended.Code == unchanged:
			w.set(s.Node, Untouched, "it had it already")
			if w.changed[s.Node] {
				w.set(s.Node, Undone, "it went back by itself")
			}
		default:
			w.set(s.Node, Unknown, "it could not be undone: "+err.Error()+w.alone())
			failed = append(failed, fmt.Errorf("%s: undo: %w", s.Node, err))
		}
	}
	for _, s := range w.done {
		state := w.state(s.Node)
		if s.Do != plan.Stop || state != Stopped && state != Refused {
			continue
		}
		out := w.Begin(s.Node + ": systemctl start keepalived")
		if err := w.Shell.Run(ctx, s.Node, startKeepalived, strings.NewReader(""), out); err != nil {
			failed = append(failed, fmt.Errorf("%s: Keepalived may still be stopped: %w", s.Node, err))
			w.set(s.Node, state, "Keepalived could not be started")
			continue
		}
		if state == Stopped {
			w.set(s.Node, Untouched, "Keepalived was stopped and started again")
		}
	}
	return errors.Join(failed...)
}
