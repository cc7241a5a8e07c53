package haproxy

import (
	"time"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// Backend is one backend.
type Backend struct {
	Head              conf.Line
	Choice            []conf.Line // mode, and how a server is chosen
	Timeouts, Options []conf.Line
	Check             []conf.Line // the kind of checks
	Steps             []conf.Line // their steps, and what all servers have
	Servers           []conf.Line
	Sorry             []conf.Line
	Rules             Rules
	Raw               RawBackend
	Remote            *Remote // the backend in its place, nil where it has none
}

func (p *printer) backend(b *site.Backend) Backend {
	from := b.Path()
	s := p.servers(b, from)
	checks := p.checks(&b.Health, from.Key("health"))
	kind := checks[:min(1, len(checks))]
	return Backend{
		Head: conf.NewLine(from, "backend", conf.Text(b.Name)), Choice: append(mode(b.Backend.Mode, from), balance(b, from)...),
		Timeouts: backendTimeouts(b, from), Options: p.backendOptions(b, from),
		Check: kind, Steps: append(checks[len(kind):len(checks):len(checks)], s.defaults()...), Servers: s.lines(),
		Sorry: p.sorry(b.Sorry, from.Key("sorry")), Rules: p.backendRules(b, from), Raw: inPlaces(units(from.Key("raw"), b.Raw), len(kind) > 0),
		Remote: p.remote(b, from.Key("sorry").Key("remote")),
	}
}

func backendTimeouts(b *site.Backend, from diag.Path) []conf.Line {
	var l lines
	if b.Backend.Retries != nil {
		l.add("", "retries", conf.Int(*b.Backend.Retries))
	}
	t := &b.Backend.Timeouts
	l.timeout(from, "timeout queue", "queue", time.Duration(t.Queue))
	l.timeout(from, "timeout connect", "connect", time.Duration(t.Connect))
	l.timeout(from, "timeout server", "server", time.Duration(t.Server))
	l.timeout(from, "timeout check", "check", time.Duration(t.Check))
	l.timeout(from, "timeout tunnel", "tunnel", time.Duration(t.Tunnel))
	l.timeout(from, "timeout server-fin", "server_fin", time.Duration(t.ServerFin))
	return l
}

// balance says how a server is chosen.
func balance(b *site.Backend, from diag.Path) []conf.Line {
	var l lines
	if b.Balance != (model.Balance{}) {
		l.add(from.Key("balance"), "balance", algorithm(b.Balance))
	}
	l.key(b.HashConsistent, from.Key("hash_consistent"), "hash-type consistent")
	return l
}

func algorithm(b model.Balance) conf.Word {
	switch {
	case b.URLParam != "":
		return conf.Phrase(conf.Key("url_param"), conf.Text(b.URLParam))
	case b.Hdr != "":
		return conf.Call("hdr", b.Hdr)
	case b.URI != nil:
		w := words{conf.Key("uri")}.key(b.URI.Whole, "whole").number("len", b.URI.Len).number("depth", b.URI.Depth)
		return conf.Phrase(w...)
	default:
		return conf.Text(b.Algorithm)
	}
}

// backendOptions are the lines whose order does not matter.
func (p *printer) backendOptions(b *site.Backend, from diag.Path) []conf.Line {
	var l lines
	if r := b.Backend.Redispatch; r != nil {
		l.key(*r, from.Key("redispatch"), "option redispatch")
		l.key(!*r, from.Key("redispatch"), "no option redispatch")
	}
	l.text(from.Key("http_reuse"), "http-reuse", b.HTTPReuse)
	l.key(b.PretendKeepalive, from.Key("http_pretend_keepalive"), "option http-pretend-keepalive")
	l.key(b.TCPKeepalive, from.Key("tcp_keepalive"), "option srvtcpka")
	l.key(b.AllBackups, from.Key("allbackups"), "option allbackups")
	l = append(l, p.abortOnCloseBackend(b, from)...)
	l = append(l, connection(b.Backend.HTTPConnection, from)...)
	l = append(l, p.errorPages(b.ErrorPages, from)...)
	l = append(l, compression(b.Compression, from)...)
	l = append(l, p.persistence(b.Persist, from.Key("persist"))...)
	l = append(l, p.forwardForBackend(b)...)
	return append(l, p.dynamicKey(b.Persist, from.Key("persist").Key("cookie").Key("dynamic_key"))...)
}
