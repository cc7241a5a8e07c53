package lab

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/recording"
	"github.com/lbgen/lbgen/internal/scratch"
)

// A node need not be one of the lab's: it may be a machine of its own whose networks are
// joined to those of the lab, and which an observer looks at from within.

// Uplink joins a network of the lab to one elsewhere: join puts a device of that name,
// whose other end is there, into the network namespace of that process.
func (l *Lab) Uplink(network string, join func(process int, device string) error) error {
	device := fmt.Sprintf("up%d", slices.Index(l.plan.Networks, network))
	if err := join(l.root, device); err != nil {
		return err
	}
	return l.explain(l.sw.call("uplink", uplinkArgs{network, device}, nil))
}

// observes is the last word of an observer's command line.
const observes = "observe"

// observer is what one has to know.
type observer struct {
	VIPs   []netip.Addr
	Socket string
}

// Observer is how lbgen is started beside a node, in its network and with its root as
// the working directory: the command line, and what it is to read.
func (o Options) Observer(n Node) (argv []string, stdin []byte, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	stdin, err = json.Marshal(observer{n.VIPs, n.StatsSocket})
	return slices.Concat([]string{"env"}, o.Env, []string{self}, o.Self[1:], []string{observes}), stdin, err
}

// observe tells of the virtual IPs of a node, and of what its HAProxy thinks of servers.
func observe(in io.Reader, out *os.File) error {
	var o observer
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return err
	}
	if err := syscall.Chroot("."); err != nil {
		return err
	}
	n := &node{args: nodeArgs{Node: Node{VIPs: o.VIPs, StatsSocket: o.Socket}}, events: &sink{f: out}}
	go n.events.watchClock()
	if err := n.watch(); err != nil {
		return err
	}
	n.events.emit(recording.Event{Kind: recording.Started, What: observes})
	select {}
}

// Observed takes what an observer of the host tells, until its end, and says when it has
// begun to look.
func (l *Lab) Observed(host string, from io.Reader, begun func()) {
	for lines := bufio.NewScanner(from); lines.Scan(); {
		var e recording.Event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		if e.Kind == recording.Started {
			begun()
			continue
		}
		e.Host, e.At = host, l.Since(e.At)
		l.Tell(e)
	}
}

// Since is a moment of the kernel's clock as events have it.
func (l *Lab) Since(at time.Duration) time.Duration { return at - l.record.epoch }

// StandIns are the files that haproxy.cfg of a set names and the set does not have, or
// of which nothing is to be had: made up for this lab, as Stubs says.
func (l *Lab) StandIns(set artifact.Set) ([]artifact.File, error) {
	ca, err := l.ca.open()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "lbgen-stand-ins-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	r, err := scratch.New(scratch.Options{
		Dir: dir, Set: set, Note: func(s string) { l.note([]string{s}) }, Separate: true, Certificate: ca.file,
	})
	if err != nil {
		return nil, err
	}
	before, err := filesBelow(r.Dir)
	if err != nil {
		return nil, err
	}
	cfg, _ := set.File(set.Host.ConfigFile())
	if err := r.HAProxy(cfg.Data); err != nil {
		return nil, err
	}
	after, err := filesBelow(r.Dir)
	return slices.DeleteFunc(after, func(f artifact.File) bool {
		return slices.ContainsFunc(before, func(b artifact.File) bool { return b.Path == f.Path })
	}), err
}

// filesBelow are the files of a folder, sorted by path.
func filesBelow(dir string) ([]artifact.File, error) {
	var all []artifact.File
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		all = append(all, artifact.File{Path: rel, Mode: info.Mode().Perm(), Data: data})
		return err
	})
	return all, err
}
