package pair

import "strings"

// StatsSocket is the path of HAProxy's runtime socket, the first that haproxy.cfg
// names; "" where it names none that is a file.
func (n *Node) StatsSocket() string {
	for _, s := range n.HAProxy.Sections {
		if s.Kind != "global" {
			continue
		}
		for _, d := range s.Lines {
			if d.Word(0) == "stats" && d.Word(1) == "socket" && strings.HasPrefix(strings.TrimPrefix(d.Word(2), "unix@"), "/") {
				return strings.TrimPrefix(d.Word(2), "unix@")
			}
		}
	}
	return ""
}
