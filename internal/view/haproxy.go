package view

import (
	"net/netip"
	"path"
	"strconv"

	"github.com/lbgen/lbgen/internal/model"
)

// PagesDir is where HAProxy finds the pages that it serves itself.
const PagesDir = "/etc/haproxy/pages"

// HAProxy is haproxy.cfg.
type HAProxy struct {
	Maxconn   int
	Origin    string // of the global section
	NoFile    int    // file descriptors that systemd must allow
	Defaults  Section
	Frontends []Frontend
	Stats     *Stats
	Backends  []Backend
}

// Section is what several sections have in common.
type Section struct {
	Origin   string
	Maxconn  int // 0: nothing is said
	Retries  *int
	Timeouts []Timeout
}

// Timeout is one line "timeout NAME VALUE".
type Timeout struct{ Name, Value, Origin string }

// Frontend is one frontend.
type Frontend struct {
	Section
	Name           string
	Binds          []Bind
	DefaultBackend string
	BackendOrigin  string
}

// Bind is one address:port that is listened on.
type Bind struct{ Address, Origin string }

// Stats is the frontend of the statistics page.
type Stats struct {
	Name, URI, Refresh string // Refresh: "" for none
	Binds              []Bind
	Allow              []string
}

// Backend is one backend.
type Backend struct {
	Section
	Name, Balance string
	Check         *HTTPCheck // nil: a TCP connection
	Health        string     // the server options that all servers share
	HealthOrigin  string
	// Servers are "NAME ADDRESS", each led by its mark. They are one string and
	// not fields, because what costs a template is the printing of each, and a
	// large site has 100,000 servers.
	Servers []string
	Sorry   *Sorry
}

// HTTPCheck is the request of a health check.
type HTTPCheck struct {
	Method, URI string
	Expect      int
	Origin      string
}

// Sorry is the page of last resort.
type Sorry struct {
	File   string // an absolute path on the node
	Status int
	Origin string
}

func resolveHAProxy(site *model.Site) *HAProxy {
	h := &HAProxy{
		Maxconn: number(site.Global.Maxconn, Maxconn), Origin: Mark("global"),
		Defaults: resolveDefaults(site.Defaults), Stats: resolveStats(site),
	}
	for i, f := range site.Frontends {
		h.Frontends = append(h.Frontends, resolveFrontend(site, f, at("frontends", i)))
	}
	h.Backends = make([]Backend, 0, len(site.Backends))
	for i, b := range site.Backends {
		h.Backends = append(h.Backends, resolveBackend(b, at("backends", i)))
	}
	h.NoFile = h.fileLimit()
	return h
}

// systemdNoFile is the hard limit that systemd gives every service since
// version 240 (NEWS). HAProxy raises its own soft limit up to it.
const systemdNoFile = 524288

// fileLimit is what HAProxy needs: two descriptors a connection, one a
// listener and a server's check each, and some to spare for logs, sockets and
// a reload's old process. It never takes away what systemd grants anyhow.
func (h *HAProxy) fileLimit() int {
	need := 2*h.Maxconn + 1000
	for _, f := range h.Frontends {
		need += len(f.Binds)
	}
	for _, b := range h.Backends {
		need += len(b.Servers)
	}
	return max(need, systemdNoFile)
}

func resolveDefaults(d model.Defaults) Section {
	retries := pointed(d.Retries, Retries)
	t := d.Timeouts
	return Section{
		Origin: Mark("defaults"), Maxconn: number(d.Maxconn, DefaultsMaxconn), Retries: &retries,
		Timeouts: []Timeout{
			{"http-request", duration(t.HTTPRequest, TimeoutHTTPRequest), Mark("defaults.timeouts.http_request")},
			{"queue", duration(t.Queue, TimeoutQueue), Mark("defaults.timeouts.queue")},
			{"connect", duration(t.Connect, TimeoutConnect), Mark("defaults.timeouts.connect")},
			{"client", duration(t.Client, TimeoutClient), Mark("defaults.timeouts.client")},
			{"server", duration(t.Server, TimeoutServer), Mark("defaults.timeouts.server")},
			{"http-keep-alive", duration(t.HTTPKeepAlive, TimeoutHTTPKeepAlive), Mark("defaults.timeouts.http_keep_alive")},
			{"check", duration(t.Check, TimeoutCheck), Mark("defaults.timeouts.check")},
		},
	}
}

