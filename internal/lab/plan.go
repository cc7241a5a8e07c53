// Package lab stands a site up on this machine: each node, the servers behind
// it and a client in a network namespace of its own, bridges for the networks
// between them, the real HAProxy and Keepalived with the files that lbgen has
// rendered. Then things can be broken, and it is told when what happened.
//
// lbgen starts itself again for every namespace, as an agent that does there
// what the Lab asks for. All namespaces hang on the first agent and none has a
// link to the machine's own network: with that one process everything is gone.
package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/proc"
)

// Plan is what is to be stood up.
type Plan struct {
	Networks []string // names, for links to refer to
	Nodes    []Node
	Servers  []Server
	Client   []Link
	Names    []string // of hosts that certificates are to be good for
	// Alone: there is one node and no network. The client and the servers are on it, and
	// every address is its own, so that they have whichever they are given. Keepalived
	// does not run.
	Alone bool
}

// Options says how lbgen is started again as an agent, and with which daemons.
type Options struct {
	Self     []string // the command line, its own name first
	Env      []string // NAME=value, beside PATH
	Programs Programs
}

// Programs are files of daemons that are not those of PATH, by the daemon's name.
type Programs map[string]string

// find returns the absolute paths of the daemons that are here.
func (p Programs) find() (Programs, error) {
	found := Programs{}
	for _, daemon := range []string{HAProxy, Keepalived} {
		file, err := p.look(daemon)
		if err != nil && p[daemon] != "" {
			return nil, err
		}
		if err == nil {
			found[daemon] = file
		}
	}
	return found, nil
}

func (p Programs) look(daemon string) (string, error) {
	if file := p[daemon]; file != "" {
		return proc.Look(file)
	}
	return proc.Look(daemon)
}

// Node is one node of the site.
type Node struct {
	Set         artifact.Set
	Links       []Link
	StatsSocket string       // HAProxy's runtime socket
	VIPs        []netip.Addr // those it may hold: what is told of it
	Hosts       []string     // further lines of its /etc/hosts
}

// Link is a NIC of a host in a network.
type Link struct {
	Network   string
	Device    string
	Addresses []netip.Prefix
	Routes    []netip.Prefix // what else is reached straight over it
}

// Server stands in for a server behind HAProxy.
type Server struct {
	Name    string // what it calls itself
	Network string
	Address netip.Prefix // with the length of its network's prefix
	Ports   []uint16
	Routes  []netip.Prefix // what it reaches straight over its NIC beside its own network
	Health  Health
	Cookie  string // name of the one that it sets by itself
	Begins  Behaviour
	Echoes  bool // it says in a header what it has got, and nothing in its answer changes by itself
}

// Health is what the server answers to HAProxy's check, where that is not
// just 200.
type Health struct {
	Path   string
	Status int    // 0: 200
	Body   string // what the answer has to hold
	Whole  bool   // and nothing else
	Talks  []Talk // what is said in checks that are not HTTP, one a connection
	// Member: it belongs to a cluster with one primary, and answers Patroni's pages.
	Member bool
}

// Behaviour is how a server answers. The zero value is a healthy one.
type Behaviour struct {
	Status   int           // of HTTP answers; 0: 200
	Delay    time.Duration // before anything is answered
	Refuses  bool          // its port is closed
	Vanishes bool          // its machine no longer has the address
	// Replica: a member of a cluster that is not its primary.
	Replica bool
}

// Request is what the client asks for.
type Request struct {
	Name    string // for people, such as GET http://172.16.110.70/
	Address netip.AddrPort
	From    []netip.Addr // own addresses, taken in turn; none: the kernel's choice
	TLS     bool
	Host    string // of the request and of the TLS handshake; "": the address
	Method  string
	Path    string
	Header  map[string]string
	HTTP2   bool // for Exchange: HTTP/2 and nothing else
	Proxy   bool // the connection begins with a PROXY header
	Timeout time.Duration
}

// Line is the request in words, without its header.
func (r Request) Line() string {
	scheme := "http"
	if r.TLS {
		scheme = "https"
	}
	text := fmt.Sprintf("%s %s://%s%s", r.Method, scheme, r.Address, r.Path)
	if r.Host != "" {
		text += " for " + r.Host
	}
	return text
}

// maxBody is how much of an answer is read.
const maxBody = 64 << 10

// The daemons of a node.
const (
	HAProxy    = "haproxy"
	Keepalived = "keepalived"
)

// shortened cuts a line to what fits into one event, in one piece.
func shortened(line string) string {
	const most = 1500
	line = strings.ToValidUTF8(line, "?")
	if len(line) > most {
		line = line[:most] + "…"
	}
	return line
}

// Digest is what Answer has of a body.
func Digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8])
}
