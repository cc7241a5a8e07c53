package status

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/site"
)

// Trouble is one thing that is not as it should be.
type Trouble struct {
	// Kind is a name for scripts; docs/status.md lists them.
	Kind    string   `json:"kind"`
	Nodes   []string `json:"nodes"`
	Summary string   `json:"summary"`
	Remedy  string   `json:"remedy,omitempty"`
	// Diff is from what is on the node to what the site file makes, with secrets masked.
	Diff string `json:"diff,omitempty"`
}

// Node is one node, in short.
type Node struct {
	Name    string `json:"name"`
	Reached bool   `json:"reached"`
	// HAProxy and Keepalived are the states of their units, as systemd has them, and the
	// versions that are installed.
	HAProxy           string `json:"haproxy,omitempty"`
	HAProxyVersion    string `json:"haproxy_version,omitempty"`
	Keepalived        string `json:"keepalived,omitempty"`
	KeepalivedVersion string `json:"keepalived_version,omitempty"`
	Files             string `json:"files,omitempty"` // as rendered, changed, another version or not installed
}

// VIP is one virtual IP.
type VIP struct {
	Address string   `json:"address"`
	Held    []string `json:"held_by"`
	// Should is who has it by the priorities, with what is broken and who had it before.
	Should []string `json:"should_hold"`
}

// Server is a server as the nodes' HAProxy see it.
type Server struct {
	Backend string            `json:"backend"`
	Name    string            `json:"server"`
	States  map[string]string `json:"states"` // by node
}

// Unseen is what could not be looked at.
type Unseen struct {
	Nodes []string `json:"nodes"`
	What  string   `json:"what"`
	Why   string   `json:"why"`
}

// Result is how a site is.
type Result struct {
	Site     string    `json:"site"`
	Troubles []Trouble `json:"troubles"`
	Nodes    []Node    `json:"nodes"`
	VIPs     []VIP     `json:"vips"`
	Servers  []Server  `json:"servers"`
	Unseen   []Unseen  `json:"not_looked_at"`
}

// Answer is what came of asking a node.
type Answer struct {
	Set   artifact.Set
	Facts *Facts // nil where there is none
	Err   error  // why
}

// judge collects what is found.
type judge struct {
	site    *site.Site
	answers []Answer // in the order of the site's nodes
	groups  []*failover.Group
	Result
}

// Judge says how the site is. answers has one for each node of the site.
func Judge(s *site.Site, answers []Answer) Result {
	j := judge{site: s, answers: answers, groups: failover.Groups(s)}
	j.Result = Result{Site: s.Name, Troubles: []Trouble{}, Nodes: []Node{}, VIPs: []VIP{}, Servers: []Server{}, Unseen: []Unseen{}}
	for _, a := range answers {
		j.node(a)
	}
	j.vips()
	j.strangers()
	j.servers()
	return j.Result
}

// node judges what concerns one node alone.
func (j *judge) node(a Answer) {
	n := Node{Name: a.Set.Node, Reached: a.Facts != nil}
	if a.Facts == nil {
		j.add(n.Name, "unreachable", "it cannot be asked: "+a.Err.Error(), "log in by hand, with ssh")
		j.Nodes = append(j.Nodes, n)
		return
	}
	f := a.Facts
	n.HAProxy, n.HAProxyVersion = f.Units["haproxy"]["ActiveState"], f.Versions["haproxy"]
	if a.Set.Host.Keepalived != "" {
		n.Keepalived, n.KeepalivedVersion = f.Units["keepalived"]["ActiveState"], f.Versions["keepalived"]
	}
	j.machine(a)
	n.Files = j.files(a)
	j.daemons(a)
	j.certificates(a)
	j.Nodes = append(j.Nodes, n)
}

// add adds a trouble of a node. The same one of several nodes is one.
func (j *judge) add(node, kind, summary, remedy string) {
	j.addTrouble(Trouble{Kind: kind, Nodes: []string{node}, Summary: summary, Remedy: remedy})
}

func (j *judge) addTrouble(t Trouble) {
	for i := range j.Troubles {
		if o := &j.Troubles[i]; o.Kind == t.Kind && o.Summary == t.Summary && o.Remedy == t.Remedy && o.Diff == t.Diff {
			o.Nodes = append(o.Nodes, t.Nodes...)
			return
		}
	}
	j.Troubles = append(j.Troubles, t)
}

func (j *judge) unseen(node, what, why string) {
	for i := range j.Unseen {
		if o := &j.Unseen[i]; o.What == what && o.Why == why {
			o.Nodes = append(o.Nodes, node)
			return
		}
	}
	j.Unseen = append(j.Unseen, Unseen{[]string{node}, what, why})
}

// machine judges whether it is the right one, and its network and kernel.
func (j *judge) machine(a Answer) {
	name, f, n := a.Set.Node, a.Facts, nodeOf(j.site, a.Set.Node)
	if is := platform(f.OS); is != a.Set.Host.Platform {
		j.add(name, "wrong-platform", fmt.Sprintf("it is %s, and the files are made for %s", cmp.Or(is, "a system that does not say what it is"),
			a.Set.Host.Platform), "write platform: in the site file as it is, and render again")
	}
	for _, nic := range n.NICs {
		l, there := f.Links[nic.Device]
		switch {
		case !there:
			j.add(name, "link-down", fmt.Sprintf("it has no interface %s (%s)", nic.Device, nic.Role), "ip link shows which there are")
			continue
		case !l.up: // the system may take the addresses away meanwhile
			j.add(name, "link-down", fmt.Sprintf("%s (%s) has no link", nic.Device, nic.Role), "ip link show "+nic.Device)
			continue
		}
		for _, own := range nic.Addresses {
			if !slices.Contains(f.Addresses, heldAddress{nic.Device, own.Addr().String()}) {
				j.add(name, "address-missing", fmt.Sprintf("%s is not on %s", own.Addr(), nic.Device),
					"look whether it is the right machine, and how the system configures "+nic.Device)
			}
		}
	}
	if f.Nftables == "absent" || f.Nftables == "changed" {
		j.add(name, "nftables", "lbgen's table of nftables is "+f.Nftables+" in the kernel",
			"systemctl restart lbgen-nftables; nft -f /etc/nftables.conf flushes it, systemctl reload nftables does not")
	}
	for _, k := range settings(a.Set) {
		if is := f.Sysctl[k.key]; is != k.value {
			j.add(name, "sysctl", fmt.Sprintf("%s is %s, and %s where /%s has it", k.key, cmp.Or(is, "not there"), k.value, k.file),
				"sysctl -p /"+k.file+"; a later file in /etc/sysctl.d may have another value")
		}
	}
}

// platform is the name that lbgen has for a system: install.sh makes it the same way.
func platform(os [2]string) string {
	if os[0] == "ubuntu" {
		return os[0] + strings.ReplaceAll(os[1], ".", "")
	}
	major, _, _ := strings.Cut(os[1], ".")
	return os[0] + major
}
