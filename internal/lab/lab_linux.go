package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Lab is a site that has been stood up.
type Lab struct {
	plan    Plan
	account account
	ca      authorityPEM
	root    int // process id of the first agent
	sw      *caller
	callers []*caller // of the hosts, in their order
	nodes   []*caller
	behind  map[string]*caller // the servers' machines, by network
	client  *caller
	record  *record
	talk    *talk
	gone    chan struct{} // closed when the first agent has ended
	notes   []string
	// programs are the absolute paths of the daemons.
	programs Programs
}

// Up stands the plan up: namespaces, networks, and the files of each node in
// their places. No daemon runs yet. The lab ends with ctx, or with Down.
func Up(ctx context.Context, plan Plan, o Options) (*Lab, error) {
	l := &Lab{plan: plan, behind: map[string]*caller{}, record: newRecord(now()), talk: &talk{}, gone: make(chan struct{})}
	var err error
	if l.ca, err = newAuthority(plan.Names); err != nil {
		return nil, err
	}
	if l.programs, err = o.Programs.find(); err != nil {
		return nil, err
	}
	if err = l.start(ctx, o); err == nil {
		err = l.build()
	}
	if err == nil {
		return l, nil
	}
	if l.root != 0 {
		l.Down()
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return nil, err
}

// hosts are the agents beside the first one, in the order of their sockets.
func (l *Lab) hosts() []hostArgs {
	var all []hostArgs
	if l.plan.Alone {
		return []hostArgs{{Name: l.plan.Nodes[0].Set.Node, Node: true}}
	}
	for _, n := range l.plan.Nodes {
		all = append(all, hostArgs{Name: n.Set.Node, Node: true, Links: n.Links})
	}
	for _, network := range l.serverNetworks() {
		all = append(all, hostArgs{Name: "servers of " + network, Links: []Link{{Network: network, Device: "eth0"}}})
	}
	return append(all, hostArgs{Name: theClient, Links: l.plan.Client})
}

// theClient is no name that a node can have.
const theClient = "the client"

// serverNetworks are the networks that have servers, in the order of Networks.
func (l *Lab) serverNetworks() []string {
	return slices.DeleteFunc(slices.Clone(l.plan.Networks), func(n string) bool {
		return !slices.ContainsFunc(l.plan.Servers, func(s Server) bool { return s.Network == n })
	})
}

// start starts the first agent, with a socket for itself and one for each
// agent that it is going to start.
func (l *Lab) start(ctx context.Context, o Options) error {
	hosts := l.hosts()
	var theirs []*os.File
	closeTheirs := sync.OnceFunc(func() {
		for _, f := range theirs {
			_ = f.Close()
		}
	})
	defer closeTheirs()
	var callers []*caller
	for i := range len(hosts) + 1 {
		name := "the lab"
		if i > 0 {
			name = hosts[i-1].Name
		}
		c, f, err := socket(name)
		if err != nil {
			return err
		}
		callers, theirs = append(callers, c), append(theirs, f)
	}
	events, eventsIn, err := os.Pipe()
	if err != nil {
		return err
	}
	talk, talkIn, err := os.Pipe()
	if err != nil {
		return err
	}
	theirs = append(theirs, eventsIn, talkIn)
	files := slices.Concat([]*os.File{nil, talkIn, talkIn, theirs[0], eventsIn}, theirs[1:len(hosts)+1])
	if err := l.run(ctx, o, files); err != nil {
		return err
	}
	closeTheirs() // or nobody would notice that an agent is gone
	go l.record.read(events)
	go l.talk.read(talk)
	l.share(hosts, callers)
	return l.explain(l.account.settle(l))
}

// share says whose the sockets are.
func (l *Lab) share(hosts []hostArgs, callers []*caller) {
	l.sw, l.callers = callers[0], callers[1:]
	if l.plan.Alone {
		l.client, l.behind[""] = callers[1], callers[1]
	}
	for i, h := range hosts {
		switch c := callers[i+1]; {
		case h.Node:
			l.nodes = append(l.nodes, c)
		case h.Name == theClient:
			l.client = c
		default:
			l.behind[h.Links[0].Network] = c
		}
	}
}

// socket returns both ends of a connection.
func socket(name string) (*caller, *os.File, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), name), os.NewFile(uintptr(fds[1]), name)
	defer ours.Close()
	c, err := newCaller(name, ours)
	return c, theirs, err
}

