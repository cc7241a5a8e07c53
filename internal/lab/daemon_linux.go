package lab

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/recording"
)

// command is how a daemon is started.
type command struct {
	path string
	args []string
}

// keepalivedOptions are those of the option file, which the unit hands on.
func keepalivedOptions(set artifact.Set) []string {
	line := regexp.MustCompile(`(?m)^(?:KEEPALIVED_OPTIONS|DAEMON_ARGS)="([^"]*)"`)
	for _, name := range []string{"etc/sysconfig/keepalived", "etc/default/keepalived"} {
		f, _ := set.File(name)
		if m := line.FindSubmatch(f.Data); m != nil {
			return strings.Fields(string(m[1]))
		}
	}
	return nil
}

// processes are those that the agent has started. The agent is the first
// process of its namespace: all others that lose their parent become its
// children, and it sees to all of them when they end.
type processes struct {
	events *sink
	mu     sync.Mutex
	main   map[string]int // main process of each daemon that runs
	ends   map[int]chan struct{}
}

func newProcesses(events *sink) *processes {
	p := &processes{events: events, main: map[string]int{}, ends: map[int]chan struct{}{}}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGCHLD)
	go func() {
		for range ended {
			p.reap()
		}
	}()
	return p
}

func (p *processes) reap() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err != nil || pid <= 0 {
			return
		}
		if done, ok := p.ends[pid]; ok {
			close(done)
			delete(p.ends, pid)
			p.told(pid, status)
		}
	}
}

// told tells of the end of a daemon's main process.
func (p *processes) told(pid int, status syscall.WaitStatus) {
	for name, main := range p.main {
		if main != pid {
			continue
		}
		delete(p.main, name)
		how := fmt.Sprintf("exit status %d", status.ExitStatus())
		if status.Signaled() {
			how = "signal: " + status.Signal().String()
		}
		p.events.emit(recording.Event{Kind: recording.Ended, What: name, Text: how})
	}
}

// start starts a daemon. What it prints is told line by line.
func (p *processes) start(name string, c command) error {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	defer null.Close()
	out, in, err := os.Pipe()
	if err != nil {
		return err
	}
	defer in.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.main[name] != 0 {
		return fmt.Errorf("%s runs already", name)
	}
	process, err := os.StartProcess(c.path, append([]string{c.path}, c.args...), &os.ProcAttr{
		Dir: "/", Env: []string{"PATH=" + searchPath, "LC_ALL=C"}, Files: []*os.File{null, in, in},
		Sys: &syscall.SysProcAttr{Setpgid: true},
	})
	if err != nil {
		return err
	}
	p.main[name], p.ends[process.Pid] = process.Pid, make(chan struct{})
	p.events.emit(recording.Event{Kind: recording.Started, What: name})
	go p.listen(name, out)
	return nil
}

func (p *processes) listen(name string, out *os.File) {
	defer out.Close()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		p.events.emit(recording.Event{Kind: recording.Said, What: name, Text: shortened(lines.Text())})
	}
}

// find returns the main process of a daemon, and what is closed at its end.
func (p *processes) find(name string) (int, chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	pid := p.main[name]
	return pid, p.ends[pid]
}

// patience is how long a daemon may take to end when it is asked to.
const patience = 10 * time.Second

// named returns the processes whose program has the name.
func named(name string) ([]int, error) {
	files, err := filepath.Glob("/proc/[0-9]*/comm")
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, f := range files {
		if comm, err := os.ReadFile(f); err == nil && strings.TrimSpace(string(comm)) == name {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(f)))
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// killAll ends every process but the agent at once, and waits until they are
// gone.
func (p *processes) killAll() error {
	if err := syscall.Kill(-1, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	for _, name := range []string{HAProxy, Keepalived} {
		if _, done := p.find(name); done != nil {
			<-done
		}
	}
	return nil
}

func (a *agent) startDaemon(name string) error {
	c, ok := a.node.daemons[name]
	if !ok {
		return fmt.Errorf("no %s belongs to the node", name)
	}
	return a.node.table.start(name, c)
}

// stopArgs say how a daemon is stopped.
type stopArgs struct {
	Daemon string
	Signal syscall.Signal
	All    bool // every process of its name gets the signal, not just the main one
	Wait   bool // until its main process has ended
}

// signalAll sends a signal to processes, some of which may have ended.
func signalAll(pids []int, signal syscall.Signal) error {
	for _, pid := range pids {
		if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return nil
}

// stopDaemon sends the signal and returns when that was.
func (a *agent) stopDaemon(s stopArgs) (any, error) {
	pid, done := a.node.table.find(s.Daemon)
	if pid == 0 {
		return nil, fmt.Errorf("%s does not run", s.Daemon)
	}
	pids := []int{pid}
	if s.All {
		var err error
		if pids, err = named(s.Daemon); err != nil {
			return nil, err
		}
		// Keepalived's children get SIGTERM at the end of their parent, and have a moment to
		// say good-bye to the other nodes, unless they stand still.
		if err := signalAll(pids, syscall.SIGSTOP); err != nil {
			return nil, err
		}
	}
	at := now()
	if err := signalAll(pids, s.Signal); err != nil {
		return nil, err
	}
	if !s.Wait {
		return at, nil
	}
	select {
	case <-done:
		return at, nil
	case <-time.After(patience):
		return nil, fmt.Errorf("%s did not end within %s", s.Daemon, patience)
	}
}
