package view

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
)

// serverPrinter writes the servers of one backend. All words have strict
// shapes, none of which needs quotes.
type serverPrinter struct {
	backend *model.Backend
	origin  string // of the backend
	bundle  string // file of the authorities that the system believes
	cookie  *model.Cookie
	// shared are the options of all servers, without what each has of its own.
	shared *model.ServerOptions
}

func newServerPrinter(site *model.Site, b *model.Backend, origin string) *serverPrinter {
	p := &serverPrinter{backend: b, origin: origin, bundle: site.Machine().CABundle, shared: &b.ServerDefaults}
	if b.Persist != nil {
		p.cookie = b.Persist.Cookie
	}
	return p
}

// defaults is the default-server line of what all servers have besides checks.
func (p *serverPrinter) defaults() []Rule {
	words := p.options(nil, p.shared, &model.ServerOptions{})
	words = p.checkOptions(words, p.shared.Check)
	if p.shared.TLS != nil {
		words = p.tls(words, p.shared.TLS.Over(nil), "", p.checkPort(nil))
	}
	if len(words) == 0 {
		return nil
	}
	return []Rule{{Origin: Mark(p.origin + ".server_defaults"), Verb: "default-server" + string(words)}}
}

func (p *serverPrinter) servers() []string {
	servers, origin := p.backend.Servers, p.origin+".servers"
	lines := make([]string, 0, len(servers))
	var b []byte
	for i := range servers {
		s := &servers[i]
		b = append(append(append(b[:0], OriginMark), origin...), '[')
		b = append(strconv.AppendInt(b, int64(i), 10), ']', OriginMark)
		b = append(append(b, s.Name...), ' ')
		b = append(b, s.Address.String()...)
		if p.cookie != nil {
			if value := p.cookie.Value(s); value != "" {
				b = append(append(b, " cookie "...), value...)
			}
		}
		lines = append(lines, string(p.own(b, &s.ServerOptions, s.Address.Host)))
	}
	return lines
}

func (p *serverPrinter) templates() []string {
	var lines []string
	for i, t := range p.backend.ServerTemplates {
		count := "1-" + strconv.Itoa(t.Count)
		b := []byte(Mark(at(p.origin+".server_templates", i)) + t.Prefix + " " + count + " " + t.Address.String())
		lines = append(lines, string(p.own(b, &t.ServerOptions, t.Address.Host)))
	}
	return lines
}

// own appends what one server has of its own: whether it is checked, its
// options, and what follows from its name.
func (p *serverPrinter) own(b []byte, o *model.ServerOptions, host string) []byte {
	check := cmp.Or(o.Check, p.shared.Check)
	if !p.backend.Health.Off && (check == nil || !check.Off) {
		b = append(b, " check"...)
	}
	if host == "" && *o == (model.ServerOptions{}) {
		return b
	}
	b = p.options(b, o, p.shared)
	b = p.checkOptions(b, o.Check)
	b = p.ownTLS(b, o, host)
	return word(b, "init-addr", p.lookup(o, host))
}

// lookup says where a server's address comes from when HAProxy starts: it does
// so where the name cannot be looked up, too. Servers of a template all have the
// same address until a name server has answered, which they must not where
// their cookies are computed from it.
func (p *serverPrinter) lookup(o *model.ServerOptions, host string) string {
	switch {
	case host == "":
		return ""
	case p.cookie != nil && len(p.backend.ServerTemplates) > 0 && cmp.Or(o.Resolvers, p.shared.Resolvers) != "":
		return "none"
	default:
		return "last,libc,none"
	}
}

// options appends what is written, each with a blank before it.
func (p *serverPrinter) options(b []byte, o, shared *model.ServerOptions) []byte {
	if o.Weight != nil {
		b = word(b, "weight", strconv.Itoa(*o.Weight))
	}
	b = amount(b, "maxconn", o.Maxconn)
	b = amount(b, "maxqueue", o.Maxqueue)
	b = toggle(b, o.Backup, shared.Backup, " backup", " no-backup")
	b = toggle(b, o.Disabled, shared.Disabled, " disabled", " enabled")
	if o.Slowstart != 0 {
		b = word(b, "slowstart", o.Slowstart.String())
	}
	b = append(b, proxyHeader(o.SendProxy, shared.SendProxy)...)
	b = word(b, "on-marked-down", o.OnMarkedDown)
	b = word(b, "on-marked-up", o.OnMarkedUp)
	return word(b, "resolvers", o.Resolvers)
}

