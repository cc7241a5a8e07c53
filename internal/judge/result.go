// Package judge says what a rehearsal has come to: a function of what was
// foreseen for a drill and of what was recorded of it. It knows no lab and no
// clock, so that recorded drills are its tests.
package judge

import (
	"cmp"
	"slices"
	"time"

	"github.com/lbgen/lbgen/internal/failover"
)

// Verdict is what a drill comes to.
type Verdict string

// The verdicts. Only Failed counts against the site.
const (
	Passed       Verdict = "passed"
	Failed       Verdict = "failed"
	Inconclusive Verdict = "inconclusive" // not as foreseen, on a machine too busy to blame the site for it
	Noted        Verdict = "noted"        // seen and shown, but no pair survives it
	Skipped      Verdict = "skipped"      // cannot be tried here; Why says for what reason
)

// Result is what the rehearsal of one site has come to.
type Result struct {
	Site     string
	Topology Topology
	// Stubs says in a sentence each what could not be real here, and what was
	// put in its place.
	Stubs   []string
	Daemons []Daemon
	Drills  []Outcome // in the order of Drills, whatever order they ran in
	Took    time.Duration
}

// Failed says whether a drill has failed.
func (r Result) Failed() bool { return r.any(Failed) }

// Inconclusive says whether a drill could not be judged.
func (r Result) Inconclusive() bool { return r.any(Inconclusive) }

func (r Result) any(v Verdict) bool {
	return slices.ContainsFunc(r.Drills, func(o Outcome) bool { return o.Verdict == v })
}

// Daemon is one of the daemons that ran.
type Daemon struct {
	Name    string // haproxy or keepalived
	Program string // absolute path
	Version string // as it says itself; "" where it says none
}

// String names it as all tables do: haproxy 2.6.12-1+deb12u4 (/usr/sbin/haproxy).
func (d Daemon) String() string {
	return d.Name + " " + cmp.Or(d.Version, "of unknown version") + " (" + d.Program + ")"
}

// Topology names what was stood up, for a page about it.
type Topology struct {
	Nodes   []string // in the order of the site file
	Servers []string // backend/server
	Client  []Link
	VIPs    []VIP
}

// Link is one NIC of the client.
type Link struct {
	Network   string
	Addresses []string
}

// VIP is one virtual address.
type VIP struct {
	Address string
	Group   string // of VRRP instances that move together
}

// Outcome is what became of one drill.
type Outcome struct {
	Drill   string // such as node-lost
	Title   string // what it does, in a sentence
	Verdict Verdict
	// Why is the cause in a sentence: of the failure, of skipping it, or what was
	// noted. It is "" where the drill has passed.
	Why, Remedy string
	Steps       []Step
	Over        bool // it goes no further: what comes next is foreseen from another state
	Timeline    Timeline
	// Recorded is the file that has everything that happened; "" where none was asked for.
	Recorded string
}

// Step is one thing that a drill does, and what came of it.
type Step struct {
	Title   string // such as "HAProxy on prslb01 is killed"
	At      time.Duration
	Verdict Verdict
	Why     string // where it failed or is noted
	Remedy  string // what to do about it, where that is known
	// Predicted is the window that the sums of `lbgen timing` give; nil where
	// nothing has to take time. Its terms say how it comes about.
	Predicted *failover.Window
	// Allowance is added to both ends for the delays of this machine.
	Allowance time.Duration
	// Measured is how long it took; nil where nothing was to be measured.
	Measured *time.Duration
	// Outage says that Measured is how long clients were not served, rather than
	// how long something took.
	Outage bool
	// Unserved is the longest time for which requests to one address failed, from
	// the first of them to the next good answer, or to the end of the step.
	Unserved         time.Duration
	Requests, Failed int // that began in this step
	Before, After    []GroupMasters
	astray           bool // the virtual IPs are elsewhere than foreseen, by luck
}

// GroupMasters says who is master of a group: nobody, one node, or too many.
type GroupMasters struct {
	Group string
	Nodes []string
}

// Timeline is what happened in a drill. Times are counted from its first step,
// and are negative before it.
type Timeline struct {
	Begin, End time.Duration
	Marks      []Mark    // what the drill did
	Series     []Series  // what clients saw
	VIPSpans   []VIPSpan // who had the virtual IPs
	Lines      []Line    // what the daemons said
}

// Mark is one thing that the drill did.
type Mark struct {
	At   time.Duration
	Text string
}

// Series are the requests for one address.
type Series struct {
	Name    string // such as "GET http://172.16.110.70/"
	VIP     string // the address that they go to
	Samples []Sample
}

// Sample is one request.
type Sample struct {
	At, Took time.Duration
	OK       bool
	Server   string // who answered; "" where none did
	Problem  string // why it is not OK
}

// VIPSpan is a stretch of time in which a node had a virtual IP.
type VIPSpan struct {
	VIP, Node string
	From, To  time.Duration
}

// Line is one line of a log.
type Line struct {
	At            time.Duration
	Host, Program string
	Text          string
}
