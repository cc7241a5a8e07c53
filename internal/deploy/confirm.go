package deploy

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/plan"
)

// expire.sh is what a node runs by itself where nobody has confirmed in time.
//
//go:embed expire.sh
var expire string

// seconds are how many are left until the nodes go back. All go back at the same time.
func (w *Way) seconds() string { return strconv.Itoa(max(1, int(w.until.Sub(w.Now()).Seconds()))) }

func (w *Way) installCommand() string {
	if w.Confirm <= 0 {
		return Command()
	}
	return call("install_for", w.seconds(), expire)
}

func (w *Way) stopCommand() string {
	if w.Confirm <= 0 {
		return stopKeepalived
	}
	return call("stop_for", w.seconds())
}

// late says that there is no time left for another step.
func (w *Way) late() error {
	if w.Confirm <= 0 || w.Now().Before(w.until) {
		return nil
	}
	return fmt.Errorf("the time to confirm, %s, was over before all nodes had it", w.Confirm)
}

// alone is what a node does that nobody reaches.
func (w *Way) alone() string {
	if w.Confirm <= 0 {
		return ""
	}
	return fmt.Sprintf("; it goes back by itself within %ss", w.seconds())
}

// refused says whether the node has refused to begin, and notes why.
func (w *Way) refused(node string, err error) bool {
	var failed *Failed
	if !errors.As(err, &failed) {
		return false
	}
	switch failed.Code {
	case waits:
		w.keep(node, "an earlier installation waits there for its confirmation, or goes back by itself; nothing was changed")
	case cannotUndo:
		w.keep(node, "it could not go back there by itself; nothing was changed")
	default:
		return false
	}
	return true
}

// compare notes whether the step has changed anything on the node.
func (w *Way) compare(ctx context.Context, node string) {
	if w.Confirm <= 0 {
		return
	}
	var last bytes.Buffer
	err := w.Shell.Run(ctx, node, call(newest), strings.NewReader(""), &last)
	if err != nil || strings.TrimSpace(last.String()) != w.before[node] {
		w.changed[node] = true
	}
}

// confirm asks whether to keep what was installed, and tells the nodes.
func (w *Way) confirm(ctx context.Context) error {
	if w.Confirm <= 0 || len(w.done) == 0 {
		return nil
	}
	asking, cancel := context.WithDeadline(ctx, w.until)
	defer cancel()
	if len(w.changed) > 0 && !w.Keep(asking, w.until) {
		err := context.Cause(ctx) // an interruption
		if err == nil {
			err = errors.New("it was not confirmed")
		}
		return errors.Join(err, w.back(ctx))
	}
	ctx = context.WithoutCancel(ctx)
	for _, s := range w.done {
		if s.Do != plan.Install {
			continue
		}
		if err := w.tell(ctx, s.Node); err != nil {
			// What the others have goes back as well: no two nodes are left with two configurations.
			return errors.Join(fmt.Errorf("%s: %w", s.Node, err), w.back(ctx))
		}
	}
	return nil
}

// tell tells a node that it may keep what it has.
func (w *Way) tell(ctx context.Context, node string) error {
	out := w.Begin(node + ": confirmed")
	err := w.Shell.Run(ctx, node, call("confirm"), strings.NewReader(""), out)
	var failed *Failed
	if errors.As(err, &failed) && failed.Code == tooLate {
		return errors.New("the confirmation came too late: it goes back by itself")
	}
	return err
}