func word(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return append(append(append(append(b, ' '), name...), ' '), value...)
}

func amount(b []byte, name string, n int) []byte {
	if n == 0 {
		return b
	}
	return word(b, name, strconv.Itoa(n))
}

// toggle appends what is on, or what takes back what all servers have.
func toggle(b []byte, own, shared *bool, on, off string) []byte {
	switch {
	case own != nil && *own:
		return append(b, on...)
	case own != nil && shared != nil && *shared:
		return append(b, off...)
	default:
		return b
	}
}

// proxyHeader returns the option that sends the PROXY protocol's header. HAProxy
// sends version 2 where both are on.
func proxyHeader(own, shared string) string {
	option := map[string]string{"v1": " send-proxy", "v2": " send-proxy-v2"}
	switch {
	case own == "" || own == shared:
		return option[own]
	case shared == "v1" && own == "none":
		return " no-send-proxy"
	case shared == "v2":
		return " no-send-proxy-v2" + option[own]
	default:
		return option[own]
	}
}

// checkOptions are what is particular to the checks of one server.
func (p *serverPrinter) checkOptions(b []byte, k *model.ServerCheck) []byte {
	if k == nil {
		return b
	}
	b = amount(b, "port", k.Port)
	for _, t := range []struct {
		name  string
		value model.Duration
	}{{"inter", k.Inter}, {"fastinter", k.FastInter}, {"downinter", k.DownInter}} {
		if t.value != 0 {
			b = word(b, t.name, t.value.String())
		}
	}
	return amount(amount(b, "rise", k.Rise), "fall", k.Fall)
}

// checkPort returns the port that is checked, 0 where that is the server's own.
func (p *serverPrinter) checkPort(k *model.ServerCheck) int {
	port := p.backend.Health.Port
	if p.shared.Check != nil {
		port = cmp.Or(p.shared.Check.Port, port)
	}
	if k != nil {
		port = cmp.Or(k.Port, port)
	}
	return port
}

// ownTLS appends what a server says of TLS, and what follows from its name or
// from a port of its own for checks.
func (p *serverPrinter) ownTLS(b []byte, o *model.ServerOptions, host string) []byte {
	t := o.TLS.Over(p.shared.TLS)
	switch {
	case t.Off && o.TLS != nil:
		return append(b, " no-ssl no-check-ssl"...)
	case t.Off:
		return b
	case o.TLS != nil:
		return p.tls(b, t, host, p.checkPort(o.Check))
	}
	if t.SNI == "" {
		b = p.sni(b, host)
	}
	if o.Check != nil && o.Check.Port != 0 && p.checkPort(nil) == 0 {
		b = p.checkTLS(b)
	}
	return b
}

// tls appends how TLS is spoken.
func (p *serverPrinter) tls(b []byte, t model.ServerTLS, host string, checkPort int) []byte {
	b = append(b, " ssl"...)
	for _, w := range p.verify(t.Verify, t.CAFile) {
		b = append(append(b, ' '), w...)
	}
	b = p.sni(b, cmp.Or(t.SNI, host))
	b = word(b, "verifyhost", t.VerifyHost)
	b = word(b, "crt", t.Certificate)
	b = word(b, "alpn", strings.Join(t.ALPN, ","))
	b = word(b, "ssl-min-ver", t.MinVersion)
	if checkPort != 0 {
		b = p.checkTLS(b)
	}
	return b
}

// checkTLS has checks speak TLS as the traffic does: on a port of their own
// they would not by themselves.
func (p *serverPrinter) checkTLS(b []byte) []byte {
	if p.backend.Health.Off || p.backend.Health.TLS != nil {
		return b
	}
	return append(b, " check-ssl"...)
}

// sni appends the name that the server is asked for. A check has no request
// that could name one, and asks for the same.
func (p *serverPrinter) sni(b []byte, name string) []byte {
	switch name {
	case "":
		return b
	case model.HostHeader:
		return append(b, " sni "+hostOnly...)
	}
	b = append(b, " sni str("+name+")"...)
	if h := p.backend.Health; h.Off || h.TLS != nil && (h.TLS.Off || h.TLS.SNI != "") {
		return b
	}
	return word(b, "check-sni", name)
}

// verify says whose certificate is good.
func (p *serverPrinter) verify(verify, caFile string) []string {
	if verify == "none" {
		return []string{"verify", "none"}
	}
	return []string{"verify", Verify, "ca-file", cmp.Or(caFile, p.bundle)}
}
