package view

import "github.com/lbgen/lbgen/internal/diag"

// Firewall is what firewalld.sh makes true on the node. The zones are sorted
// by name, and each of their lists is in the order in which it is applied.
type Firewall struct {
	Zones []Zone
}

// Zone is one firewalld zone, as far as lbgen changes it.
type Zone struct {
	Name       string
	Interfaces []string // moved into the zone
	// NoForward takes intra-zone forwarding away. Adding it is firewalld's own
	// default and never lbgen's business.
	NoForward      bool
	RemoveServices []string // such as ssh: taken away because the site file says so
	RichRules      []RichRule
}

// RichRule is one rule in firewalld's rich language (firewalld.richlanguage(5)).
type RichRule struct {
	Rule string
	From diag.Path // what asked for it
}

// Install is what install.sh knows of the node beyond what MANIFEST says.
type Install struct {
	Addresses []Address // the machine must hold them all, or it is the wrong one
	VIPs      []Address // those this node may hold, with the device
	Peers     []string  // names of the other nodes that run Keepalived, sorted
	Ports     []Port    // TCP ports that HAProxy binds or connects to, sorted: for SELinux
	Known     string    // the platforms that lbgen has, with commas between them
	Words     *Words    // of keepalived.conf; nil where there is none
}

// Words are the keywords of keepalived.conf that install.sh compares, as the
// facts of the grammar have them, with commas between them.
type Words struct {
	Agreed, Decides, Lists string
	Usual                  string // keyword:value, which mean the same as none
}

// Address is an address without prefix length, and the device it belongs on.
type Address struct{ Device, IP string }

// Port is a TCP port (1-65535) that HAProxy binds (a client comes to it) or
// else connects to (a server is there).
type Port struct {
	Number int
	Bind   bool
}
