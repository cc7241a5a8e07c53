package haproxy

import (
	"net/netip"
	"strconv"
	"strings"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/site"
)

// binds orders by port first, so that what belongs together for a reader stands
// together.
func binds(from diag.Path, addrs []netip.Addr, ports []int, options words) []conf.Line {
	rest := conf.Phrase(options...)
	l := make([]conf.Line, 0, len(ports)*len(addrs))
	for len(ports) > 0 {
		n := inARow(ports)
		for _, a := range addrs {
			l = append(l, conf.NewLine(from, "bind", conf.Bind(a, uint16(ports[0]), uint16(ports[n-1])), rest))
		}
		ports = ports[n:]
	}
	return l
}

// aRange is how many ports in a row are one line.
const aRange = 8

// inARow is how many of the first ports are one range; 1 where they are none.
func inARow(ports []int) int {
	n := 1
	for n < len(ports) && ports[n] == ports[n-1]+1 {
		n++
	}
	if n < aRange {
		return 1
	}
	return n
}

// tls are the options of a bind where TLS ends.
func tls(t *site.BindTLS) words {
	if t == nil {
		return nil
	}
	w := words{conf.Key("ssl")}
	w = w.text("crt", t.Certificate).text("alpn", strings.Join(t.ALPN, ",")).text("ssl-min-ver", t.BindTLS.MinVersion)
	w = w.text("ciphers", t.Ciphers).text("ciphersuites", t.Ciphersuites).text("ca-file", t.ClientCA)
	w = w.text("verify", t.ClientVerify).text("crl-file", t.CRLFile)
	return w.key(t.StrictSNI, "strict-sni")
}

// endOfTLS tells servers how the client came, whatever it says itself, and
// browsers to come by TLS. It stands before the routes, which may change it.
func (s *section) endOfTLS(f *site.Frontend, from diag.Path) {
	if f.ForwardedProto {
		s.request(from.Key("binds"), nil, conf.Key("set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]"))
	}
	if f.HSTS == nil {
		return
	}
	value := "max-age=" + strconv.FormatInt(f.HSTS.MaxAge.Seconds(), 10)
	if f.HSTS.IncludeSubdomains {
		value += "; includeSubDomains"
	}
	if f.HSTS.Preload {
		value += "; preload"
	}
	s.rules.Response = append(s.rules.Response, conf.NewLine(from.Key("hsts"), "http-after-response set-header Strict-Transport-Security",
		conf.Text(value), conf.If(conf.Condition{Sample: conf.Key("ssl_fc")})))
}
