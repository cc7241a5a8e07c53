package haproxy

import (
	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// sorryBackend returns the name of the backend that is used in place of another
// while that has no server left; "" where it has none.
func (p *printer) sorryBackend(name string) string {
	if b := p.Backend(name); b != nil && b.Sorry != nil {
		return b.Sorry.Backend
	}
	return ""
}

// sorry is what HAProxy itself answers when no server is left. What stands for
// its own 503 also covers the seconds before the last server is marked down.
func (p *printer) sorry(s *site.Sorry, from diag.Path) []conf.Line {
	if s == nil || s.Remote != nil {
		return nil
	}
	var l lines
	if p.http2 {
		l.add(from, waitForBody, conf.If(left(conf.Key("nbsrv"))...))
	}
	if s.Redirect != "" {
		l.add(from.Key("redirect"), "errorloc302 503", conf.Text(s.Redirect))
		return l
	}
	page := conf.Phrase(conf.Key("content-type text/html file"), p.page(s.Page))
	l.add(from, "http-error status 503", page)
	if s.Status != site.SorryStatus {
		l.add(from.Key("status"), "http-request return status", conf.Int(s.Status), page, conf.If(left(conf.Key("nbsrv"))...))
	}
	return l
}

// waitForBody has HAProxy read a form before it answers by itself. A client that has not
// sent all of it yet sees the stream of HTTP/2 reset, and not the answer (measured with
// 2.6.12 and curl: up to 8 of 15 small forms; HAProxy's buffer bounds what it helps).
const waitForBody = "http-request wait-for-body time 1s"

// speaksHTTP2 says whether clients may come by HTTP/2.
func (p *printer) speaksHTTP2() bool {
	for i := range p.Frontends {
		if p.Frontends[i].SpeaksHTTP2() {
			return true
		}
	}
	return false
}

// noneLeft are the conditions under which a backend has no server left.
func noneLeft(backend string) []conf.Condition { return left(conf.Call("nbsrv", backend)) }

// left adds that the process is not at its end. One that ends, as the old one
// does with each reload, counts none of its servers while it answers the last
// requests: those are for the servers still (seen in rehearsals: up to two
// requests of a hundred a second got the sorry page).
func left(nbsrv conf.Word) []conf.Condition {
	return []conf.Condition{down(nbsrv), {Not: true, Sample: conf.Key("stopping")}}
}

func down(nbsrv conf.Word) conf.Condition {
	return conf.Condition{Sample: conf.Phrase(nbsrv, conf.Key("eq")), Values: []string{"0"}}
}

// Remote is the backend of a sorry server on another machine.
type Remote struct {
	Section
	Of   string // the backend that it stands in for
	From diag.Path
}

// remote has the browser's address stay and everything else replaced: a GET for
// the one page, whatever was asked for and whatever the browser has in its cache
// of it.
func (p *printer) remote(b *site.Backend, from diag.Path) *Remote {
	if b.Sorry == nil || b.Sorry.Remote == nil {
		return nil
	}
	r := b.Sorry.Remote
	l := lines(mode(b.Backend.Mode, from))
	l.key(p.http2, from, waitForBody)
	l.add(from, "http-request set-method GET", conf.If(conf.Condition{Not: true, Sample: conf.Key("method"), Values: []string{"HEAD"}}))
	l.add(from.Key("path"), "http-request set-uri", conf.Plain(r.Path))
	l.add(from, "http-request del-header If-Modified-Since")
	l.add(from, "http-request del-header If-None-Match")
	l.text(from, "http-request set-header Host", r.Address.Host)
	if b.Sorry.Status == site.SorryStatus {
		l.add(from, "http-response set-status", conf.Int(site.SorryStatus),
			conf.If(conf.Condition{Sample: conf.Key("status"), Values: []string{"200"}}))
	}
	unchecked := &site.Backend{Backend: &model.Backend{}, Health: site.Health{Health: &model.Health{Off: true}}}
	s := p.servers(unchecked, from)
	at := from.Key("address")
	l.add(at, "server sorry", s.own(words{endpoint(r.Address)}, &model.ServerOptions{TLS: r.TLS}, r.Address.Host, at)...)
	return &Remote{Section{conf.NewLine(from, "backend", conf.Text(b.Sorry.Backend)), l}, b.Name, from}
}
