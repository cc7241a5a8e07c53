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
	"net/netip"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
)

// Plan is what is to be stood up.
type Plan struct {
	Networks []string // names, for links to refer to
	Nodes    []Node
	Servers  []Server
	Client   []Link
	Names    []string // of hosts that certificates are to be good for
}

// Options says how lbgen is started again as an agent.
type Options struct {
	Self []string // the command line, its own name first
	Env  []string // NAME=value, beside PATH
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
}

// Health is what the server answers to HAProxy's check, where that is not
// just 200.
type Health struct {
	Path   string
	Status int    // 0: 200
	Body   string // what the answer has to hold
}

// Behaviour is how a server answers. The zero value is a healthy one.
type Behaviour struct {
	Status   int           // of HTTP answers; 0: 200
	Delay    time.Duration // before anything is answered
	Refuses  bool          // its port is closed
	Vanishes bool          // its machine no longer has the address
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
	Proxy   bool // the connection begins with a PROXY header
	Timeout time.Duration
}

// Answer is what came of a request.
type Answer struct {
	Status   int
	Server   string // which stand-in answered; "" where HAProxy itself did
	Cookies  map[string]string
	Location string
	Body     string // the first 64 KiB; not kept of probes
	Digest   string // of the body, where no stand-in answered
	Problem  string // why there was no answer
	Took     time.Duration
}

// maxBody is how much of an answer is read.
const maxBody = 64 << 10

// OK says whether one of the stand-in servers has answered well.
func (a Answer) OK() bool { return a.Problem == "" && a.Server != "" && a.Status < 400 }

// Event is something that happened in the lab.
type Event struct {
	At   time.Duration // since the lab began
	Host string
	Kind Kind
	// What it happened to: a VIP, a program, a server, a request's name.
	What string
	// Text is the line of a log, the new state of a server, how a program ended.
	Text   string
	Answer *Answer `json:",omitempty"` // of a probe, which began at At
}

// Kind is what kind of event it is.
type Kind string

// The kinds of events.
const (
	Holds      Kind = "holds"  // the node has been given the VIP What
	Drops      Kind = "drops"  // it has no longer
	Said       Kind = "said"   // the program What has said Text
	Ended      Kind = "ended"  // the program What has ended
	SeesServer Kind = "server" // HAProxy of the node sees the server What in state Text
	Late       Kind = "late"   // the client could not ask when it was time to, for Text
	Probe      Kind = "probe"  // the client has asked What
)

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
