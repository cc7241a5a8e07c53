package haproxy

import (
	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// Defaults is the defaults section.
type Defaults struct {
	Mode       conf.Line
	Log        []conf.Line
	Connection []conf.Line // what becomes of it after the answer, and what servers hear of the client
	Retries    []conf.Line
	Timeouts   []conf.Line
	Maxconn    []conf.Line
	Options    []conf.Line
	Raw        []conf.Raw
}

func (p *printer) defaults() Defaults {
	const from = diag.Path("defaults")
	d := &p.Defaults
	var retries lines
	retries.key(d.Redispatch, "", "option redispatch")
	if d.Spell || d.Defaults.Retries != nil {
		retries.add(from.Key("retries"), "retries", conf.Int(d.Retries))
	}
	var maxconn lines
	maxconn.number(from.Key("maxconn"), "maxconn", d.Maxconn)
	return Defaults{
		Mode: conf.NewLine(from.Key("mode"), "mode", conf.Text(d.Mode)), Log: p.defaultLog(from),
		Connection: append(connection(d.HTTPConnection, from), p.forwardForDefaults()...),
		Retries:    retries, Timeouts: p.defaultTimeouts(from),
		Maxconn: maxconn,
		Options: append(p.errorPages(d.ErrorPages, from), p.abortOnCloseDefault()...), Raw: raw(from.Key("raw"), d.Raw),
	}
}

func (p *printer) defaultLog(from diag.Path) []conf.Line {
	var l lines
	d := &p.Defaults
	if len(p.Logs) == 0 {
		return nil
	}
	l.key(true, "", "log global")
	if d.LogFormat != "" {
		l.text(from.Key("log_format"), "log-format", d.LogFormat)
	} else if d.LogRequests {
		l = append(l, logOption("", d.Mode))
	}
	l.key(!d.LogEmpty && d.LogRequests, "", "option dontlognull")
	l.key(d.LogHealthChecks, from.Key("log_health_checks"), "option log-health-checks")
	return l
}

func (p *printer) defaultTimeouts(from diag.Path) []conf.Line {
	var l lines
	t := &p.Defaults.Timeouts
	l.timeout(from, "timeout http-request", "http_request", t.HTTPRequest)
	l.timeout(from, "timeout queue", "queue", t.Queue)
	l.timeout(from, "timeout connect", "connect", t.Connect)
	l.timeout(from, "timeout client", "client", t.Client)
	l.timeout(from, "timeout server", "server", t.Server)
	l.timeout(from, "timeout http-keep-alive", "http_keep_alive", t.HTTPKeepAlive)
	l.timeout(from, "timeout check", "check", t.Check)
	l.timeout(from, "timeout tunnel", "tunnel", t.Tunnel)
	l.timeout(from, "timeout client-fin", "client_fin", t.ClientFin)
	l.timeout(from, "timeout server-fin", "server_fin", t.ServerFin)
	return l
}

// logOption is the form of the lines in the log of a section that speaks mode.
func logOption(from diag.Path, mode string) conf.Line {
	if mode == model.ModeTCP {
		return conf.NewLine(from, "option tcplog")
	}
	return conf.NewLine(from, "option httplog")
}

// mode is the line of a section that says itself what it speaks.
func mode(written string, from diag.Path) []conf.Line {
	var l lines
	l.text(from.Key("mode"), "mode", written)
	return l
}

// log says how the lines of the log look, where that is not what the defaults
// section says for its own mode.
func (p *printer) log(mode, format string, from diag.Path) []conf.Line {
	switch {
	case format != "":
		return []conf.Line{conf.NewLine(from.Key("log_format"), "log-format", conf.Text(format))}
	case mode != p.Defaults.Mode && p.Defaults.LogRequests:
		return []conf.Line{logOption(from.Key("mode"), mode)}
	default:
		return nil
	}
}

// connection says what becomes of a connection after the answer.
func connection(written string, from diag.Path) []conf.Line {
	from = from.Key("http_connection")
	switch written {
	case "keep-alive":
		return []conf.Line{conf.NewLine(from, "option http-keep-alive")}
	case "server-close":
		return []conf.Line{conf.NewLine(from, "option http-server-close")}
	case "close":
		return []conf.Line{conf.NewLine(from, "option httpclose")}
	default:
		return nil
	}
}
