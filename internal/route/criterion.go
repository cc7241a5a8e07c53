package route

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// criterion is one match, made ready.
type criterion struct {
	path diag.Path
	not  bool
	is   func(*walk) Truth
	seen func(*walk) string // what the request has, for people
}

func (c *criterion) holds(w *walk) Truth {
	t := c.is(w)
	if c.not && t != Maybe {
		return Yes - t
	}
	return t
}

func (e *Evaluator) criteria(when []model.Match, from diag.Path, mode string, f *site.Frontend) []criterion {
	all := make([]criterion, 0, len(when))
	for i := range when {
		c := e.criterion(&when[i], mode, f)
		c.path, c.not = from.Index(i), when[i].Not
		all = append(all, c)
	}
	return all
}

func (e *Evaluator) criterion(m *model.Match, mode string, f *site.Frontend) criterion {
	switch key := m.Criterion(); key {
	case "host":
		return hostIs(words(equal, m.Host, true))
	case "host_end":
		return hostIs(words(end, m.HostEnd, true))
	case "host_regex":
		return hostIs(words(regex, m.HostRegex, true))
	case "path":
		return pathIs(words(equal, m.Path, m.IgnoreCase))
	case "path_beg":
		return pathIs(words(begin, m.PathBeg, m.IgnoreCase))
	case "path_end":
		return pathIs(words(end, m.PathEnd, m.IgnoreCase))
	case "path_regex":
		return pathIs(words(regex, m.PathRegex, m.IgnoreCase))
	case "acme":
		return pathIs(words(begin, []string{acmePath}, false))
	case "method":
		return methodIs(m.Method)
	case "header":
		return headerIs(m.Header, m.IgnoreCase)
	case "url_param":
		return paramIs(m.URLParam, m.IgnoreCase)
	case "cookie":
		return cookieIs(m.Cookie, m.IgnoreCase)
	case "sni":
		return nameIs(words(equal, m.SNI, true), mode, f)
	case "sni_end":
		return nameIs(words(end, m.SNIEnd, true), mode, f)
	default:
		return e.ofConnection(m)
	}
}

// acmePath is where a certificate authority looks (RFC 8555 8.3).
const acmePath = "/.well-known/acme-challenge/"

// ofConnection is a criterion that is the same for all requests of a connection.
func (e *Evaluator) ofConnection(m *model.Match) criterion {
	switch m.Criterion() {
	case "src":
		networks := prefixes(m.Src)
		return criterion{is: func(w *walk) Truth { return w.isFrom(networks) },
			seen: func(w *walk) string { return "the client comes from " + w.req.From.String() }}
	case "port":
		ports := m.Port
		return criterion{is: func(w *walk) Truth {
			if w.req.Port == 0 {
				return w.maybe("the port is not known")
			}
			return truth(slices.Contains(ports, w.req.Port))
		},
			seen: func(w *walk) string { return "it came to port " + strconv.Itoa(w.req.Port) }}
	case "tls":
		want := *m.TLS
		return criterion{is: func(w *walk) Truth { return truth(w.tls == want) },
			seen: func(w *walk) string { return choose(w.tls, "it came by TLS", "it did not come by TLS") }}
	case "client_certificate":
		want := *m.ClientCertificate
		return criterion{is: func(w *walk) Truth {
			if w.tls && w.req.Incomplete {
				return w.maybe("it is not known whether the client showed a certificate")
			}
			return truth((w.tls && w.req.ClientCertificate) == want)
		},
			seen: func(w *walk) string {
				return choose(w.req.ClientCertificate, "the client shows a certificate", "the client shows no certificate")
			}}
	default:
		b, name := e.number(m.Down), m.Down
		return criterion{is: func(w *walk) Truth { return w.isDown(b) },
			seen: func(w *walk) string {
				return name + choose(w.isDown(b) == Yes, " has no server left", " has servers left")
			}}
	}
}

func choose[T any](is bool, yes, no T) T {
	if is {
		return yes
	}
	return no
}

func prefixes(list model.Networks) []netip.Prefix {
	all := make([]netip.Prefix, 0, len(list))
	for _, n := range list {
		all = append(all, netip.Prefix(n))
	}
	return all
}

// hostName is one value of the header Host without its port.
type hostName struct{ text, lower string }

func hostIs(p pattern) criterion {
	return criterion{
		is: func(w *walk) Truth {
			if why, unsure := w.unsure["host"]; unsure {
				return w.maybe(why)
			}
			result := w.absent("Host")
			for _, h := range w.hostNames() {
				switch p.match(h.text, h.lower) {
				case Yes:
					return Yes
				case Maybe:
					result = w.maybe(p.doubt())
				case No:
				}
			}
			return result
		},
		seen: func(w *walk) string {
			if all := w.hostNames(); len(all) > 0 {
				return "the host is " + all[0].text
			}
			return "it names no host"
		},
	}
}

// hostNames are the values of Host, as HAProxy's req.hdr(host),field(1,:) has them.
func (w *walk) hostNames() []hostName {
	if w.hasHosts {
		return w.hosts
	}
	w.hosts, w.hasHosts = w.hosts[:0], true
	for i := range w.headers {
		if !isName(w.headers[i].name, "Host") {
			continue
		}
		for v := range values(w.headers[i].value) {
			host, _, _ := strings.Cut(v, ":")
			w.hosts = append(w.hosts, hostName{host, lower(host)})
		}
	}
	return w.hosts
}

