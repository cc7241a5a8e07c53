package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"syscall"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// networkSwitch is what the first agent does: it has the bridges that the
// networks are, and the far end of every link.
type networkSwitch struct {
	bridges map[string]*netlink.Bridge
	ports   map[port]netlink.Link
}

// port is the far end of a host's link.
type port struct{ Host, Device string }

// hostArgs say which host to start.
type hostArgs struct {
	Name   string
	Node   bool
	Socket int // which of the agent's sockets is the host's
	Links  []Link
}

func (a *agent) networks(names []string) error {
	if err := keepFiles(); err != nil {
		return err
	}
	a.sw = &networkSwitch{bridges: map[string]*netlink.Bridge{}, ports: map[port]netlink.Link{}}
	for i, name := range names {
		snooping := false // nobody asks who listens: every port hears all adverts
		b := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: fmt.Sprintf("net%d", i)}, MulticastSnooping: &snooping}
		if err := netlink.LinkAdd(b); err != nil {
			return fmt.Errorf("a bridge: %w", err)
		}
		if err := netlink.LinkSetUp(b); err != nil {
			return err
		}
		a.sw.bridges[name] = b
	}
	return nil
}

// startHost starts the agent of a host and links it to its networks.
func (a *agent) startHost(h hostArgs) error {
	pid, err := a.startAgent(h)
	if err != nil {
		return err
	}
	for i, link := range h.Links {
		if err := a.sw.connect(h.Name, pid, link, fmt.Sprintf("p%dx%d", h.Socket, i)); err != nil {
			return fmt.Errorf("linking %s of %s: %w", link.Device, h.Name, err)
		}
	}
	return nil
}

func (a *agent) startAgent(h hostArgs) (pid int, err error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	flags := uintptr(hostFlags)
	if h.Node {
		flags = nodeFlags
	}
	socket := os.NewFile(uintptr(fdHosts+h.Socket), h.Name)
	defer socket.Close()
	p, err := os.StartProcess("/proc/self/exe", a.args, &os.ProcAttr{
		Dir: "/", Env: os.Environ(),
		Files: []*os.File{null, os.Stdout, os.Stderr, socket, a.events.f},
		Sys:   &syscall.SysProcAttr{Cloneflags: flags},
	})
	if err != nil {
		return 0, err
	}
	go func() { _, _ = p.Wait() }()
	return p.Pid, nil
}

// connect makes a link: one end is the host's NIC, the other a port here. A
// veth pair needs nothing of the machine and loses its carrier when its other
// end is taken down, as a cable does.
func (s *networkSwitch) connect(host string, pid int, link Link, name string) error {
	bridge, ok := s.bridges[link.Network]
	if !ok {
		return fmt.Errorf("there is no network %s", link.Network)
	}
	far := &netlink.Veth{
		LinkAttrs: netlink.LinkAttrs{Name: name, MasterIndex: bridge.Index},
		PeerName:  link.Device, PeerNamespace: netlink.NsPid(pid),
	}
	if err := netlink.LinkAdd(far); err != nil {
		return err
	}
	s.ports[port{host, link.Device}] = far
	return netlink.LinkSetUp(far)
}

// uplinkArgs say which device, that somebody has put here, is a port of a network.
type uplinkArgs struct{ Network, Device string }

func (a *agent) uplink(u uplinkArgs) error {
	bridge, ok := a.sw.bridges[u.Network]
	if !ok {
		return fmt.Errorf("there is no network %s", u.Network)
	}
	nic, err := netlink.LinkByName(u.Device)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetMaster(nic, bridge); err != nil {
		return err
	}
	return netlink.LinkSetUp(nic)
}

// carrierArgs say which links come up or go down.
type carrierArgs struct {
	Ports []port
	Up    bool
}

func (a *agent) carrier(c carrierArgs) error {
	return a.sw.each(c.Ports, func(l netlink.Link) error {
		if c.Up {
			return netlink.LinkSetUp(l)
		}
		return netlink.LinkSetDown(l)
	})
}

// isolateArgs say which hosts no longer reach each other, or do again.
type isolateArgs struct {
	Ports []port
	On    bool
}

// isolate keeps frames from going between the ports; all others still reach
// them, and they reach all others.
func (a *agent) isolate(i isolateArgs) error {
	return a.sw.each(i.Ports, func(l netlink.Link) error { return netlink.LinkSetIsolated(l, i.On) })
}

