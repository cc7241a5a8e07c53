package lab

import (
	"fmt"
	"slices"
	"syscall"
	"time"

	"github.com/lbgen/lbgen/internal/recording"
)

// What can be done to a lab. Each returns when it has been done; where it
// matters when exactly, it returns the moment.

// Start starts a daemon of a node.
func (l *Lab) Start(node, daemon string) error {
	i, err := l.node(node)
	if err != nil {
		return err
	}
	return l.nodes[i].call("start", daemon, nil)
}

// Stop ends a daemon as systemctl stop does, and waits until it has ended.
func (l *Lab) Stop(node, daemon string) (time.Duration, error) {
	return l.signal(node, stopArgs{Daemon: daemon, Signal: syscall.SIGTERM, Wait: true})
}

// Kill kills a daemon with all its processes: nothing restarts it.
func (l *Lab) Kill(node, daemon string) (time.Duration, error) {
	return l.signal(node, stopArgs{Daemon: daemon, Signal: syscall.SIGKILL, All: true, Wait: true})
}

// Reload has a daemon read its files again, as systemctl reload does.
func (l *Lab) Reload(node, daemon string) (time.Duration, error) {
	how := syscall.SIGHUP
	if daemon == HAProxy {
		how = syscall.SIGUSR2 // to the master process (HAProxy's management guide, 4)
	}
	return l.signal(node, stopArgs{Daemon: daemon, Signal: how})
}

func (l *Lab) signal(node string, s stopArgs) (time.Duration, error) {
	i, err := l.node(node)
	if err != nil {
		return 0, err
	}
	var at time.Duration
	if err := l.nodes[i].call("stop", s, &at); err != nil {
		return 0, err
	}
	return at - l.record.epoch, nil
}

// Lose takes a node away as a power cut does: everything in it stops at once,
// nothing that it still had to say gets out.
func (l *Lab) Lose(node string) (time.Duration, error) {
	i, err := l.node(node)
	if err != nil {
		return 0, err
	}
	at := l.Now()
	if err := l.nodes[i].call("freeze", nil, nil); err != nil {
		return 0, err
	}
	if err := l.sw.call("carrier", carrierArgs{l.ports(node, ""), false}, nil); err != nil {
		return 0, err
	}
	return at, l.nodes[i].call("lose", nil, nil)
}

// PowerOn gives a lost node its links back. Its daemons are for the caller to start.
func (l *Lab) PowerOn(node string) error {
	return l.sw.call("carrier", carrierArgs{l.ports(node, ""), true}, nil)
}

// Carrier takes the link of a node's NIC away at its far end, as a pulled cable
// or a dead switch port does, or gives it back.
func (l *Lab) Carrier(node, device string, up bool) (time.Duration, error) {
	at := l.Now()
	return at, l.sw.call("carrier", carrierArgs{l.ports(node, device), up}, nil)
}

// Isolate keeps the nodes from reaching each other in a network, while all
// others reach them and are reached, or lets them again.
func (l *Lab) Isolate(network string, on bool) (time.Duration, error) {
	var ports []port
	for _, n := range l.plan.Nodes {
		for _, link := range n.Links {
			if link.Network == network {
				ports = append(ports, port{n.Set.Node, link.Device})
			}
		}
	}
	at := l.Now()
	return at, l.sw.call("isolate", isolateArgs{ports, on}, nil)
}

// Deafen keeps the adverts of the other nodes in a network from getting to one
// node, which itself is heard, or lets them again: those to the group stay away from
// its port, and those to its address go astray.
func (l *Lab) Deafen(node, network string, on bool) (time.Duration, error) {
	links := map[int]Link{} // of each node in the network
	deaf, err := l.node(node)
	if err != nil {
		return 0, err
	}
	for i, n := range l.plan.Nodes {
		for _, link := range n.Links {
			if link.Network == network {
				links[i] = link
			}
		}
	}
	at := l.Now()
	if err := l.sw.call("deafen", isolateArgs{[]port{{node, links[deaf].Device}}, on}, nil); err != nil {
		return at, err
	}
	for i, link := range links {
		if i == deaf {
			continue
		}
		if err := l.nodes[i].call("misdirect", misdirectArgs{link.Device, links[deaf].Addresses, on}, nil); err != nil {
			return at, err
		}
	}
	return at, nil
}

// ports are the far ends of a node's links, or of the one of a device.
func (l *Lab) ports(node, device string) []port {
	var all []port
	for _, n := range l.plan.Nodes {
		for _, link := range n.Links {
			if n.Set.Node == node && (device == "" || link.Device == device) {
				all = append(all, port{node, link.Device})
			}
		}
	}
	return all
}

// Behave has a server answer in another way from now on.
func (l *Lab) Behave(server string, how Behaviour) (time.Duration, error) {
	i := slices.IndexFunc(l.plan.Servers, func(s Server) bool { return s.Name == server })
	if i < 0 {
		return 0, fmt.Errorf("the lab has no server %s", server)
	}
	at := l.Now()
	return at, l.behind[l.plan.Servers[i].Network].call("behave", behaveArgs{server, how}, nil)
}

// Request has the client ask once.
func (l *Lab) Request(r Request) (recording.Answer, error) {
	var a recording.Answer
	err := l.client.call("request", r, &a)
	return a, err
}

// Exchange has the client ask all requests, so many at the same time, and tells of both
// ends of each.
func (l *Lab) Exchange(requests []Request, parallel int) ([]Exchange, error) {
	var all []Exchange
	err := l.client.call("exchange", exchangeArgs{requests, parallel}, &all)
	return all, err
}

// Visit has the client ask as the visit says, and returns what came of the last time.
func (l *Lab) Visit(v Visit) (Exchange, error) {
	var x Exchange
	err := l.client.call("visit", v, &x)
	return x, err
}

// Probe has the client send each request again and again, until Rest. What
// comes of them are events.
func (l *Lab) Probe(every time.Duration, requests ...Request) error {
	return l.client.call("probe", probeArgs{requests, every}, nil)
}

// Rest ends the probes and waits for their last answers.
func (l *Lab) Rest() error {
	return l.client.call("rest", nil, nil)
}

// AskHAProxy asks the HAProxy of a node by its runtime socket.
func (l *Lab) AskHAProxy(node, question string) (string, error) {
	i, err := l.node(node)
	if err != nil {
		return "", err
	}
	var answer string
	err = l.nodes[i].call("ask", question, &answer)
	return answer, err
}