// run starts the first agent in namespaces of its own. The kernel kills it
// when the thread that has started it ends, and with it everything in the lab:
// so that thread waits for it, and does nothing else.
func (l *Lab) run(ctx context.Context, o Options, files []*os.File) error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	files[0] = null
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		attr := &os.ProcAttr{Dir: "/", Env: append([]string{"PATH=" + searchPath}, o.Env...), Files: files, Sys: l.account.attributes()}
		p, err := os.StartProcess("/proc/self/exe", o.Self, attr)
		if err == nil {
			l.root = p.Pid
		}
		started <- err
		if err == nil {
			_, _ = p.Wait()
			close(l.gone)
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("no namespaces are to be had: %w", err)
	}
	context.AfterFunc(ctx, l.kill)
	return nil
}

// searchPath is where programs are.
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// kill ends the first agent, unless it has ended.
func (l *Lab) kill() {
	select {
	case <-l.gone:
	default:
		_ = syscall.Kill(l.root, syscall.SIGKILL)
	}
}

// Down takes everything down and returns when it is gone.
func (l *Lab) Down() {
	l.kill()
	<-l.gone
}

// build makes the networks and the hosts in them.
func (l *Lab) build() error {
	if err := l.sw.call("networks", l.plan.Networks, nil); err != nil {
		return l.explain(err)
	}
	for i, h := range l.hosts() {
		h.Socket = i
		if err := l.sw.call("host", h, nil); err != nil {
			return l.explain(err)
		}
		if err := l.callers[i].call("named", h.Name, nil); err != nil {
			return l.explain(err)
		}
	}
	for i, n := range l.plan.Nodes {
		var notes []string
		args := nodeArgs{n, l.plan.Alone, l.account.oneUser, l.account.foreign(), l.ca, l.programs}
		if err := l.nodes[i].call("node", args, &notes); err != nil {
			return l.explain(err)
		}
		l.note(notes)
	}
	if err := l.client.call("addresses", clientArgs{l.plan.Client, l.ca}, nil); err != nil {
		return l.explain(err)
	}
	return l.explain(l.servers())
}

func (l *Lab) note(notes []string) {
	for _, n := range notes {
		if !slices.Contains(l.notes, n) {
			l.notes = append(l.notes, n)
		}
	}
}

// servers starts the stubs on their machines.
func (l *Lab) servers() error {
	for network, c := range l.behind {
		mine := slices.DeleteFunc(slices.Clone(l.plan.Servers), func(s Server) bool { return s.Network != network })
		if err := c.call("servers", serversArgs{mine, l.ca}, nil); err != nil {
			return err
		}
	}
	return nil
}

// explain adds what the agents have said to an error.
func (l *Lab) explain(err error) error {
	if err == nil {
		return nil
	}
	if text := l.talk.text(); text != "" {
		return fmt.Errorf("%w\n%s", err, text)
	}
	return err
}

// Stubs says in a sentence each what is not real, and what is there in its place.
func (l *Lab) Stubs() []string { return slices.Clone(l.notes) }

// Now is the time in the lab, as events have it.
func (l *Lab) Now() time.Duration { return now() - l.record.epoch }

// now is the kernel's clock, which is the same in all processes and never set.
func now() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		panic(err) // every kernel has it
	}
	return time.Duration(t.Nano())
}

// talk is what the agents have written to standard error: nothing, or why they
// could not go on.
type talk struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *talk) read(pipe *os.File) {
	defer pipe.Close()
	buf := make([]byte, 4096)
	for {
		n, err := pipe.Read(buf)
		t.mu.Lock()
		if t.buf.Len() < 64<<10 {
			t.buf.Write(buf[:n])
		}
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (t *talk) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.buf.Bytes()))
}

var errNoNode = errors.New("the lab has no such node")

func (l *Lab) node(name string) (int, error) {
	i := slices.IndexFunc(l.plan.Nodes, func(n Node) bool { return n.Set.Node == name })
	if i < 0 {
		return 0, fmt.Errorf("%w: %s", errNoNode, name)
	}
	return i, nil
}
