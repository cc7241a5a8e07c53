package haproxy

import (
	"cmp"
	"slices"
	"strings"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// ownTLS appends what a server says of TLS, and what follows from its name or
// from a port of its own for checks.
func (s *servers) ownTLS(w words, o *model.ServerOptions, host string) words {
	t := o.TLS.Over(s.shared.TLS)
	switch {
	case t.Off && o.TLS != nil:
		return w.key(true, "no-ssl no-check-ssl")
	case t.Off:
		return w
	case o.TLS != nil:
		return s.tls(w, t, host, s.checkPort(o.Check))
	}
	if t.SNI == "" {
		w = s.sni(w, host)
	}
	if s.apart {
		w = s.checkALPN(w.text("alpn", strings.Join(t.ALPN, ",")), t)
	}
	if o.Check != nil && o.Check.Port != 0 && s.checkPort(nil) == 0 {
		w = s.checkTLS(w)
	}
	return w
}

// tls appends how TLS is spoken.
func (s *servers) tls(w words, t model.ServerTLS, host string, checkPort int) words {
	w = s.verify(w.key(true, "ssl"), t.Verify, t.CAFile)
	w = s.sni(w, cmp.Or(t.SNI, host))
	w = w.text("verifyhost", t.VerifyHost).text("crt", t.Certificate).text("alpn", strings.Join(t.ALPN, ",")).text("ssl-min-ver", t.MinVersion)
	w = s.checkALPN(w, t)
	if checkPort != 0 {
		w = s.checkTLS(w)
	}
	return w
}

// namesProtocols says whether all servers speak TLS with protocols that are named, and
// one has TLS of its own, so that its line would name them as well. HAProxy 2.6.12
// then gives back the memory of default-server's list with each of these lines (seen
// with valgrind, and by its end: "malloc_consolidate(): unaligned fastbin chunk").
func (s *servers) namesProtocols() bool {
	if s.shared.TLS == nil || len(s.shared.TLS.Over(nil).ALPN) == 0 {
		return false
	}
	own := func(o *model.ServerOptions) bool { return o.TLS != nil && len(o.TLS.Over(s.shared.TLS).ALPN) > 0 }
	return slices.ContainsFunc(s.backend.Servers, func(one model.Server) bool { return own(&one.ServerOptions) }) ||
		slices.ContainsFunc(s.backend.ServerTemplates, func(one model.ServerTemplate) bool { return own(&one.ServerOptions) })
}

// checkALPN has checks over HTTP offer what the traffic offers. By itself HAProxy
// offers that, too, and then speaks HTTP/1 whatever the server has chosen: one that
// chose h2 counts as down for ever (tried with 2.6.12).
func (s *servers) checkALPN(w words, t model.ServerTLS) words {
	h := &s.backend.Health
	shared := s.shared.TLS.Over(nil)
	if h.Off || h.HTTP == nil || !slices.Contains(t.ALPN, "h2") && !slices.Contains(shared.ALPN, "h2") {
		return w
	}
	return w.text("check-alpn", strings.Join(t.ALPN, ","))
}

// checkTLS has checks speak TLS as the traffic does: on a port of their own
// they would not by themselves.
func (s *servers) checkTLS(w words) words {
	h := &s.backend.Health
	return w.key(!h.Off && h.TLS == nil, "check-ssl")
}

// sni appends the name that the server is asked for. A check has no request
// that could name one, and asks for the same.
func (s *servers) sni(w words, name string) words {
	switch name {
	case "":
		return w
	case model.HostHeader:
		return append(w, conf.Key("sni"), conf.Key(hostOnly))
	}
	w = append(w, conf.Key("sni"), conf.Call("str", name))
	if h := &s.backend.Health; h.Off || h.TLS != nil && (h.TLS.Off || h.TLS.SNI != "") {
		return w
	}
	return w.text("check-sni", name)
}

// verify says whose certificate is good.
func (s *servers) verify(w words, verify, caFile string) words {
	if verify == "none" {
		return w.key(true, "verify none")
	}
	return w.text("verify", site.Verify).text("ca-file", cmp.Or(caFile, s.bundle))
}
