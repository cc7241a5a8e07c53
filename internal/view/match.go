package view

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
)

// conditions returns what must hold for a route. They become ACLs with names
// where one line cannot hold them.
func (s *section) conditions(when []model.Match, origin string, i int) []Condition {
	var all []Condition
	words := 0
	for j := range when {
		c := s.condition(&when[j])
		words += 4 + len(strings.Fields(c.Fetch)) + len(c.Values)
		all = append(all, c)
	}
	for j := range all {
		if words > maxWords || len(all[j].Values) > maxValues/2 {
			name := fmt.Sprintf("route.%d.when.%d", i, j)
			s.acl(name, at(origin+".when", j), all[j])
			all[j] = Condition{Not: all[j].Not, ACL: name}
		}
	}
	return all
}

// acl writes a condition as lines of their own; lines of one name are
// alternatives.
func (s *section) acl(name, origin string, c Condition) {
	values := c.Values
	for first := true; first || len(values) > 0; first = false {
		n := min(len(values), maxValues)
		s.rules.ACLs = append(s.rules.ACLs, Rule{Origin: Mark(origin), Verb: "acl " + name + " " + c.Fetch, Words: values[:n]})
		values = values[n:]
	}
}

// hostOnly is the name that a client asks for, without the port. 2.4 has no
// converter for it.
const hostOnly = "req.hdr(host),field(1,:)"

// acmePath is where a certificate authority looks (RFC 8555 8.3).
const acmePath = "/.well-known/acme-challenge/"

func (s *section) condition(m *model.Match) Condition {
	if m.OfConnection() {
		return s.ofConnection(m)
	}
	c := Condition{Not: m.Not}
	fold := ""
	if m.IgnoreCase {
		fold = " -i"
	}
	switch m.Criterion() {
	case "host":
		c.Fetch, c.Values = hostOnly+" -i", m.Host
	case "host_end":
		c.Fetch, c.Values = hostOnly+" -i -m end", m.HostEnd
	case "host_regex":
		c.Fetch, c.Values = hostOnly+" -i -m reg --", m.HostRegex
	case "path":
		c.Fetch, c.Values = "path"+fold, m.Path
	case "path_beg":
		c.Fetch, c.Values = "path_beg"+fold, m.PathBeg
	case "path_end":
		c.Fetch, c.Values = "path_end"+fold, m.PathEnd
	case "path_regex":
		c.Fetch, c.Values = "path_reg"+fold+" --", m.PathRegex
	case "method":
		c.Fetch, c.Values = "method", m.Method
	case "header":
		return s.named(c, m.Header, "req.hdr(", "req.fhdr(", ")", fold)
	case "url_param":
		return s.named(c, m.URLParam, "url_param(", "url_param(", "),url_dec(1)", fold)
	case "cookie":
		return s.named(c, m.Cookie, "req.cook(", "req.cook(", ")", fold)
	case "acme":
		c.Fetch, c.Values = "path_beg", []string{acmePath}
	}
	return c
}

// ofConnection is a condition that is the same for all requests of a connection.
func (s *section) ofConnection(m *model.Match) Condition {
	c := Condition{Not: m.Not}
	switch m.Criterion() {
	case "src":
		c.Fetch, c.Values = "src", networks(m.Src)
	case "port":
		c.Fetch, c.Values = "dst_port", ports(m.Port)
	case "sni":
		c.Fetch, c.Values = s.sni()+" -i", m.SNI
	case "sni_end":
		c.Fetch, c.Values = s.sni()+" -i -m end", m.SNIEnd
	case "tls":
		c.Fetch, c.Not = "ssl_fc", m.Not == *m.TLS
	case "client_certificate":
		// A bad certificate does not get this far: the handshake fails.
		c.Fetch, c.Not = "ssl_c_used", m.Not == *m.ClientCertificate
	case "down":
		d := down(m.Down)
		c.Fetch, c.Values = d.Fetch, d.Values
	}
	return c
}

// sni is the name in the TLS hello: of TLS that ended here, or of the one that
// passes through.
func (s *section) sni() string {
	if s.mode == model.ModeHTTP || s.front != nil && s.front.EndsTLS() {
		return "ssl_fc_sni"
	}
	return "req.ssl_sni"
}

// named is a match of something by name. HAProxy parts a header at its commas;
// whole takes it as it is, which is what a part of it or an expression is for.
func (s *section) named(c Condition, m *model.HeaderMatch, parted, whole, end, fold string) Condition {
	fetch := whole + m.Name + end
	switch {
	case m.Value != nil:
		if !strings.Contains(strings.Join(m.Value, ""), ",") {
			fetch = parted + m.Name + end
		}
		c.Fetch, c.Values = fetch+fold+" -m str --", m.Value
	case m.Beg != nil:
		c.Fetch, c.Values = fetch+fold+" -m beg --", m.Beg
	case m.End != nil:
		c.Fetch, c.Values = fetch+fold+" -m end --", m.End
	case m.Contains != nil:
		c.Fetch, c.Values = fetch+fold+" -m sub --", m.Contains
	case m.Regex != nil:
		c.Fetch, c.Values = fetch+fold+" -m reg --", m.Regex
	default:
		c.Fetch = fetch + " -m found"
	}
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
