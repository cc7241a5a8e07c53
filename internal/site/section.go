package site

import (
	"cmp"
	"net/netip"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// Defaults is what frontends and backends use where they say nothing.
type Defaults struct {
	*model.Defaults
	Mode           string // http or tcp
	Maxconn        int    // of one frontend
	Retries        int
	Redispatch     bool
	HTTPConnection string
	ForwardFor     *ForwardFor // nil: servers do not hear of the client's address
	Timeouts       Timeouts
	ForwardedProto bool // where TLS ends here
	LogRequests    bool // in HAProxy's long form, and connections without any not at all
	Spell          bool // lines say what HAProxy would do anyhow, too
}

func (s *Site) defaults() Defaults {
	w, p := &s.Written.Defaults, &s.profile
	front := p.frontend
	if whole := s.Global.Maxconn; whole > 0 {
		front = min(front, whole)
	}
	return Defaults{
		Defaults: w, Mode: w.ModeOrDefault(), Maxconn: limit(w.Maxconn, front),
		Retries: pointed(w.Retries, p.retries), Redispatch: pointed(w.Redispatch, p.redispatch),
		HTTPConnection: cmp.Or(w.HTTPConnection, p.connection), ForwardFor: s.defaultForwardFor(),
		Timeouts: defaultTimeouts(w.Timeouts, p.timeouts), ForwardedProto: pointed(w.ForwardedProto, p.forwardProto),
		LogRequests: p.log && len(s.Written.Logs()) > 0, Spell: p.spell,
	}
}

// defaultForwardFor is what holds where no section says otherwise.
func (s *Site) defaultForwardFor() *ForwardFor {
	w := s.Written.Defaults.ForwardFor
	if w == nil && !s.profile.forwardFor {
		return nil
	}
	return forwardFor(w, "defaults")
}

// Timeouts are those of a section; 0 stands for one without end. Of those in a
// frontend or backend the ones that mean nothing there are those of defaults.
type Timeouts struct {
	HTTPRequest, Queue, Connect, Client, Server, HTTPKeepAlive, Check time.Duration
	Tunnel, ClientFin, ServerFin                                      time.Duration
}

// defaultTimeouts leaves none out that HAProxy would otherwise wait without end for,
// unless the site file or its profile says so.
func defaultTimeouts(t model.DefaultTimeouts, d Timeouts) Timeouts {
	return Timeouts{
		HTTPRequest: timeout(t.HTTPRequest, d.HTTPRequest), Queue: timeout(t.Queue, d.Queue),
		Connect: timeout(t.Connect, d.Connect), Client: timeout(t.Client, d.Client),
		Server: timeout(t.Server, d.Server), HTTPKeepAlive: timeout(t.HTTPKeepAlive, d.HTTPKeepAlive),
		Check: timeout(t.Check, d.Check), Tunnel: timeout(t.Tunnel, 0),
		ClientFin: timeout(t.ClientFin, 0), ServerFin: timeout(t.ServerFin, 0),
	}
}

func (t Timeouts) ofFrontend(w model.FrontendTimeouts) Timeouts {
	t.HTTPRequest, t.Client = either(w.HTTPRequest, t.HTTPRequest), either(w.Client, t.Client)
	t.HTTPKeepAlive, t.ClientFin = either(w.HTTPKeepAlive, t.HTTPKeepAlive), either(w.ClientFin, t.ClientFin)
	return t
}

func (t Timeouts) ofBackend(w model.BackendTimeouts) Timeouts {
	t.Queue, t.Connect, t.Server = either(w.Queue, t.Queue), either(w.Connect, t.Connect), either(w.Server, t.Server)
	t.Check, t.Tunnel, t.ServerFin = either(w.Check, t.Check), either(w.Tunnel, t.Tunnel), either(w.ServerFin, t.ServerFin)
	return t
}

// ForwardFor is how servers hear of the client's address.
type ForwardFor struct {
	*model.ForwardFor
	Except netip.Prefix // whose requests are passed on as they are
	Header string
	Path   diag.Path // of the section that says so
}

// forwardFor returns nil where the section says that servers hear nothing.
func forwardFor(w *model.ForwardFor, section diag.Path) *ForwardFor {
	if w == nil {
		w = &model.ForwardFor{}
	}
	if w.Off {
		return nil
	}
	f := &ForwardFor{ForwardFor: w, Except: netip.MustParsePrefix(ForwardForExcept), Header: cmp.Or(w.Header, ForwardForHeader),
		Path: section.Key("forwardfor")}
	if w.Except != nil {
		f.Except = netip.Prefix(*w.Except)
	}
	return f
}

// forwardFor is the section's own, or that of defaults where it says nothing.
func (s *Site) forwardFor(w *model.ForwardFor, list diag.Path, i int) *ForwardFor {
	if w == nil {
		return s.Defaults.ForwardFor
	}
	return forwardFor(w, list.Index(i))
}

// Compression is what is made smaller on its way, and how.
type Compression struct{ Algorithms, Types []string }

func compression(w *model.Compression) *Compression {
	if w == nil {
		return nil
	}
	c := &Compression{w.Algorithms, w.Types}
	if len(c.Algorithms) == 0 {
		c.Algorithms = []string{CompressionAlgorithm}
	}
	if len(c.Types) == 0 {
		c.Types = CompressionTypes()
	}
	return c
}
