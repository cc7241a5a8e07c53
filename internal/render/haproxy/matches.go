package haproxy

import (
	"net/netip"
	"strconv"
	"strings"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// maxWords is how many words a line may have; HAProxy's own limit is 64
// (MAX_LINE_ARGS).
const maxWords = 56

// maxValues is how many values one ACL line lists, for readers and for maxWords.
const maxValues = 40

// conditions returns what must hold for a route. They become ACLs with names
// where one line cannot hold them.
func (s *section) conditions(when []model.Match, from diag.Path, i int) []conf.Condition {
	var all []conf.Condition
	words := 0
	for j := range when {
		c := s.condition(&when[j])
		if when[j].IsSecret() {
			c.Secret = from.Key("when").Index(j).Key(when[j].Criterion())
		}
		words += 2 + c.Words() // and two for what else a line has
		all = append(all, c)
	}
	for j := range all {
		if words > maxWords || len(all[j].Values) > maxValues/2 {
			name := "route." + strconv.Itoa(i) + ".when." + strconv.Itoa(j)
			s.acl(name, from.Key("when").Index(j), all[j])
			all[j] = conf.Condition{Not: all[j].Not, ACL: name}
		}
	}
	return all
}

// acl writes a condition as lines of their own; lines of one name are
// alternatives.
func (s *section) acl(name string, from diag.Path, c conf.Condition) {
	values := c.Values
	for first := true; first || len(values) > 0; first = false {
		n := min(len(values), maxValues)
		s.rules.ACLs = append(s.rules.ACLs, conf.ACL(from, name, c, values[:n]))
		values = values[n:]
	}
}

// hostOnly is the name that a client asks for, without the port. 2.4 has no
// converter for it.
const hostOnly = "req.hdr(host),field(1,:)"

// acmePath is where a certificate authority looks (RFC 8555 8.3).
const acmePath = "/.well-known/acme-challenge/"

func (s *section) condition(m *model.Match) conf.Condition {
	if m.OfConnection() {
		return s.ofConnection(m)
	}
	c := conf.Condition{Not: m.Not}
	fold := conf.When(m.IgnoreCase, conf.Key("-i"))
	switch m.Criterion() {
	case "host":
		c.Sample, c.Values = conf.Key(hostOnly+" -i"), m.Host
	case "host_end":
		c.Sample, c.Values = conf.Key(hostOnly+" -i -m end"), m.HostEnd
	case "host_regex":
		c.Sample, c.Values = conf.Key(hostOnly+" -i -m reg --"), m.HostRegex
	case "path":
		c.Sample, c.Values = conf.Phrase(conf.Key("path"), fold), m.Path
	case "path_beg":
		c.Sample, c.Values = conf.Phrase(conf.Key("path_beg"), fold), m.PathBeg
	case "path_end":
		c.Sample, c.Values = conf.Phrase(conf.Key("path_end"), fold), m.PathEnd
	case "path_regex":
		c.Sample, c.Values = conf.Phrase(conf.Key("path_reg"), fold, conf.Key("--")), m.PathRegex
	case "method":
		c.Sample, c.Values = conf.Key("method"), m.Method
	case "header":
		return named(c, m.Header, headerSample(m.Header), fold)
	case "url_param":
		return named(c, m.URLParam, conf.Concat(conf.Call("url_param", m.URLParam.Name), conf.Key(",url_dec(1)")), fold)
	case "cookie":
		return named(c, m.Cookie, conf.Call("req.cook", m.Cookie.Name), fold)
	case "acme":
		c.Sample, c.Values = conf.Key("path_beg"), []string{acmePath}
	}
	return c
}

// ofConnection is a condition that is the same for all requests of a connection.
func (s *section) ofConnection(m *model.Match) conf.Condition {
	c := conf.Condition{Not: m.Not}
	switch m.Criterion() {
	case "src":
		c.Sample, c.Values = conf.Key("src"), networks(m.Src)
	case "port":
		c.Sample, c.Values = conf.Key("dst_port"), ports(m.Port)
	case "sni":
		c.Sample, c.Values = conf.Phrase(s.sni(), conf.Key("-i")), m.SNI
	case "sni_end":
		c.Sample, c.Values = conf.Phrase(s.sni(), conf.Key("-i -m end")), m.SNIEnd
	case "tls":
		c.Sample, c.Not = conf.Key("ssl_fc"), m.Not == *m.TLS
	case "client_certificate":
		// A bad certificate does not get this far: the handshake fails.
		c.Sample, c.Not = conf.Key("ssl_c_used"), m.Not == *m.ClientCertificate
	case "down":
		d := down(conf.Call("nbsrv", m.Down))
		c.Sample, c.Values = d.Sample, d.Values
	}
	return c
}

// sni is the name in the TLS hello: of TLS that ended here, or of the one that
// passes through.
func (s *section) sni() conf.Word {
	if s.mode == model.ModeHTTP || s.front != nil && s.front.EndsTLS() {
		return conf.Key("ssl_fc_sni")
	}
	return conf.Key("req.ssl_sni")
}

// headerSample is a header by its name. HAProxy parts one at its commas, unless
// it is taken whole: that is what a part of it or an expression is for, and
// values that have a comma themselves.
func headerSample(m *model.HeaderMatch) conf.Word {
	if m.Value != nil && !strings.Contains(strings.Join(m.Value, ""), ",") {
		return conf.Call("req.hdr", m.Name)
	}
	return conf.Call("req.fhdr", m.Name)
}

// named is a match of something by name.
func named(c conf.Condition, m *model.HeaderMatch, sample, fold conf.Word) conf.Condition {
	kind := conf.Key("-m found")
	switch {
	case m.Value != nil:
		kind, c.Values = conf.Key("-m str --"), m.Value
	case m.Beg != nil:
		kind, c.Values = conf.Key("-m beg --"), m.Beg
	case m.End != nil:
		kind, c.Values = conf.Key("-m end --"), m.End
	case m.Contains != nil:
		kind, c.Values = conf.Key("-m sub --"), m.Contains
	case m.Regex != nil:
		kind, c.Values = conf.Key("-m reg --"), m.Regex
	default:
		fold = conf.Word{}
	}
	c.Sample = conf.Phrase(sample, fold, kind)
	return c
}

func networks(list model.Networks) []string {
	var all []string
	for _, n := range list {
		p := netip.Prefix(n)
		if p.IsSingleIP() {
			all = append(all, p.Addr().String())
		} else {
			all = append(all, p.String())
		}
	}
	return all
}

func ports(list model.Ports) []string {
	var all []string
	for _, p := range list {
		all = append(all, strconv.Itoa(p))
	}
	return all
}
