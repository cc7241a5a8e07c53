package render

import (
	"slices"

	"github.com/lbgen/lbgen/internal/site"
)

// LocalLogs returns HAProxy's logs that the node's own rsyslog writes.
func (n Node) LocalLogs() []site.Log {
	return slices.DeleteFunc(slices.Clone(n.Logs), func(l site.Log) bool { return l.File == "" })
}

// LogSocket says whether HAProxy writes to /dev/log, which is then in its chroot.
func (n Node) LogSocket() bool {
	return slices.ContainsFunc(n.Logs, func(l site.Log) bool { return l.Target.Socket })
}

// LogPorts returns a log for each address and port where rsyslog must listen.
func (n Node) LogPorts() []site.Log {
	var ports []site.Log
	for _, l := range n.LocalLogs() {
		if l.Target.Addr.IsValid() && !slices.ContainsFunc(ports, func(o site.Log) bool { return o.Target == l.Target }) {
			ports = append(ports, l)
		}
	}
	return ports
}
