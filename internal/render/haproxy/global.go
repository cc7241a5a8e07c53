package haproxy

import (
	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
)

// Global is the global section.
type Global struct {
	Logs, Process, Socket, TLS, Tuning []conf.Line
	Raw                                []conf.Raw
}

func (p *printer) global() Global {
	const from = diag.Path("global")
	g := &p.Global
	var tuning lines
	tuning.number(from.Key("tune_bufsize"), "tune.bufsize", g.Bufsize)
	tuning.number(from.Key("spread_checks"), "spread-checks", g.SpreadChecks)
	return Global{
		Logs: p.logs(), Process: p.process(from), Socket: p.socket(from.Key("stats_socket")), TLS: p.tlsDefaults(from.Key("tls")),
		Tuning: tuning, Raw: raw(from.Key("raw"), g.Raw),
	}
}

func (p *printer) logs() []conf.Line {
	var l lines
	for _, log := range p.Logs {
		t, target := log.Target, conf.Key("/dev/log")
		switch {
		case t.Stream != "":
			target = conf.Text(t.Stream)
		case t.Addr.IsValid():
			target = conf.AddrPort(t.Addr)
		}
		l.add(log.Path, "log", target, conf.When(log.Length != 0, conf.Key("len"), conf.Int(log.Length)),
			conf.When(log.Format != "", conf.Key("format"), conf.Text(log.Format)), conf.Text(log.Facility),
			conf.When(log.Level != "", conf.Text(log.Level)))
	}
	return l
}

func (p *printer) process(from diag.Path) []conf.Line {
	var l lines
	l.add("", "chroot", conf.Text(p.Machine.Chroot))
	l.number(from.Key("maxconn"), "maxconn", p.Global.Maxconn)
	l.number(from.Key("nbthread"), "nbthread", p.Global.Nbthread)
	l.add("platform", "user", conf.Text(p.Machine.User))
	l.add("", "group", conf.Text(p.Machine.Group))
	l.time(from.Key("hard_stop_after"), "hard-stop-after", p.Global.HardStopAfter)
	l.time(from.Key("close_spread_time"), "close-spread-time", p.Global.CloseSpreadTime)
	return l
}

func (p *printer) socket(from diag.Path) []conf.Line {
	var l lines
	s := &p.Global.StatsSocket
	l.add(from, "stats socket", conf.Text(s.Path), conf.Key("mode"), conf.Text(s.Mode), conf.Key("level"), conf.Text(s.Level),
		conf.When(s.Group != "", conf.Key("group"), conf.Text(s.Group)))
	l.time(from.Key("timeout"), "stats timeout", s.Timeout)
	return l
}

// tlsDefaults is what binds and servers use that say nothing themselves.
func (p *printer) tlsDefaults(from diag.Path) []conf.Line {
	var l lines
	t := &p.Global.TLS
	if t.MinVersion != "" {
		l.text(from.Key("min_version"), "ssl-default-bind-options ssl-min-ver", t.MinVersion)
		l.text("", "ssl-default-server-options ssl-min-ver", t.MinVersion)
	}
	l.text(from.Key("ciphers"), "ssl-default-bind-ciphers", t.Ciphers)
	l.text(from.Key("ciphers"), "ssl-default-server-ciphers", t.Ciphers)
	l.text(from.Key("ciphersuites"), "ssl-default-bind-ciphersuites", t.Ciphersuites)
	l.text(from.Key("ciphersuites"), "ssl-default-server-ciphersuites", t.Ciphersuites)
	l.number(from.Key("dh_param"), "tune.ssl.default-dh-param", t.DHParam)
	return l
}
