package judge

import (
	"fmt"
	"time"

	"github.com/lbgen/lbgen/internal/failover"
)

// Forecast is what must come of a drill.
type Forecast struct {
	Drill, Title string
	Groups       []Group
	Steps        []Expectation
}

// Group is one group of VRRP instances that move together.
type Group struct {
	Name string
	VIPs []string
	Home []string // the nodes that have them while all is well
	// Cause is what the nodes' files show to be wrong with the group, if they do.
	Cause, Remedy string
	// Race says that it is a matter of luck which of the Rivals is master.
	Race   string
	Rivals []string
}

// Expectation is what must come of one step.
type Expectation struct {
	Title  string
	Moves  []Move           // of each group
	Sees   *Sight           // what every node's HAProxy comes to see; nil: nothing
	Window *failover.Window // the time until it does
	// Lapse is how long clients are not served although no virtual IP moves.
	Lapse  *failover.Window `json:",omitempty"`
	Served bool             // no request may fail
	Split  bool             // nobody survives it: it is shown and does not count
	Wants  *Wants           // what clients get when all has come to rest
	// Still is how long everything is watched when it is as it should be.
	Still time.Duration
	// Longest is how long all moves of the step may take one after the other.
	Longest time.Duration `json:",omitempty"`
}

// Move is what becomes of the virtual IPs of a group.
type Move struct {
	From, To []string        // the nodes that have them before and after
	Moves    bool            // they get another master on the way
	Given    []string        // the nodes that are given them first
	Window   failover.Window // the time until then
	Smooth   bool            // the master before goes on serving until then
	// FromSplit and ToSplit say that the nodes did not, or do not hear each other.
	FromSplit, ToSplit bool
	Good               bool // one node has them afterwards and serves, or none could
	Serves             bool // one node has them afterwards and serves
}

// Sight is a state that every node's HAProxy comes to see servers in.
type Sight struct {
	Nodes, Servers []string
	State          string   // UP or DOWN
	Others         []string `json:",omitempty"` // servers that are in the other state then
}

// Wants are what clients must get.
type Wants struct {
	Server   bool       // the answers of a server
	Answers  []string   // an answer to each of these requests
	Balanced [][]string // of each backend that is used at all, every server must get requests
	Sorry    *Sorry
	Cookie   string // an answer that sets it
	Kept     string // with the cookie, the same server again and again
}

// Sorry is what clients get when no server is left.
type Sorry struct {
	Nothing  bool // the connection ends
	Status   int
	Server   string // who answers; Instead is its address
	Instead  string
	Location string // where the answer leads to
	Page     string // the name of the page, and Digest of its bytes
	Digest   string
}

// Span prints a window.
func Span(w failover.Window) string {
	if w.Best == w.Worst {
		return Seconds(w.Best)
	}
	return Seconds(w.Best) + " to " + Seconds(w.Worst)
}

// Seconds prints a length of time as all tables have it.
func Seconds(d time.Duration) string { return fmt.Sprintf("%.2fs", d.Seconds()) }
