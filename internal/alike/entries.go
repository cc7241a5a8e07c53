package alike

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/pair"
)

// mostPorts is how many ports of a range are asked.
const mostPorts = 4

// Entries are the addresses and ports that one of two configurations listens on, sorted.
// here are the addresses that a client reaches the node at; what is bound to another
// one is left out, and named.
func Entries(before, after *haproxy.Config, here []netip.Addr) (all []Entry, unreached []string) {
	for side, cfg := range []*haproxy.Config{before, after} {
		for _, s := range cfg.Sections {
			if s.Kind != "frontend" && s.Kind != "listen" {
				continue
			}
			for _, b := range pair.Binds(s) {
				found := at(b, here)
				if len(found) == 0 && !slices.Contains(unreached, b.Host+":"+b.Port) {
					unreached = append(unreached, b.Host+":"+b.Port)
				}
				for _, a := range found {
					all = merge(all, a, s, b, side)
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b Entry) int { return a.At.Compare(b.At) })
	return all, unreached
}

// merge adds a bind of a section to the entry at its address.
func merge(all []Entry, at netip.AddrPort, s *haproxy.Section, b pair.Bind, side int) []Entry {
	i := slices.IndexFunc(all, func(e Entry) bool { return e.At == at })
	if i < 0 {
		i = len(all)
		all = append(all, Entry{At: at})
	}
	words := b.Line.Words()
	tls := slices.Contains(words, "ssl")
	e := &all[i]
	e.TLS = e.TLS || tls
	e.Both = e.Both || !tls && s.Mode() != "http"
	e.Proxy = e.Proxy || slices.Contains(words, "accept-proxy")
	if !slices.Contains(e.Listeners[side], s.Name) {
		e.Listeners[side] = append(e.Listeners[side], s.Name)
	}
	return all
}

// at is where a client reaches a bind: one address, the first, of those that a star
// stands for.
func at(b pair.Bind, here []netip.Addr) []netip.AddrPort {
	addr, err := netip.ParseAddr(b.Host)
	switch {
	case b.Host == "*" || err == nil && addr.IsUnspecified():
		i := slices.IndexFunc(here, func(a netip.Addr) bool { return a.Is4() == (b.Host == "*") })
		if i < 0 {
			return nil
		}
		addr = here[i]
	case err != nil || !slices.Contains(here, addr):
		return nil
	}
	first, last, many := strings.Cut(b.Port, "-")
	from, err := strconv.ParseUint(first, 10, 16)
	if err != nil {
		return nil
	}
	to := from
	if many {
		if to, err = strconv.ParseUint(last, 10, 16); err != nil {
			return nil
		}
	}
	var all []netip.AddrPort
	for port := from; port <= to && len(all) < mostPorts; port++ {
		all = append(all, netip.AddrPortFrom(addr, uint16(port)))
	}
	return all
}
