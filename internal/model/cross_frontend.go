package model

import (
	"fmt"
	"slices"

	"github.com/lbgen/lbgen/internal/diag"
)

// frontend looks at one frontend, but for its binds.
func (c *cross) frontend(names unique, backends targets, i int, f *Frontend) {
	path := diag.Path("frontends").Index(i)
	mode := c.site.frontendMode(*f)
	c.inMode(path, mode, []written{
		{"http_connection", f.HTTPConnection != ""}, {"forwardfor", f.ForwardFor != nil}, {"compression", f.Compression != nil},
		{"error_pages", f.ErrorPages != nil},
		{"monitor_uri", f.MonitorURI != ""}, {"hsts", f.HSTS != nil},
		{"timeouts.http_request", f.Timeouts.HTTPRequest != 0}, {"timeouts.http_keep_alive", f.Timeouts.HTTPKeepAlive != 0},
	})
	c.speaksTo(path.Key("default_backend"), f.DefaultBackend, mode, backends)
	c.hsts(path, f)
	c.inspectDelay(path, f, mode)
	r := &routed{path: path, list: path.Key("routes"), name: f.Name, mode: mode, front: f, targets: backends, tls: f.bindsWithTLS()}
	r.asks = slices.ContainsFunc(f.Binds, func(b Bind) bool { return b.TLS != nil && b.TLS.ClientCA != "" })
	c.routes(r, names, f.Routes)
	c.answers(path, f)
	r.reaches(f.DefaultBackend)
	for j := range f.Routes {
		r.reaches(f.Routes[j].Backend)
	}
}

// reaches remembers how many counters are taken on the way to a backend.
func (r *routed) reaches(backend string) {
	r.targets.counters[backend] = max(r.targets.counters[backend], r.limits)
}

// rules looks at the rules of a backend. The frontends come first: a request
// takes their counters along.
func (c *cross) rules(names unique, backends targets, i int, b *Backend) {
	path := diag.Path("backends").Index(i)
	r := &routed{path: path, list: path.Key("rules"), name: b.Name, mode: c.site.backendMode(*b), targets: backends,
		limits: backends.counters[b.Name]}
	c.routes(r, names, b.Rules)
	if b.ForwardFor != nil && b.ForwardFor.Off && c.site.ForwardForByFrontend() {
		c.add(path.Key("forwardfor"), "bad-value", "a backend cannot take forwardfor back from its frontends",
			"HAProxy tells servers the client's address where the frontend or the backend says so: write it at the backends only")
	}
}

// inMode refuses what only HTTP has where a section speaks TCP.
func (c *cross) inMode(path diag.Path, mode string, all []written) {
	if mode != ModeTCP {
		return
	}
	for _, key := range keys(all) {
		c.onlyHTTP(path.Key(key), key)
	}
}

func (c *cross) onlyHTTP(path diag.Path, key string) {
	c.add(path, "bad-value", fmt.Sprintf("%s means nothing in TCP mode", key),
		"HAProxy does not look into what TCP carries: take it out, or write mode: http")
}

// speaksTo wants a backend to be there and to speak what the frontend does. A
// TCP frontend would hand an HTTP backend what it cannot read in time.
func (c *cross) speaksTo(path diag.Path, name, mode string, backends targets) {
	if name == "" || !backends.names[name] && !c.refer(path, name, backends.known) || backends.modes[name] == mode {
		return
	}
	c.add(path, "bad-value", fmt.Sprintf("backend %q speaks %s and this frontend %s", name, backends.modes[name], mode),
		"write the same mode for both: http or tcp")
}

// hsts wants TLS to be there: browsers ignore the header without it.
func (c *cross) hsts(path diag.Path, f *Frontend) {
	if f.HSTS != nil && !f.EndsTLS() && !c.hasFailedBelow(path.Key("binds")) {
		c.add(path.Key("hsts"), "missing-field", "hsts without TLS", "browsers heed it by TLS only: give a bind tls: {certificate: …}")
	}
}

func (c *cross) inspectDelay(path diag.Path, f *Frontend, mode string) {
	switch {
	case f.InspectDelay == 0:
	case mode == ModeHTTP:
		c.add(path.Key("inspect_delay"), "bad-value", "inspect_delay means nothing in HTTP mode",
			"write timeouts: {http_request: …}: the time for a whole request head")
	case !f.LooksAtHello():
		c.add(path.Key("inspect_delay"), "bad-value", "inspect_delay without a route that looks at a client's first bytes",
			"take it out, or match on sni where TLS does not end here")
	}
}

// answers wants a frontend to do something with somebody.
func (c *cross) answers(path diag.Path, f *Frontend) {
	if f.DefaultBackend != "" || f.MonitorURI != "" || f.Raw != "" {
		return
	}
	for i := range f.Routes {
		if f.Routes[i].answers() {
			return
		}
	}
	if !c.hasFailedBelow(path.Key("routes")) {
		c.add(path.Key("default_backend"), "missing-field", fmt.Sprintf("frontend %q answers nobody", f.Name),
			"add default_backend, or routes to backends")
	}
}

func (r *Route) answers() bool {
	return r.Backend != "" || r.Redirect != nil || r.Return != nil || r.Deny != 0 || r.Reject || r.SilentDrop
}
