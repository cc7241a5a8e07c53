package haproxy

import (
	"net/netip"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// stats is the frontend of the statistics page.
func (p *printer) stats() []Section {
	s := p.Stats
	if s == nil {
		return nil
	}
	const from = diag.Path("stats")
	var l lines
	if p.Defaults.Mode != model.ModeHTTP {
		l = append(append(l, mode(model.ModeHTTP, from)...), p.log(model.ModeHTTP, "", from)...)
	}
	l = append(l, binds("", s.Addresses, []int{s.Port}, tls(s.TLS))...)
	var allowed []string
	for _, n := range s.Allow {
		allowed = append(allowed, netip.Prefix(n).String())
	}
	l.add(from.Key("allow"), "http-request deny", conf.Unless(conf.Condition{Sample: conf.Key("src"), Values: allowed}))
	l.key(!s.Log, from.Key("log"), "http-request set-log-level silent")
	if s.Prometheus != "" {
		l.add(from.Key("prometheus"), "http-request use-service prometheus-exporter",
			conf.If(conf.Condition{Sample: conf.Key("path"), Values: []string{s.Prometheus}}))
	}
	return []Section{{conf.NewLine(from, "frontend", conf.Text(model.StatsName)), append(l, p.statsPage(from)...)}}
}

func (p *printer) statsPage(from diag.Path) []conf.Line {
	var l lines
	s := p.Stats
	l.add(from, "stats enable")
	l.text(from.Key("uri"), "stats uri", s.URI)
	l.text(from.Key("realm"), "stats realm", s.Realm)
	for i, u := range s.Users {
		at := from.Key("users").Index(i)
		password := p.secret(u.Password, at.Key("password"), placeholder)
		l.add(at, "stats auth", conf.Concat(conf.Text(u.Name), conf.Key(":"), conf.Secret(password.value, password.path, password.known)))
	}
	l.key(s.Admin, from.Key("admin"), "stats admin if TRUE")
	l.key(s.HideVersion, from.Key("hide_version"), "stats hide-version")
	l.key(s.ShowNode, from.Key("show_node"), "stats show-node")
	l.text(from.Key("desc"), "stats show-desc", s.Desc)
	l.key(s.ShowLegends, from.Key("show_legends"), "stats show-legends")
	l.time(from.Key("refresh"), "stats refresh", s.Refresh)
	return l
}

// alive is the frontend where Keepalived asks HAProxy whether it is alive. It
// is on loopback, no server has part in the answer, and HAProxy logs nothing of
// it.
func (p *printer) alive() []Section {
	if p.Alive == nil {
		return nil
	}
	var l lines
	l.add("", "mode http")
	l.add("", "bind", conf.AddrPort(p.Alive.Listener))
	l.text("", "monitor-uri", p.Alive.URI)
	return []Section{{conf.NewLine(p.Alive.Path, "frontend", conf.Text(model.AliveName)), l}}
}
