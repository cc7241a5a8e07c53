package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// Install is what install.sh knows of the node beyond what MANIFEST says.
type Install struct {
	Addresses []Address // the machine must hold them all, or it is the wrong one
	VIPs      []Address // those this node may hold, with the device
	Peers     []string  // names of the other nodes that run Keepalived, sorted
	Ports     []Port    // TCP ports that HAProxy binds or connects to, sorted: for SELinux
	Needs     []string  // what HAProxy reads and the node has to have already, sorted
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

func resolveInstall(s *site.Site, n *site.Node, ports []Port, needs []string) Install {
	in := Install{Ports: ports, Needs: needs, Known: strings.Join(model.PlatformNames(), ",")}
	if len(s.VRRP) > 0 {
		in.Words = &Words{
			Agreed: strings.Join(keepalived.Agreed(), ","), Decides: strings.Join(keepalived.Decides(), ","),
			Lists: strings.Join(keepalived.Lists(), ","),
			Usual: strings.ReplaceAll(strings.Join(keepalived.Defaults(), ","), " ", ":"),
		}
	}
	for _, nic := range n.NICs {
		for _, a := range nic.Addresses {
			in.Addresses = append(in.Addresses, Address{nic.Device, a.Addr().String()})
		}
	}
	for _, v := range s.VRRP {
		for _, vip := range v.VIPs {
			in.VIPs = append(in.VIPs, Address{n.Device(v.NIC), vip.Address.Addr().String()})
		}
	}
	for _, peer := range s.Nodes {
		if len(s.VRRP) > 0 && peer.Name != n.Name {
			in.Peers = append(in.Peers, peer.Name)
		}
	}
	slices.Sort(in.Peers)
	return in
}

// resolvePorts lists every port once for each use, sorted.
func resolvePorts(s *site.Site) []Port {
	seen := map[Port]bool{}
	for _, f := range s.Frontends {
		for _, b := range f.Binds {
			for _, p := range b.Ports {
				seen[Port{p, true}] = true
			}
		}
	}
	if s.Stats != nil {
		seen[Port{s.Stats.Port, true}] = true
	}
	if s.Peers != nil {
		seen[Port{s.Peers.Port, true}] = true
		seen[Port{s.Peers.Port, false}] = true
	}
	if s.Alive != nil {
		seen[Port{int(s.Alive.Listener.Port()), true}] = true
	}
	for i := range s.Backends {
		for _, p := range connects(s.Backends[i].Backend) {
			seen[Port{p, false}] = true
		}
	}
	delete(seen, Port{0, false}) // where nothing is written
	var ports []Port
	for p := range seen {
		ports = append(ports, p)
	}
	slices.SortFunc(ports, func(a, b Port) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(bit(b.Bind), bit(a.Bind)))
	})
	return ports
}

// connects lists the ports of a backend that HAProxy connects to: for clients
// and for checks. Some are 0.
func connects(b *model.Backend) []int {
	check := func(o model.ServerOptions) int {
		if o.Check == nil {
			return 0
		}
		return o.Check.Port
	}
	ports := []int{b.Health.Port, check(b.ServerDefaults)}
	if b.Health.Agent != nil {
		ports = append(ports, b.Health.Agent.Port)
	}
	for _, s := range b.Servers {
		ports = append(ports, int(s.Address.Port()), check(s.ServerOptions))
	}
	for _, t := range b.ServerTemplates {
		ports = append(ports, int(t.Address.Port()), check(t.ServerOptions))
	}
	if b.Sorry != nil && b.Sorry.Remote != nil {
		ports = append(ports, int(b.Sorry.Remote.Address.Port()))
	}
	return ports
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