func pathIs(p pattern) criterion {
	return criterion{
		is: func(w *walk) Truth {
			switch {
			case w.unsurePath != "":
				return w.maybe(w.unsurePath)
			case !w.hasPath:
				return No
			}
			return w.matches(p, w.path)
		},
		seen: func(w *walk) string { return "the path is " + w.path },
	}
}

// matches holds a pattern against one text.
func (w *walk) matches(p pattern, text string) Truth {
	t := p.match(text, "")
	if t == Maybe {
		w.why = p.doubt()
	}
	return t
}

func methodIs(methods []string) criterion {
	return criterion{is: func(w *walk) Truth { return truth(slices.Contains(methods, w.req.Method)) },
		seen: func(w *walk) string { return "the method is " + w.req.Method }}
}

// nameIs looks at the name in the hello of TLS: of TLS that ended here, or passes through.
func nameIs(p pattern, mode string, f *site.Frontend) criterion {
	ended := mode == model.ModeHTTP || f != nil && f.EndsTLS()
	name := func(w *walk) string {
		if ended && !w.tls {
			return ""
		}
		return w.req.ServerName()
	}
	return criterion{
		is: func(w *walk) Truth {
			n := name(w)
			switch {
			case w.req.Incomplete && w.req.SNI == "" && (w.tls || !ended):
				return w.maybe("the name in the hello of TLS is not known")
			case n == "":
				return No
			}
			return w.matches(p, n)
		},
		seen: func(w *walk) string {
			if n := name(w); n != "" {
				return "the name in the hello of TLS is " + n
			}
			return "there is no name in a hello of TLS"
		},
	}
}

// headerIs looks at a header. HAProxy parts its value at the commas where whole values
// without a comma are looked for, see headerSample in internal/render/haproxy.
func headerIs(m *model.HeaderMatch, fold bool) criterion {
	p := named(m, fold)
	parted := m.Value != nil && !strings.Contains(strings.Join(m.Value, ""), ",")
	name := m.Name
	return criterion{
		is: func(w *walk) Truth {
			if why, unsure := w.unsure[lower(name)]; unsure {
				return w.maybe(why)
			}
			result := w.absent(name)
			for i := range w.headers {
				h := &w.headers[i]
				if !isName(h.name, name) {
					continue
				}
				t := w.valueIs(h, p, parted)
				if t == Yes {
					return Yes
				}
				result = max(result, t)
			}
			return result
		},
		seen: func(w *walk) string {
			for i := range w.headers {
				if isName(w.headers[i].name, name) {
					return name + " is " + strconv.Quote(w.headers[i].value)
				}
			}
			return "there is no header " + name
		},
	}
}

// absent is what is known of a header before it is looked for: where the request is
// incomplete, nobody knows one that it does not hold.
func (w *walk) absent(name string) Truth {
	if w.req.Incomplete && !w.has(name) {
		return w.maybe("the header " + name + " of the request is not known")
	}
	return No
}

// valueIs holds a header's value, or each part of it, against a pattern.
func (w *walk) valueIs(h *field, p pattern, parted bool) Truth {
	switch {
	case p.kind == found:
		return Yes
	case h.unsure != "":
		return w.maybe(h.unsure)
	case !parted:
		return w.matches(p, h.value)
	}
	result := No
	for v := range values(h.value) {
		result = max(result, w.matches(p, v))
		if result == Yes {
			return Yes
		}
	}
	return result
}

func paramIs(m *model.HeaderMatch, fold bool) criterion {
	p := named(m, fold)
	return criterion{
		is: func(w *walk) Truth {
			result := No
			for v := range params(w.query, m.Name) {
				text, ok := decode(v)
				if !ok {
					return result // HAProxy looks no further
				}
				if t := w.matches(p, text); t == Yes {
					return Yes
				} else if t == Maybe {
					result = Maybe
				}
			}
			return result
		},
		seen: func(w *walk) string {
			for v := range params(w.query, m.Name) {
				return "the parameter " + m.Name + " is " + strconv.Quote(v)
			}
			return "there is no parameter " + m.Name
		},
	}
}

func cookieIs(m *model.HeaderMatch, fold bool) criterion {
	p := named(m, fold)
	return criterion{
		is: func(w *walk) Truth {
			if why, unsure := w.unsure["cookie"]; unsure {
				return w.maybe(why)
			}
			result := w.absent("Cookie")
			for v := range w.cookies(m.Name) {
				if t := w.matches(p, v); t == Yes {
					return Yes
				} else if t == Maybe {
					result = Maybe
				}
			}
			return result
		},
		seen: func(w *walk) string {
			for v := range w.cookies(m.Name) {
				return "the cookie " + m.Name + " is " + strconv.Quote(v)
			}
			return "there is no cookie " + m.Name
		},
	}
}

// named is what something by name must hold.
func named(m *model.HeaderMatch, fold bool) pattern {
	switch {
	case m.Value != nil:
		return words(equal, m.Value, fold)
	case m.Beg != nil:
		return words(begin, m.Beg, fold)
	case m.End != nil:
		return words(end, m.End, fold)
	case m.Contains != nil:
		return words(part, m.Contains, fold)
	case m.Regex != nil:
		return words(regex, m.Regex, fold)
	default:
		return pattern{kind: found}
	}
}
