package rehearse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/booted"
	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/recording"
	"github.com/lbgen/lbgen/internal/scratch"
)

// Booting is how nodes boot that have a systemd of their own.
type Booting struct {
	// Roots are folders or tar files with the roots that nodes have, by node, in place of
	// this machine's.
	Roots map[string]string
	// First are the nodes in the order of a first installation.
	First []string
	// Change is a small one, in words, Changed are the files with it, and Rolling are the
	// nodes in the order in which they take it. It is "" where the site has nothing to change.
	Change  string
	Changed []artifact.Set
	Rolling []string
}

// machines are nodes that boot, and a lab without nodes around them: its servers and its
// client are plugged into their networks.
type machines struct {
	*lab.Lab
	stage   *stage
	cluster *booted.Cluster
	ctx     context.Context
	end     context.CancelFunc
	trees   string // folder with the trees of each node
	options lab.Options
	looks   map[string]*look
	notes   []string
}

// The trees, by the name of their folder here and on the node.
const (
	treeOfSite   = "site"
	treeOfChange = "changed"
)

// bootAll boots the nodes, and joins them to a lab. Nothing is installed yet.
func (s *stage) bootAll(ctx context.Context, o Options) (*machines, error) {
	plan := s.plan
	plan.Nodes = nil
	l, err := lab.Up(ctx, plan, o.Lab)
	if err != nil {
		return nil, err
	}
	m := &machines{Lab: l, stage: s, looks: map[string]*look{}, options: o.Lab}
	m.ctx, m.end = context.WithCancel(ctx)
	for _, step := range []func() error{m.power, m.writeTrees, m.plug, m.prepare} {
		if err := step(); err != nil {
			m.Down()
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return nil, err
		}
	}
	return m, nil
}

// Down ends everything.
func (m *machines) Down() {
	m.end()
	if m.cluster != nil {
		m.cluster.Stop()
	}
	m.Lab.Down()
}

// Stubs says what is not real.
func (m *machines) Stubs() []string { return slices.Concat(m.Lab.Stubs(), m.notes) }

func (m *machines) note(format string, args ...any) {
	if n := fmt.Sprintf(format, args...); !slices.Contains(m.notes, n) {
		m.notes = append(m.notes, n)
	}
}

// writeTrees writes the nodes' trees as render does, where nothing is left of them. A file
// of which nothing is to be had is made up.
func (m *machines) writeTrees() error {
	m.trees = filepath.Join(m.cluster.Dir(), "trees")
	for _, n := range m.stage.plan.Nodes {
		if err := m.writeTree(treeOfSite, n.Set); err != nil {
			return err
		}
	}
	for _, set := range m.stage.booting.Changed {
		if err := m.writeTree(treeOfChange, set); err != nil {
			return err
		}
	}
	return nil
}

