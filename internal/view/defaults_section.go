package view

import (
	"cmp"
	"slices"

	"github.com/lbgen/lbgen/internal/model"
)

// Defaults is the defaults section of haproxy.cfg.
type Defaults struct {
	Section
	Mode            string // http or tcp
	Connection      []Rule // what becomes of it after the answer, and what servers hear of the client
	LogFormat       string // "" for that of the mode
	LogEmpty        bool
	LogHealthChecks bool
	Redispatch      bool
}

func resolveDefaults(site *model.Site) Defaults {
	d := site.Defaults
	retries := pointed(d.Retries, Retries)
	return Defaults{
		Section: Section{
			Origin: Mark("defaults"), Maxconn: cmp.Or(d.Maxconn, min(DefaultsMaxconn, number(site.Global.Maxconn, Maxconn))), Retries: &retries,
			Timeouts: defaultTimeouts(d.Timeouts), Options: slices.Concat(errorPages(site, d.ErrorPages, "defaults"), abortOnCloseDefault(site)), Raw: rawLines(d.Raw, "defaults.raw"),
		},
		Mode: site.DefaultMode(), Connection: append(connection(cmp.Or(d.HTTPConnection, HTTPConnection), "defaults"), forwardForDefaults(site)...),
		LogFormat: d.LogFormat, LogEmpty: d.LogEmpty, LogHealthChecks: d.LogHealthChecks,
		Redispatch: d.Redispatch == nil || *d.Redispatch,
	}
}

// defaultTimeouts leaves none out that HAProxy would otherwise wait without end
// for.
func defaultTimeouts(t model.DefaultTimeouts) []Timeout {
	const origin = "defaults"
	return append([]Timeout{
		{"http-request", duration(t.HTTPRequest, TimeoutHTTPRequest), Mark("defaults.timeouts.http_request")},
		{"queue", duration(t.Queue, TimeoutQueue), Mark("defaults.timeouts.queue")},
		{"connect", duration(t.Connect, TimeoutConnect), Mark("defaults.timeouts.connect")},
		{"client", duration(t.Client, TimeoutClient), Mark("defaults.timeouts.client")},
		{"server", duration(t.Server, TimeoutServer), Mark("defaults.timeouts.server")},
		{"http-keep-alive", duration(t.HTTPKeepAlive, TimeoutHTTPKeepAlive), Mark("defaults.timeouts.http_keep_alive")},
		{"check", duration(t.Check, TimeoutCheck), Mark("defaults.timeouts.check")},
	}, written(origin,
		timeout{"tunnel", "tunnel", t.Tunnel},
		timeout{"client-fin", "client_fin", t.ClientFin},
		timeout{"server-fin", "server_fin", t.ServerFin},
	)...)
}

// forwardForDefaults puts the option into defaults where every section speaks
// HTTP and none says otherwise. Else each backend has its own: in a section that
// speaks TCP it would draw a warning, and because HAProxy tells the servers
// where the frontend or the backend says so, a backend that says false needs
// frontends that say nothing.
func forwardForDefaults(site *model.Site) []Rule {
	if !forwardForIsShared(site) {
		return nil
	}
	return forwardFor(site.Defaults.ForwardFor, "defaults")
}

func forwardForIsShared(site *model.Site) bool {
	if site.DefaultMode() != model.ModeHTTP || site.ForwardForByFrontend() {
		return false
	}
	for _, f := range site.Frontends {
		if site.FrontendMode(f) != model.ModeHTTP {
			return false
		}
	}
	for _, b := range site.Backends {
		if site.BackendMode(b) != model.ModeHTTP || b.ForwardFor != nil {
			return false
		}
	}
	return true
}

// forwardForFrontend returns the option of a frontend where each has its own.
func forwardForFrontend(site *model.Site, f *model.Frontend, origin string, byFrontend bool) []Rule {
	if !byFrontend || site.FrontendMode(*f) != model.ModeHTTP {
		return nil
	}
	if f.ForwardFor != nil {
		return forwardFor(f.ForwardFor, origin)
	}
	return forwardFor(site.Defaults.ForwardFor, "defaults")
}

// forwardForBackend returns the option of a backend, unless all share one.
func forwardForBackend(site *model.Site, b *model.Backend, origin string, shared, byFrontend bool) []Rule {
	switch {
	case shared || site.BackendMode(*b) != model.ModeHTTP:
		return nil
	case b.ForwardFor != nil:
		return forwardFor(b.ForwardFor, origin)
	case byFrontend:
		return nil
	default:
		return forwardFor(site.Defaults.ForwardFor, "defaults")
	}
}

// forwardFor is the option; nil stands for how it is by default.
func forwardFor(f *model.ForwardFor, origin string) []Rule {
	if f == nil {
		f = &model.ForwardFor{}
	}
	if f.Off {
		return nil
	}
	except := ForwardForExcept
	if f.Except != nil {
		except = f.Except.String()
	}
	option := "option forwardfor except " + except
	if f.Header != "" {
		option += " header " + f.Header
	}
	if f.IfNone {
		option += " if-none"
	}
	return []Rule{{Origin: Mark(origin + ".forwardfor"), Verb: option}}
}
