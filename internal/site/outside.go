package site

import (
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
)

// outside says whether the command of a check asks a machine that is none of the
// nodes: when that one is gone, the check fails on every node at once. What a
// program finds out by itself does not show here.
func (s *Site) outside(command []string) bool {
	words := strings.FieldsFunc(strings.Join(command[1:], " "), func(r rune) bool { return strings.ContainsRune(" '\";|&()", r) })
	asks := asker(command[0]) || slices.ContainsFunc(words, asker)
	machines := map[string]bool{}
	for _, w := range words {
		if s.foreign(w, asks) {
			machines[w] = true
		}
	}
	return len(machines) == 1 || len(machines) > 1 && !oneIsEnough(strings.Join(command[1:], " "))
}

// oneIsEnough says whether a shell's command with several machines in it is satisfied by
// one that answers: that all are gone at once is none of the failures that are looked at.
func oneIsEnough(shell string) bool {
	return strings.Contains(shell, "||") && !strings.Contains(shell, "&&") || strings.Contains(shell, "&& exit 0")
}

// asker says whether a program takes the names of machines that it asks. dig and
// its like ask another one for them.
func asker(program string) bool {
	switch path.Base(program) {
	case "ping", "ping6", "fping", "arping", "nc", "ncat", "netcat", "curl", "wget", "telnet", "ssh",
		"traceroute", "tcptraceroute", "nmap", "ntpdate", "mysqladmin", "redis-cli", "pg_isready", "snmpget", "check_ping", "check_http":
		return true
	default:
		return false
	}
}

// foreign says whether a word of a command is an address or, where host names
// are expected, a name of a machine that is none of the nodes.
func (s *Site) foreign(word string, names bool) bool {
	host := strings.TrimPrefix(word, "@") // of dig
	if u, err := url.Parse(word); err == nil && u.Host != "" {
		host, names = u.Hostname(), true
	} else if at, err := netip.ParseAddrPort(word); err == nil {
		host = at.Addr().String()
	}
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return !addr.IsLoopback() && !addr.IsUnspecified() && !s.ours(addr.WithZone(""))
	}
	name := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)*\.[A-Za-z][A-Za-z0-9-]*\.?$`)
	return names && name.MatchString(host) && !strings.HasPrefix(host, "localhost") &&
		!slices.ContainsFunc(s.Nodes, func(n Node) bool { return n.Name == host })
}

// ours says whether a node or a virtual router has the address.
func (s *Site) ours(addr netip.Addr) bool {
	return slices.ContainsFunc(s.Nodes, func(n Node) bool {
		for _, all := range n.Addresses {
			if slices.ContainsFunc(all, func(a netip.Addr) bool { return a == addr }) {
				return true
			}
		}
		return false
	}) || slices.ContainsFunc(s.Written.VRRP, func(v model.VRRP) bool {
		return slices.ContainsFunc(v.VIPs, func(vip model.VIP) bool { return vip.Address.Addr == addr })
	})
}

// outsideWeight is the weight of a check that asks another machine, where the
// site file has none: by one more than the widest gap between the nodes, so
// that a failure that one node alone sees moves the virtual IPs, and one that all
// see does not. It is 0, and a failure FAULT, where that cannot be: without
// preempt, where a weight moves them once and never again, in sync groups, which
// know no weights, and where priorities leave no room.
func (s *Site) outsideWeight() int {
	gap := 0
	for i := range s.Written.VRRP {
		w := &s.Written.VRRP[i]
		if !w.Preempt || w.SyncGroup != "" || w.HasFamily(4) && w.HasFamily(6) {
			return 0
		}
		low, high := mostPriority, 0
		for j := range s.Nodes {
			p := w.Priority(*s.Nodes[j].Node)
			low, high = min(low, p), max(high, p)
		}
		gap = max(gap, high-low+1)
		if low < 2 {
			return 0
		}
	}
	if len(s.Nodes) < 2 || gap >= mostPriority {
		return 0
	}
	return -gap
}

// mostPriority is the highest priority, and the largest weight is one less.
const mostPriority = 254
