package rehearse

import (
	"errors"
	"path/filepath"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/booted"
	"github.com/lbgen/lbgen/internal/recording"
)

// install installs the site on nodes that have booted, in the order of a plan, and waits
// until all is well. A drill that begins before does it itself, and ends with serving.
func (p *attempt) install() error {
	if p.drill.bare {
		return nil
	}
	for _, node := range p.booting.First {
		if _, err := p.machines.installed(node, treeOfSite); err != nil {
			return err
		}
	}
	if len(p.groups) > 0 && !p.await(p.startTime(), func(events []recording.Event) bool { return p.atHome(events) || p.stays(events) }) {
		return errNotInPlace()
	}
	if !p.forecast.Home(p.lab.Events()) {
		if err := p.bringBack(); err != nil {
			return err
		}
	}
	if d := p.startupDelay(); d > 0 && p.drill.moves() {
		end := p.lab.Now() + d
		p.await(d+time.Second, func([]recording.Event) bool { return p.lab.Now() >= end })
	}
	return p.serving()
}

// serving begins to ask when servers are checked; that it can is what an installation ends
// with.
func (p *attempt) serving() error {
	if err := p.untilChecked(); err != nil {
		return err
	}
	return p.choose()
}

// do does what only nodes can be done to that boot.
func (m *machines) do(d action) (time.Duration, error) {
	switch d.op {
	case doInstall:
		tree := treeOfSite
		if d.changed {
			tree = treeOfChange
		}
		return m.installed(d.node, tree)
	case doUndo:
		return m.undone(d.node)
	case doFillInstall:
		return m.onFullDisk(d.node)
	case doShutdown:
		return m.shutdown(d.node)
	default:
		return 0, errors.New("there is no such action")
	}
}

// ship copies a tree to the node, once.
func (m *machines) ship(node, tree string) error {
	if there := "/root/" + tree; !m.has(m.cluster.Node(node), there) {
		return m.cluster.Copy(m.ctx, filepath.Join(m.trees, tree, node), node, there)
	}
	return nil
}

// script runs the install.sh of a tree that is on the node.
func (m *machines) script(node, tree string, args ...string) (booted.Result, error) {
	return m.cluster.Node(node).Run(m.ctx, append([]string{"sh", "/root/" + tree + "/install.sh"}, args...)...)
}

// installed installs a tree. It returns when the node took part: when the Keepalived that
// runs now was started, or where none has been, when the installation began.
func (m *machines) installed(node, tree string) (time.Duration, error) {
	if err := m.ship(node, tree); err != nil {
		return 0, err
	}
	begun := m.Now()
	r, err := m.script(node, tree)
	if err = errors.Join(err, refused(node, r)); err != nil {
		return begun, err
	}
	if err := m.asIn(node, tree); err != nil {
		return begun, err
	}
	if at, err := m.startOf(node, begun); err != nil || at > begun {
		return at, err
	}
	return begun, nil
}

// refused is why install.sh has not done its work; nil where it has.
func refused(node string, r booted.Result) error {
	if r.Code == 0 {
		return nil
	}
	return impossible("install.sh on %s ends with exit code %d: %s", node, r.Code, strings.Join(strings.Fields(r.Err), " "))
}

// unlike prints the files of the tree, its working directory, that are other ones on the node.
const unlike = `while read -r mode owner action _ path; do
	case $mode$action in "#"*|*tool|*firewall) continue ;; esac
	[ "$(stat -c '%04a %U:%G' "/$path" 2>/dev/null)" = "$mode $owner" ] && cmp -s "$path" "/$path" || echo "/$path"
done <MANIFEST`

// asIn says whether the node has the files of the tree, byte by byte.
func (m *machines) asIn(node, tree string) error {
	out, err := m.ask(node, "sh", "-c", "cd /root/"+tree+" && "+unlike)
	if files := strings.Fields(out); err == nil && len(files) > 0 {
		err = impossible("%s does not have what it should: %s", node, strings.Join(files, ", "))
	}
	return err
}

// undone goes back to the site without the change.
func (m *machines) undone(node string) (time.Duration, error) {
	at := m.Now()
	r, err := m.script(node, treeOfChange, "--undo")
	if err = errors.Join(err, refused(node, r)); err != nil {
		return at, err
	}
	return at, m.asIn(node, treeOfSite)
}

// onFullDisk installs the change where there is no room, and looks that nothing has come
// of it.
func (m *machines) onFullDisk(node string) (time.Duration, error) {
	n := m.cluster.Node(node)
	if err := m.ship(node, treeOfChange); err != nil {
		return 0, err
	}
	at := m.Now()
	if err := n.Fill(m.ctx); err != nil {
		return at, err
	}
	r, err := m.script(node, treeOfChange)
	if err = errors.Join(err, n.Free(m.ctx)); err != nil {
		return at, err
	}
	if r.Code == 0 {
		return at, impossible("install.sh on %s says that it has installed what the disk has no room for", node)
	}
	return at, m.asIn(node, treeOfSite)
}
