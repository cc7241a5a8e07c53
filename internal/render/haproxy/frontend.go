package haproxy

import (
	"slices"
	"time"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// Frontend is one frontend.
type Frontend struct {
	Head                           conf.Line
	Mode, Binds, Timeouts, Options []conf.Line
	Rules                          Rules
	// Raw are the user's lines that HAProxy looks at first, RawUse those that
	// choose a backend.
	Raw, RawUse []conf.Raw
}

func (p *printer) frontend(f *site.Frontend) Frontend {
	from := f.Path()
	front := Frontend{
		Head: conf.NewLine(from, "frontend", conf.Text(f.Name)), Mode: mode(f.Frontend.Mode, from),
		Timeouts: frontendTimeouts(f, from), Options: p.frontendOptions(f, from), Rules: p.frontendRules(f, from),
	}
	for i := range f.Binds {
		b := &f.Binds[i]
		options := words{}.key(b.AcceptProxy, "accept-proxy").text("proto", b.Proto)
		at := from.Key("binds").Index(i)
		front.Binds = append(front.Binds, binds(at, b.Addresses, b.Ports, append(options, tls(b.TLS)...).raw(b.Raw, at))...)
	}
	front.Raw, front.RawUse = inStages(units(from.Key("raw"), f.Raw))
	return front
}

func frontendTimeouts(f *site.Frontend, from diag.Path) []conf.Line {
	var l lines
	t := &f.Frontend.Timeouts
	l.number(from, "maxconn", f.Frontend.Maxconn)
	l.timeout(from, "timeout http-request", "http_request", time.Duration(t.HTTPRequest))
	l.timeout(from, "timeout client", "client", time.Duration(t.Client))
	l.timeout(from, "timeout http-keep-alive", "http_keep_alive", time.Duration(t.HTTPKeepAlive))
	l.timeout(from, "timeout client-fin", "client_fin", time.Duration(t.ClientFin))
	return l
}

func (p *printer) frontendOptions(f *site.Frontend, from diag.Path) []conf.Line {
	l := lines(p.log(f.Mode, f.LogFormat, from))
	l = append(l, connection(f.Frontend.HTTPConnection, from)...)
	l.key(f.TCPKeepalive, from.Key("tcp_keepalive"), "option clitcpka")
	l = append(l, p.errorPages(f.ErrorPages, from)...)
	l = append(l, compression(f.Compression, from)...)
	l.text(from.Key("monitor_uri"), "monitor-uri", f.MonitorURI)
	return append(l, p.forwardForFrontend(f)...)
}

// frontendRules are the routes, and what lbgen adds to them by itself.
func (p *printer) frontendRules(f *site.Frontend, from diag.Path) Rules {
	s := &section{printer: p, front: f, name: f.Name, from: from.Key("routes"), mode: f.Mode, step: 1}
	s.waits = s.mode == model.ModeTCP && f.LooksAtHello()
	if s.mode == model.ModeHTTP && f.EndsTLS() {
		s.endOfTLS(f, from)
	}
	r := s.resolve(f.Routes)
	if s.waits {
		r.TCP = slices.Insert(r.TCP, 0, conf.NewLine(from.Key("inspect_delay"), "tcp-request inspect-delay", conf.Time(f.InspectDelay)))
		r.TCP = append(r.TCP, conf.NewLine(from.Key("routes"), "tcp-request content accept", conf.If(hello())))
	}
	if f.DefaultBackend == "" {
		return r
	}
	from = from.Key("default_backend")
	if instead := p.sorryBackend(f.DefaultBackend); instead != "" {
		r.Use = append(r.Use, conf.NewLine(from, "use_backend", conf.Text(instead), conf.If(noneLeft(f.DefaultBackend)...)))
	}
	r.Use = append(r.Use, conf.NewLine(from, "default_backend", conf.Text(f.DefaultBackend)))
	return r
}
