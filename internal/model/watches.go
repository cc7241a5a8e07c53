package model

import (
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"
)

// WatchesHAProxy says whether a script fails when HAProxy does not run: because the
// site file says so, or because its command names HAProxy or asks one of its ports
// on the node itself.
func (s *Site) WatchesHAProxy(t *TrackScript) bool {
	if t.Watches != "" {
		return t.Watches == "haproxy"
	}
	return NamesHAProxy(t.Command) || s.asksPort(t.Command)
}

// NamesHAProxy says whether a command is about HAProxy: killall -0 haproxy,
// systemctl is-active haproxy, its socket or pid file, a script named after it.
func NamesHAProxy(command []string) bool {
	for i, word := range command {
		if i == 0 {
			word = path.Base(word)
		}
		if strings.Contains(strings.ToLower(word), "haproxy") {
			return true
		}
	}
	return false
}

// asksPort says whether a command asks one of HAProxy's ports at the node's loopback.
func (s *Site) asksPort(command []string) bool {
	text := strings.Join(command, " ")
	if !strings.Contains(text, "localhost") && !strings.Contains(text, "127.0.0.1") && !strings.Contains(text, "[::1]") {
		return false
	}
	numbers := strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	asks := func(port int) bool {
		_, rest, plain := strings.Cut(text, "http://")
		return slices.Contains(numbers, strconv.Itoa(port)) || port == 80 && plain && !strings.Contains(rest, ":")
	}
	for i := range s.Frontends {
		for _, b := range s.Frontends[i].Binds {
			if onLoopback(b.Address.Addr) && slices.ContainsFunc(b.AllPorts(), asks) {
				return true
			}
		}
	}
	page, at := s.Alive()
	return at != "" && asks(page.Port)
}

func onLoopback(a netip.Addr) bool { return a.IsValid() && (a.IsUnspecified() || a.IsLoopback()) }