// timeout is a time-out of a section: HAProxy's name, the model's, the value.
type timeout struct {
	name, field string
	value       model.Duration
}

// written returns the time-outs that the site file has; the others come from
// defaults and are not repeated.
func written(origin string, timeouts ...timeout) []Timeout {
	var list []Timeout
	for _, t := range timeouts {
		if t.value != 0 {
			list = append(list, Timeout{t.name, t.value.String(), Mark(origin + ".timeouts." + t.field)})
		}
	}
	return list
}

func resolveFrontend(site *model.Site, f model.Frontend, origin string) Frontend {
	t := f.Timeouts
	front := Frontend{
		Section: Section{Origin: Mark(origin), Maxconn: f.Maxconn, Timeouts: written(origin,
			timeout{"http-request", "http_request", t.HTTPRequest},
			timeout{"client", "client", t.Client},
			timeout{"http-keep-alive", "http_keep_alive", t.HTTPKeepAlive},
		)},
		Name: f.Name, DefaultBackend: f.DefaultBackend, BackendOrigin: Mark(origin + ".default_backend"),
	}
	for i, b := range f.Binds {
		front.Binds = append(front.Binds, resolveBinds(site.BindAddresses(b), b.Ports, at(origin+".binds", i))...)
	}
	return front
}

// resolveBinds orders by port first, so that what belongs together for a
// reader stands together.
func resolveBinds(addrs []netip.Addr, ports []int, origin string) []Bind {
	var binds []Bind
	mark := Mark(origin)
	for _, port := range ports {
		for _, a := range addrs {
			binds = append(binds, Bind{netip.AddrPortFrom(a, uint16(port)).String(), mark})
		}
	}
	return binds
}

func resolveStats(site *model.Site) *Stats {
	s := site.Stats
	if s == nil {
		return nil
	}
	stats := &Stats{
		Name: model.StatsName, URI: StatsURI,
		Binds: resolveBinds(addressesOn(site, s.NIC), []int{s.PortOrDefault()}, "stats"),
	}
	if s.URI != "" {
		stats.URI = s.URI
	}
	if s.Refresh != 0 {
		stats.Refresh = s.Refresh.String()
	}
	for _, n := range s.Allow {
		stats.Allow = append(stats.Allow, netip.Prefix(n).String())
	}
	return stats
}

func resolveBackend(b model.Backend, origin string) Backend {
	t := b.Timeouts
	back := Backend{
		Section: Section{Origin: Mark(origin), Retries: b.Retries, Timeouts: written(origin,
			timeout{"queue", "queue", t.Queue},
			timeout{"connect", "connect", t.Connect},
			timeout{"server", "server", t.Server},
			timeout{"check", "check", t.Check},
		)},
		Name: b.Name, Balance: b.Balance, HealthOrigin: Mark(origin + ".health"),
		Health:  resolveHealth(b.Health),
		Servers: resolveServers(b.Servers, origin+".servers"),
	}
	if back.Balance == "" {
		back.Balance = Balance
	}
	if h := b.Health.HTTP; h != nil {
		back.Check = &HTTPCheck{Method: h.Method, URI: h.URI, Expect: number(h.Expect, CheckExpect), Origin: Mark(origin + ".health.http")}
		if back.Check.Method == "" {
			back.Check.Method = CheckMethod
		}
	}
	if b.Sorry != nil {
		back.Sorry = &Sorry{path.Join(PagesDir, model.PageName(b.Sorry.Page)), number(b.Sorry.Status, SorryStatus), Mark(origin + ".sorry")}
	}
	return back
}

func resolveServers(servers []model.Server, origin string) []string {
	lines := make([]string, 0, len(servers))
	var b []byte
	for i, s := range servers {
		b = append(append(append(b[:0], OriginMark), origin...), '[')
		b = append(strconv.AppendInt(b, int64(i), 10), ']', OriginMark)
		b = append(append(b, s.Name...), ' ')
		b = netip.AddrPort(s.Address).AppendTo(b)
		lines = append(lines, string(b))
	}
	return lines
}

func resolveHealth(h model.Health) string {
	return "inter " + duration(h.Inter, Inter) +
		" rise " + strconv.Itoa(number(h.Rise, Rise)) +
		" fall " + strconv.Itoa(number(h.Fall, Fall))
}
