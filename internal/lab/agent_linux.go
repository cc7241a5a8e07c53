package lab

import (
	"fmt"
	"math"
	"net"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// The files that an agent is started with, beside the three of every program.
const (
	fdQuestions = 3 + iota
	fdEvents
	fdHosts // of the first agent: a socket for each of the others
)

// nodeFlags give a process namespaces of its own for everything that a node has
// for itself; hostFlags for what a machine of which only the network matters has.
const (
	nodeFlags = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC
	hostFlags = syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS
)

// agent does in one namespace what the lab asks for.
type agent struct {
	args      []string // of its own command line
	questions *os.File
	events    *sink
	sw        *networkSwitch
	node      *node
	servers   *stubs
	client    *client
}

// Agent is the whole life of an agent: lbgen, started by itself, with the
// command line args. It ends when the lab does.
func Agent(args []string) error {
	if args[len(args)-1] == observes {
		return observe(os.Stdin, os.Stdout)
	}
	f := os.NewFile(fdQuestions, "questions")
	conn, err := net.FileConn(f)
	if err != nil {
		return fmt.Errorf("this is how lbgen starts itself for a rehearsal; it is of no use by hand: %w", err)
	}
	// The first agent ends with lbgen; the others with the first.
	_ = unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGKILL), 0, 0, 0)
	a := &agent{args: args, questions: f, events: &sink{f: os.NewFile(fdEvents, "events")}}
	return serve(conn, a.ops())
}

func (a *agent) ops() map[string]handler {
	return map[string]handler{
		"reexec":    do(a.reexec),
		"networks":  do(a.networks),
		"host":      do(a.startHost),
		"uplink":    do(a.uplink),
		"carrier":   do(a.carrier),
		"isolate":   do(a.isolate),
		"deafen":    do(a.deafen),
		"misdirect": do(a.misdirect),

		"named":  do(a.named),
		"node":   handle(a.becomeNode),
		"start":  do(a.startDaemon),
		"stop":   handle(a.stopDaemon),
		"freeze": do(a.freezeNode),
		"lose":   do(a.loseNode),
		"ask":    handle(a.askHAProxy),

		"servers": do(a.startServers),
		"behave":  do(a.behave),

		"addresses": do(a.becomeClient),
		"request":   handle(a.request),
		"exchange":  handle(a.exchanges),
		"visit":     handle(a.visit),
		"probe":     do(a.probe),
		"rest":      do(a.rest),
	}
}

// nothing are the arguments of an op that needs none.
type nothing *struct{}

// reexec starts the agent's program again in its place, as the user that it has
// become meanwhile. The answer is given by then: the program itself never comes
// back to it.
func (a *agent) reexec(nothing) error {
	if _, err := a.questions.WriteString(`{"Error":"","Value":null}` + "\n"); err != nil {
		return err
	}
	return syscall.Exec("/proc/self/exe", a.args, os.Environ())
}

// named gives the host its name, for the events and for itself.
func (a *agent) named(name string) error {
	if err := keepFiles(); err != nil {
		return err
	}
	a.events.host = name
	go a.events.watchClock()
	if err := syscall.Sethostname([]byte(strings.ReplaceAll(name, " ", "-"))); err != nil {
		return err
	}
	return loopback()
}

// keepFiles keeps the files that the agent was started with from what it starts.
func keepFiles() error {
	return unix.CloseRange(fdQuestions, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC)
}
