package view

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// Frontend is one frontend.
type Frontend struct {
	Section
	Name  string
	Mode  []Rule
	Binds []Bind
	Rules Rules
	// RawUse are the raw lines that choose a backend.
	RawUse []RawLine
}

// Bind is one address:port that is listened on, and what is done with those
// who come.
type Bind struct{ Address, Options, Origin string }

func resolveFrontend(site *model.Site, f *model.Frontend, origin string, sorry map[string]string) Frontend {
	t := f.Timeouts
	front := Frontend{
		Section: Section{Origin: Mark(origin), Maxconn: f.Maxconn, Timeouts: written(origin,
			timeout{"http-request", "http_request", t.HTTPRequest},
			timeout{"client", "client", t.Client},
			timeout{"http-keep-alive", "http_keep_alive", t.HTTPKeepAlive},
			timeout{"client-fin", "client_fin", t.ClientFin},
		)},
		Name: f.Name, Mode: modeLine(f.Mode, origin),
	}
	for i, b := range f.Binds {
		path := at(origin+".binds", i)
		front.Binds = append(front.Binds, resolveBinds(site.BindAddresses(b), b.AllPorts(), bindOptions(b, site.FrontendMode(*f)), path)...)
	}
	front.Raw, front.RawUse = inStages(rawLines(f.Raw, origin+".raw"))
	front.Options = frontendOptions(site, f, origin)
	front.Rules = frontendRules(site, f, origin, sorry)
	return front
}

// inStages puts raw lines into the order in which HAProxy looks at them, and
// those that choose a backend apart: it warns of any other order.
func inStages(lines []RawLine) (early, use []RawLine) {
	slices.SortStableFunc(lines, func(a, b RawLine) int { return cmp.Compare(stage(a.Text), stage(b.Text)) })
	n := slices.IndexFunc(lines, func(l RawLine) bool { return stage(l.Text) == stageUse })
	if n < 0 {
		return lines, nil
	}
	return lines[:n], lines[n:]
}

const stageUse = 3

func stage(line string) int {
	word := strings.Fields(line)[0]
	switch {
	case word == "tcp-request":
		return 1
	case strings.HasPrefix(word, "http-"):
		return 2
	case word == "use_backend":
		return stageUse
	default: // such as the ACLs that the others name
		return 0
	}
}

func modeLine(mode, origin string) []Rule {
	if mode == "" {
		return nil
	}
	return []Rule{{Origin: Mark(origin + ".mode"), Verb: "mode " + mode}}
}

func frontendOptions(site *model.Site, f *model.Frontend, origin string) []Rule {
	options := logLines(site, f.Mode, f.LogFormat, origin)
	options = append(options, connection(f.HTTPConnection, origin)...)
	if f.TCPKeepalive {
		options = append(options, Rule{Origin: Mark(origin + ".tcp_keepalive"), Verb: "option clitcpka"})
	}
	options = append(options, errorPages(site, f.ErrorPages, origin)...)
	options = append(options, compression(f.Compression, origin)...)
	if f.MonitorURI != "" {
		options = append(options, Rule{Origin: Mark(origin + ".monitor_uri"), Verb: "monitor-uri", Words: []string{f.MonitorURI}})
	}
	return options
}

// frontendRules are the routes, and what lbgen adds to them by itself.
func frontendRules(site *model.Site, f *model.Frontend, origin string, sorry map[string]string) Rules {
	s := &section{site: site, front: f, name: f.Name, origin: origin + ".routes", mode: site.FrontendMode(*f), sorry: sorry, step: 1}
	s.waits = s.mode == model.ModeTCP && f.LooksAtHello()
	if s.mode == model.ModeHTTP && f.EndsTLS() {
		s.endOfTLS(f, origin)
	}
	r := s.resolve(f.Routes)
	if s.waits {
		delay := Rule{Origin: Mark(origin + ".inspect_delay"), Verb: "tcp-request inspect-delay " + duration(f.InspectDelay, InspectDelay)}
		r.TCP = append([]Rule{delay}, r.TCP...)
		r.TCP = append(r.TCP, Rule{Origin: Mark(origin + ".routes"), Verb: "tcp-request content accept", If: []Condition{hello()}})
	}
	if f.DefaultBackend == "" {
		return r
	}
	path := Mark(origin + ".default_backend")
	if other, ok := sorry[f.DefaultBackend]; ok {
		r.Use = append(r.Use, Rule{Origin: path, Verb: "use_backend", Words: []string{other}, If: noneLeft("nbsrv(" + f.DefaultBackend + ")")})
	}
	r.Use = append(r.Use, Rule{Origin: path, Verb: "default_backend", Words: []string{f.DefaultBackend}})
	return r
}

// endOfTLS tells servers how the client came, whatever it says itself, and
// browsers to come by TLS. It stands before the routes, which may change it.
func (s *section) endOfTLS(f *model.Frontend, origin string) {
	s.request(Rule{Origin: Mark(origin + ".binds"), Verb: "set-header X-Forwarded-Proto", Words: []string{"%[ssl_fc,iif(https,http)]"}})
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
	s.rules.Response = append(s.rules.Response, Rule{Origin: Mark(origin + ".hsts"), Verb: "http-after-response set-header Strict-Transport-Security",
		Words: []string{value}, If: []Condition{{Fetch: "ssl_fc"}}})
}

// resolveBinds orders by port first, so that what belongs together for a
// reader stands together.
func resolveBinds(addrs []netip.Addr, ports []int, options, origin string) []Bind {
	var binds []Bind
	mark := Mark(origin)
	for _, port := range ports {
		for _, a := range addrs {
			address, more := netip.AddrPortFrom(a, uint16(port)).String(), options
			switch a {
			case netip.IPv4Unspecified():
				address = "*:" + strconv.Itoa(port)
			case netip.IPv6Unspecified():
				more = " v6only" + options // IPv4 has a bind of its own
			}
			binds = append(binds, Bind{address, more, mark})
		}
	}
	return binds
}

// bindOptions are the words behind the address, each with a blank before it.
func bindOptions(b model.Bind, mode string) string {
	options := ""
	if b.AcceptProxy {
		options += " accept-proxy"
	}
	if b.TLS != nil {
		options += tlsOptions(b.TLS, mode)
	}
	return options
}

// tlsOptions are those of a bind where TLS ends. All of the values have strict
// shapes, none of which needs quotes.
func tlsOptions(t *model.BindTLS, mode string) string {
	alpn := t.ALPN
	if len(alpn) == 0 && mode == model.ModeHTTP {
		alpn = site.ALPN()
	}
	options := []string{" ssl crt", t.Certificate}
	for _, o := range []struct{ name, value string }{
		{"alpn", strings.Join(alpn, ",")}, {"ssl-min-ver", t.MinVersion}, {"ciphers", t.Ciphers}, {"ciphersuites", t.Ciphersuites},
		{"ca-file", t.ClientCA}, {"verify", clientVerify(t)},
	} {
		if o.value != "" {
			options = append(options, o.name, o.value)
		}
	}
	if t.StrictSNI {
		options = append(options, "strict-sni")
	}
	return strings.Join(options, " ")
}

func clientVerify(t *model.BindTLS) string {
	if t.ClientCA == "" || t.ClientVerify != "" {
		return t.ClientVerify
	}
	return ClientVerify
}
