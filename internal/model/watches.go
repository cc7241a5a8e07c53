package model

import (
	"net/netip"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
)

// WatchesHAProxy says whether a script fails when HAProxy does not run: because the
// site file says so, or because its command names HAProxy or asks one of its ports
// on the node itself.
func (s *Site) WatchesHAProxy(t *TrackScript) bool {
	if t.Watches != "" {
		return t.Watches == "haproxy"
	}
	return keepalived.NamesHAProxy(t.Command) || s.asksPort(t.Command)
}

// asksPort says whether a command asks one of HAProxy's ports at the node's loopback.
func (s *Site) asksPort(command []string) bool {
	var ports []int
	for i := range s.Frontends {
		for _, b := range s.Frontends[i].Binds {
			if onLoopback(b.Address.Addr) {
				ports = append(ports, b.AllPorts()...)
			}
		}
	}
	if page, at := s.Alive(); at != "" {
		ports = append(ports, page.Port)
	}
	return keepalived.AsksPort(strings.Join(command, " "), ports...)
}

func onLoopback(a netip.Addr) bool { return a.IsValid() && (a.IsUnspecified() || a.IsLoopback()) }
