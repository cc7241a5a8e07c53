package view

import (
	"cmp"
	"path"
	"slices"
	"strconv"

	"github.com/lbgen/lbgen/internal/model"
)

// Global is the global section of haproxy.cfg. Numbers that are 0 and texts
// that are "" are not said.
type Global struct {
	Origin                     string
	Logs                       []Log
	Maxconn, Nbthread          int
	HardStopAfter, CloseSpread string
	Socket                     Socket
	TLS                        TLSDefaults
	Bufsize                    int // bytes
	SpreadChecks               int // per cent
	Raw                        []RawLine
}

// Socket is HAProxy's runtime socket.
type Socket struct{ Path, Mode, Level, Group, Timeout string }

// TLSDefaults is what binds and servers use that say nothing themselves.
type TLSDefaults struct {
	MinVersion, Ciphers, Ciphersuites string
	DHParam                           int // bits
}

func resolveGlobal(site *model.Site) Global {
	g, s := site.Global, site.Global.StatsSocket
	return Global{
		Origin: Mark("global"), Logs: resolveLogs(site), Maxconn: number(g.Maxconn, Maxconn), Nbthread: g.Nbthread,
		HardStopAfter: optional(g.HardStopAfter), CloseSpread: optional(g.CloseSpreadTime),
		Socket: Socket{
			Path: site.Machine().StatsSocket, Mode: cmp.Or(s.Mode, SocketMode), Level: cmp.Or(s.Level, SocketLevel),
			Group: s.Group, Timeout: optional(s.Timeout),
		},
		TLS: resolveTLSDefaults(site), Bufsize: g.Bufsize, SpreadChecks: g.SpreadChecks, Raw: rawLines(g.Raw, "global.raw"),
	}
}

// resolveTLSDefaults has a minimum version wherever there is TLS at all.
func resolveTLSDefaults(site *model.Site) TLSDefaults {
	t := site.Global.TLS
	d := TLSDefaults{
		MinVersion: t.MinVersion, Ciphers: cmp.Or(t.Ciphers, site.Machine().Ciphers),
		Ciphersuites: t.Ciphersuites, DHParam: t.DHParam,
	}
	if d.MinVersion == "" && (t != model.TLSDefaults{} || site.UsesTLS()) {
		d.MinVersion = TLSMinVersion
	}
	return d
}

// optional prints a time that may be left out.
func optional(d model.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// Log is a target of HAProxy's log lines.
type Log struct {
	Target        string // /dev/log, or an address and port
	Address, Port string // of a target that takes UDP
	Length        int    // bytes, 0 for HAProxy's own
	Facility      string
	Level         string // the least important that is sent, "" for all
	File          string // absolute, "" where another machine writes it
	Origin        string
}

func resolveLogs(site *model.Site) []Log {
	var logs []Log
	for _, l := range site.Logs() {
		log := Log{Target: l.Target.String(), Length: l.Length, Facility: l.Facility, Level: l.Level, Origin: Mark(l.Path)}
		if a := l.Target.Addr; a.IsValid() {
			log.Address, log.Port = a.Addr().String(), strconv.Itoa(int(a.Port()))
		}
		if l.Target.IsLocal() {
			log.File = path.Join(site.Machine().Logs, l.File)
		}
		logs = append(logs, log)
	}
	return logs
}

// LocalLogs returns those that the node's own rsyslog writes.
func (g Global) LocalLogs() []Log {
	return slices.DeleteFunc(slices.Clone(g.Logs), func(l Log) bool { return l.File == "" })
}

// LogSocket says whether HAProxy writes to /dev/log, which is then in its chroot.
func (g Global) LogSocket() bool {
	return slices.ContainsFunc(g.Logs, func(l Log) bool { return l.Address == "" })
}

// LogPorts returns a target for each address and port where rsyslog must listen.
func (g Global) LogPorts() []Log {
	var ports []Log
	for _, l := range g.LocalLogs() {
		if l.Address != "" && !slices.ContainsFunc(ports, func(o Log) bool { return o.Target == l.Target }) {
			ports = append(ports, l)
		}
	}
	return ports
}