// deafen keeps what is sent to a group, as adverts are, from a host over the ports,
// or lets it get there again. What the host sends itself passes.
func (a *agent) deafen(i isolateArgs) error {
	return a.sw.each(i.Ports, func(l netlink.Link) error { return floodGroups(l, !i.On) })
}

// floodGroups says whether a port of a bridge is sent what is for a group that
// nobody has joined in the bridge's eyes (bridge(8), mcast_flood).
func floodGroups(l netlink.Link, on bool) error {
	msg := nl.NewIfInfomsg(unix.AF_BRIDGE)
	msg.Index = int32(l.Attrs().Index)
	yes := []byte{0}
	if on {
		yes[0] = 1
	}
	port := nl.NewRtAttr(unix.IFLA_PROTINFO|unix.NLA_F_NESTED, nil)
	port.AddRtAttr(nl.IFLA_BRPORT_MCAST_FLOOD, yes)
	ask := nl.NewNetlinkRequest(unix.RTM_SETLINK, unix.NLM_F_ACK)
	ask.AddData(msg)
	ask.AddData(port)
	_, err := ask.Execute(unix.NETLINK_ROUTE, 0)
	return err
}

// misdirectArgs say which addresses of a neighbour are not found, or are again.
type misdirectArgs struct {
	Device    string
	Addresses []netip.Prefix
	On        bool
}

// misdirect sends what is for the addresses to a station that nobody is.
func (a *agent) misdirect(m misdirectArgs) error {
	nic, err := netlink.LinkByName(m.Device)
	if err != nil {
		return err
	}
	for _, p := range m.Addresses {
		n := &netlink.Neigh{
			LinkIndex: nic.Attrs().Index, IP: p.Addr().AsSlice(), State: netlink.NUD_PERMANENT,
			HardwareAddr: []byte{2, 0, 0, 0, 0, 1},
		}
		if m.On {
			err = errors.Join(err, netlink.NeighSet(n))
		} else {
			err = errors.Join(err, netlink.NeighDel(n))
		}
	}
	return err
}

func (s *networkSwitch) each(ports []port, do func(netlink.Link) error) error {
	for _, p := range ports {
		l, ok := s.ports[p]
		if !ok {
			return fmt.Errorf("%s has no link %s", p.Host, p.Device)
		}
		if err := do(l); err != nil {
			return fmt.Errorf("%s of %s: %w", p.Device, p.Host, err)
		}
	}
	return nil
}

// setUp gives a NIC its addresses and routes. Duplicates are not looked for:
// an IPv6 address would be of no use for a second.
func setUp(link Link) error {
	nic, err := netlink.LinkByName(link.Device)
	if err != nil {
		return err
	}
	for _, p := range link.Addresses {
		addr, err := netlink.ParseAddr(p.String())
		if err != nil {
			return err
		}
		if p.Addr().Is6() {
			addr.Flags = syscall.IFA_F_NODAD
		}
		if err := netlink.AddrAdd(nic, addr); err != nil {
			return fmt.Errorf("address %s: %w", p, err)
		}
	}
	if err := netlink.LinkSetUp(nic); err != nil {
		return err
	}
	return routes(nic, link.Routes)
}

func routes(nic netlink.Link, all []netip.Prefix) error {
	for _, p := range slices.Compact(all) {
		dst, err := netlink.ParseIPNet(p.String())
		if err != nil {
			return err
		}
		r := &netlink.Route{LinkIndex: nic.Attrs().Index, Dst: dst, Scope: netlink.SCOPE_LINK}
		if err := netlink.RouteAdd(r); err != nil && !os.IsExist(err) {
			return fmt.Errorf("route to %s: %w", p, err)
		}
	}
	return nil
}

// everyAddress makes every address one of this host's own.
func everyAddress() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	for _, all := range []string{"0.0.0.0/0", "::/0"} {
		dst, err := netlink.ParseIPNet(all)
		if err != nil {
			return err
		}
		r := &netlink.Route{LinkIndex: lo.Attrs().Index, Dst: dst, Type: unix.RTN_LOCAL, Table: unix.RT_TABLE_LOCAL, Scope: netlink.SCOPE_HOST}
		if err := netlink.RouteAdd(r); err != nil {
			return fmt.Errorf("a route to every address: %w", err)
		}
	}
	// That of IPv4 is a local address by its route alone.
	return os.WriteFile("/proc/sys/net/ipv6/ip_nonlocal_bind", []byte("1"), 0)
}

// loopback brings up the one that every host has.
func loopback() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	return netlink.LinkSetUp(lo)
}
