package site

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// Frontend is a place where clients come in.
type Frontend struct {
	*model.Frontend
	Index          int
	Mode           string // http or tcp
	Maxconn        int
	HTTPConnection string
	ForwardFor     *ForwardFor // nil: servers do not hear of the client's address
	ForwardedProto bool        // servers hear how the client came
	Compression    *Compression
	Timeouts       Timeouts
	InspectDelay   time.Duration
	Binds          []Bind
	Routes         []Route
}

// Bind is what a frontend listens on.
type Bind struct {
	*model.Bind
	Addresses []netip.Addr // an unspecified one stands for all of its family
	Ports     []int
	Open      bool // the firewall lets clients in
	TLS       *BindTLS
}

// BindTLS is how TLS is ended.
type BindTLS struct {
	*model.BindTLS
	Certificate  string   // path on the node
	ALPN         []string // none in mode tcp unless they are written
	MinVersion   string
	ClientVerify string // "": no certificate is asked for
}

func (s *Site) frontends() []Frontend {
	all := make([]Frontend, 0, len(s.Written.Frontends))
	on := binds{site: s.Written, vips: map[string][]netip.Addr{}, nics: map[string][]netip.Addr{}}
	for i := range s.Written.Frontends {
		w := &s.Written.Frontends[i]
		f := Frontend{
			Frontend: w, Index: i, Mode: cmp.Or(w.Mode, s.Defaults.Mode), Maxconn: cmp.Or(w.Maxconn, s.Defaults.Maxconn),
			HTTPConnection: cmp.Or(w.HTTPConnection, s.Defaults.HTTPConnection), ForwardFor: s.forwardFor(w.ForwardFor, "frontends", i),
			ForwardedProto: pointed(w.ForwardedProto, s.Defaults.ForwardedProto) && !saysProto(w.Raw),
			Compression:    compression(w.Compression), Timeouts: s.Defaults.Timeouts.ofFrontend(w.Timeouts),
			InspectDelay: either(w.InspectDelay, InspectDelay), Routes: routes(w.Routes),
			Binds: make([]Bind, 0, len(w.Binds)),
		}
		for j := range w.Binds {
			b := &w.Binds[j]
			f.Binds = append(f.Binds, Bind{b, on.addresses(b), b.AllPorts(), b.IsOpen(), s.bindTLS(b.TLS, f.Mode)})
		}
		all = append(all, f)
	}
	return all
}

// SpeaksHTTP2 says whether clients may come by HTTP/2.
func (f *Frontend) SpeaksHTTP2() bool {
	return f.Mode == model.ModeHTTP && slices.ContainsFunc(f.Binds, func(b Bind) bool {
		return b.Proto == "h2" || b.TLS != nil && slices.Contains(b.TLS.ALPN, "h2")
	})
}

// saysProto says whether a raw line tells servers how the client came.
func saysProto(raw model.Raw) bool {
	for _, line := range raw.Lines() {
		line = strings.ToLower(line)
		if strings.HasPrefix(line, "http-request ") && strings.Contains(line, "x-forwarded-proto") && strings.Contains(line, "-header ") {
			return true
		}
	}
	return false
}

// Path is where the frontend stands.
func (f *Frontend) Path() diag.Path { return diag.Path("frontends").Index(f.Index) }

// binds remembers the addresses of names that many binds may have.
type binds struct {
	site       *model.Site
	vips, nics map[string][]netip.Addr
}

func (l *binds) addresses(b *model.Bind) []netip.Addr {
	if b.Address.IsValid() {
		return l.site.BindAddresses(*b)
	}
	known, name := l.vips, b.VIP
	if b.NIC != "" {
		known, name = l.nics, b.NIC
	}
	addrs, ok := known[name]
	if !ok {
		addrs = l.site.BindAddresses(*b)
		known[name] = addrs
	}
	return addrs
}

func (s *Site) bindTLS(w *model.BindTLS, mode string) *BindTLS {
	if w == nil {
		return nil
	}
	t := &BindTLS{w, s.Machine.CertificatePath(w.Certificate), []string(w.ALPN), cmp.Or(w.MinVersion, s.Global.TLS.MinVersion), w.ClientVerify}
	switch {
	case w.ALPN.IsNone():
		t.ALPN = nil
	case len(t.ALPN) == 0 && mode == model.ModeHTTP && s.profile.alpn:
		t.ALPN = ALPN()
	}
	if t.ClientVerify == "" && t.ClientCA != "" {
		t.ClientVerify = ClientVerify
	}
	return t
}

// Route is one step of what is done with requests.
type Route struct {
	*model.Route
	Action    string // the key of the one thing that it does
	Redirect  *Redirect
	Return    *Return
	RateLimit *RateLimit
}

// Redirect sends the client elsewhere.
type Redirect struct {
	*model.Redirect
	Code int
	Port Port // of one by scheme
}

// Return is an answer by HAProxy itself.
type Return struct {
	*model.Return
	Status      int
	ContentType string
}

// RateLimit refuses a client that comes too often.
type RateLimit struct {
	*model.RateLimit
	Period time.Duration
	Status int
	Size   int
}

func routes(written []model.Route) []Route {
	if len(written) == 0 {
		return nil
	}
	all := make([]Route, 0, len(written))
	for i := range written {
		r := Route{Route: &written[i], Action: written[i].Action()}
		if w := r.Route.Redirect; w != nil {
			r.Redirect = &Redirect{Redirect: w, Code: cmp.Or(w.Code, redirectCode(w))}
		}
		if w := r.Route.Return; w != nil {
			r.Return = &Return{w, cmp.Or(w.Status, ReturnStatus), cmp.Or(w.ContentType, contentType(w))}
		}
		if w := r.Route.RateLimit; w != nil {
			r.RateLimit = &RateLimit{w, either(w.Period, RatePeriod), cmp.Or(w.Status, RateStatus), cmp.Or(w.Size, RateSize)}
		}
		all = append(all, r)
	}
	return all
}

func redirectCode(w *model.Redirect) int {
	if w.Scheme != "" {
		return RedirectSchemeCode
	}
	return RedirectCode
}

func contentType(w *model.Return) string {
	if w.Page != "" {
		return "text/html"
	}
	return "text/plain"
}