func (m *machines) writeTree(name string, set artifact.Set) error {
	madeUp, err := m.StandIns(set)
	if err != nil {
		return err
	}
	set.Files = slices.Clone(set.Files)
	for i := range set.Files {
		f := &set.Files[i]
		for _, other := range madeUp {
			if f.Absent() && other.Path == f.Path {
				f.Data, f.Secrets = other.Data, nil
			}
		}
	}
	files := append(set.Files, artifact.File{Path: artifact.ManifestName, Data: set.Manifest()})
	for _, f := range files {
		at := filepath.Join(m.trees, name, set.Node, f.Path)
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(at, f.Data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// power boots the nodes.
func (m *machines) power() (err error) {
	var o booted.Options
	for _, n := range m.stage.plan.Nodes {
		node := booted.Node{Name: n.Set.Node, Root: m.stage.booting.Roots[n.Set.Node], Firewalld: opens(n.Set)}
		for _, link := range n.Links {
			node.NICs = append(node.NICs, booted.NIC(link))
		}
		o.Nodes = append(o.Nodes, node)
	}
	if m.cluster, err = booted.Start(m.ctx, o); err != nil {
		return fmt.Errorf("the nodes do not boot: %w", err)
	}
	return nil
}

// opens says whether something is opened in firewalld.
func opens(set artifact.Set) bool {
	table, _ := set.File("firewalld.table")
	return slices.ContainsFunc(strings.Split(string(table.Data), "\n"), func(line string) bool {
		return line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "site ")
	})
}

// plug joins the networks of the nodes and those of the lab.
func (m *machines) plug() error {
	for _, network := range m.stage.plan.Networks {
		used := slices.ContainsFunc(m.stage.plan.Nodes, func(n lab.Node) bool {
			return slices.ContainsFunc(n.Links, func(l lab.Link) bool { return l.Network == network })
		})
		if !used {
			continue
		}
		err := m.Uplink(network, func(process int, device string) error { return m.cluster.Join(m.ctx, network, process, device) })
		if err != nil {
			return err
		}
	}
	return nil
}

// prepare gives each node what it has of its own beside what is installed, and looks
// at it.
func (m *machines) prepare() error {
	for _, n := range m.stage.plan.Nodes {
		if err := m.prepareOne(n); err != nil {
			return err
		}
		if err := m.watch(n); err != nil {
			return err
		}
	}
	return nil
}

func (m *machines) prepareOne(n lab.Node) error {
	node := m.cluster.Node(n.Set.Node)
	madeUp, err := m.StandIns(n.Set)
	if err != nil {
		return err
	}
	for _, f := range madeUp {
		if _, ours := n.Set.File(f.Path); ours {
			continue
		}
		put := fmt.Sprintf(`mkdir -p "$(dirname "$1")" && cat >"$1" && chmod %o "$1"`, f.Mode.Perm())
		if err := m.feed(node, string(f.Data), put, "/"+f.Path); err != nil {
			return err
		}
	}
	if conf, ok := n.Set.File(keepalivedFile); ok {
		for _, program := range scratch.Programs(conf.Data) {
			if _, ours := n.Set.File(strings.TrimPrefix(program, "/")); ours || m.has(node, program) {
				continue
			}
			m.note("program %s is not on %s: replaced by a stub", program, node.Name)
			put := `mkdir -p "$(dirname "$1")" && cat >"$1" && chmod 755 "$1"`
			if err := m.feed(node, "#!/bin/sh\nexit 0\n", put, program); err != nil {
				return err
			}
		}
	}
	if opens(n.Set) && !m.has(node, "/usr/sbin/firewalld") {
		m.note("firewalld is not on %s: nothing is filtered", node.Name)
	}
	return m.feed(node, strings.Join(append(slices.Clone(n.Hosts), ""), "\n"), `cat >>/etc/hosts`)
}

const keepalivedFile = "etc/keepalived/keepalived.conf"

func (m *machines) has(node *booted.Machine, path string) bool {
	r, err := node.Run(m.ctx, "test", "-e", path)
	return err == nil && r.Code == 0
}

// feed gives a shell's text on the node something to read.
func (m *machines) feed(node *booted.Machine, text, script string, args ...string) error {
	r, err := node.Feed(m.ctx, strings.NewReader(text), append([]string{"sh", "-c", script, "sh"}, args...)...)
	if err == nil && r.Code != 0 {
		err = fmt.Errorf("%s: %s: %s", node.Name, script, r)
	}
	return err
}

// ask runs a program on the node, where it has to succeed, and returns what it printed.
func (m *machines) ask(node string, argv ...string) (string, error) {
	r, err := m.cluster.Node(node).Run(m.ctx, argv...)
	if err == nil && r.Code != 0 {
		err = impossible("%s on %s: %s", strings.Join(argv, " "), node, lastLine(r.Err+r.Out))
	}
	return r.Out, err
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// Start starts a daemon of a node, by systemd.
func (m *machines) Start(node, daemon string) error {
	_, err := m.ask(node, "systemctl", "start", daemon)
	return err
}

// Stop stops one.
func (m *machines) Stop(node, daemon string) (time.Duration, error) {
	at := m.Now()
	_, err := m.ask(node, "systemctl", "stop", daemon)
	return at, err
}

// Kill kills one with all its processes. What comes of it is up to systemd.
func (m *machines) Kill(node, daemon string) (time.Duration, error) {
	at := m.Now()
	_, err := m.ask(node, "sh", "-c", killAll, "sh", daemon)
	return at, err
}

// killAll kills all processes of a unit at once: systemctl kill begins with the first one,
// at whose end the others have a moment to say so.
const killAll = `group=/sys/fs/cgroup$(systemctl show --property=ControlGroup --value "$1")
if [ -w "$group/cgroup.kill" ]; then echo 1 >"$group/cgroup.kill"; else systemctl kill --signal=KILL "$1"; fi`

// Reload has one read its files again.
func (m *machines) Reload(node, daemon string) (time.Duration, error) {
	at := m.Now()
	_, err := m.ask(node, "systemctl", "reload", daemon)
	return at, err
}

// Carrier pulls a cable, or plugs it in again.
func (m *machines) Carrier(node, device string, up bool) (time.Duration, error) {
	at := m.Now()
	return at, m.cluster.Node(node).Plug(m.ctx, device, up)
}

// Lose cuts the power of a node.
func (m *machines) Lose(node string) (time.Duration, error) {
	at := m.Now()
	err := m.cluster.Node(node).Cut(m.ctx)
	m.looks[node].over()
	return at, err
}

// shutdown shuts a node down, and returns when its Keepalived was told.
func (m *machines) shutdown(node string) (time.Duration, error) {
	at, l := m.Now(), m.looks[node]
	err := m.cluster.Node(node).Off(m.ctx)
	l.over()
	return l.stopping(at), err
}

// boot switches a node on, and returns when its Keepalived was started.
func (m *machines) boot(node string) (time.Duration, error) {
	on := m.Now()
	if err := m.cluster.Node(node).On(m.ctx); err != nil {
		return on, err
	}
	i := slices.IndexFunc(m.stage.plan.Nodes, func(n lab.Node) bool { return n.Set.Node == node })
	if err := m.watch(m.stage.plan.Nodes[i]); err != nil {
		return on, err
	}
	if err := m.cluster.Node(node).Up(m.ctx); err != nil {
		return on, err
	}
	if failed := m.cluster.Node(node).Failed(); len(failed) > 0 {
		return on, impossible("%s has booted, and these units have failed: %s", node, strings.Join(failed, ", "))
	}
	return m.startOf(node, on)
}

// startOf is when the Keepalived that runs on a node was started; for a node without one
// otherwise.
func (m *machines) startOf(node string, otherwise time.Duration) (time.Duration, error) {
	out, err := m.ask(node, "systemctl", "show", "keepalived", "--property=ExecMainStartTimestampMonotonic", "--value")
	us, bad := strconv.ParseInt(strings.TrimSpace(out), 10, 64)
	if err != nil || bad != nil || us == 0 {
		return otherwise, err
	}
	return m.Since(time.Duration(us) * time.Microsecond), nil
}

// daemons are those that run on the nodes.
func (m *machines) daemons(ctx context.Context) []judge.Daemon {
	if m == nil {
		return nil
	}
	var all []judge.Daemon
	version := regexp.MustCompile(`(?:version |Keepalived v)(\S+)`)
	for _, n := range m.cluster.Nodes() {
		for _, daemon := range []string{lab.HAProxy, lab.Keepalived} {
			r, err := n.Run(ctx, daemon, "-v")
			if err != nil || r.Code != 0 {
				continue
			}
			d := judge.Daemon{Name: daemon, Program: n.Name}
			if found := version.FindStringSubmatch(r.Out + r.Err); found != nil {
				d.Version = found[1]
			}
			all = append(all, d)
		}
	}
	return all
}

// look is what is seen of a node from its boot to its end.
type look struct {
	m    *machines
	host string
	done sync.WaitGroup
	mu   sync.Mutex
	told []time.Duration // when Keepalived was told to stop
}

// stopping is when Keepalived was first told to stop after a moment, or if nobody says
// so that moment. The journal may have it a little later than the node had no virtual IP.
func (l *look) stopping(since time.Duration) time.Duration {
	at := since
	l.mu.Lock()
	if i := slices.IndexFunc(l.told, func(at time.Duration) bool { return at >= since }); i >= 0 {
		at = l.told[i]
	}
	l.mu.Unlock()
	for _, e := range l.m.Events() {
		if e.Kind == recording.Drops && e.Host == l.host && e.At >= since {
			return min(at, e.At)
		}
	}
	return at
}

// over waits for the last that a node which is off had to say: it has no virtual IP.
func (l *look) over() {
	l.done.Wait()
	for vip, nodes := range judge.Masters(l.m.Events()) {
		if slices.Contains(nodes, l.host) {
			l.m.Tell(recording.Event{At: l.m.Now(), Host: l.host, Kind: recording.Drops, What: vip})
		}
	}
}

// watch begins to look at a node that is on: at its addresses and its HAProxy, and at
// what its journal has.
func (m *machines) watch(n lab.Node) error {
	argv, stdin, err := m.options.Observer(n)
	if err != nil {
		return err
	}
	l := &look{m: m, host: n.Set.Node}
	m.looks[l.host] = l
	node := m.cluster.Node(l.host)
	begun := make(chan struct{})
	ended := make(chan error, 1)
	l.pipe(func(out *os.File) {
		ended <- node.Beside(m.ctx, strings.NewReader(string(stdin)), out, argv...)
	}, func(in *os.File) { m.Observed(l.host, in, func() { close(begun) }) })
	l.pipe(func(out *os.File) {
		_ = node.Follow(m.ctx, out, "sh", "-c", followJournal)
	}, l.journal)
	select {
	case <-begun:
		return nil
	case err := <-ended:
		return errors.Join(fmt.Errorf("%s cannot be looked at", l.host), err)
	}
}

// followJournal waits for the journal, which comes soon after the first process.
const followJournal = `until journalctl --quiet --lines=1 >/dev/null 2>&1 && [ -n "$(ls /run/log/journal /var/log/journal 2>/dev/null)" ]
do sleep 0.05; done
exec journalctl --quiet --no-pager --follow --lines=all --output=json`

// pipe has one write what the other reads. Both end with the node.
func (l *look) pipe(write, read func(*os.File)) {
	in, out, err := os.Pipe()
	if err != nil {
		return
	}
	l.done.Go(func() {
		write(out)
		_ = out.Close()
	})
	l.done.Go(func() {
		read(in)
		_ = in.Close()
	})
}
