package view

import (
	"path"

	"github.com/lbgen/lbgen/internal/model"
)

// pagePath returns the absolute path on the node of a page that the site file
// names.
func pagePath(site *model.Site, page string) string {
	return path.Join(site.Machine().Pages(), model.PageName(page))
}

// HAProxy is haproxy.cfg.
type HAProxy struct {
	Global
	NoFile    int // file descriptors that systemd must allow
	Defaults  Defaults
	Frontends []Frontend
	Stats     *Stats
	Userlists []Userlist
	Peers     *Peers // nil: none
	Resolvers []Resolvers
	Alive     *Alive
	Backends  []Backend
	Tables    []Table // of the rate limits
}

// Section is what several sections have in common.
type Section struct {
	Origin   string
	Maxconn  int // 0: nothing is said
	Retries  *int
	Timeouts []Timeout
	// Options are lines in no particular order: error pages and the like.
	Options []Rule
	Raw     []RawLine
}

// Timeout is one line "timeout NAME VALUE".
type Timeout struct{ Name, Value, Origin string }

func resolveHAProxy(site *model.Site, in model.Inputs) *HAProxy {
	h := &HAProxy{
		Global: resolveGlobal(site), Defaults: resolveDefaults(site), Stats: resolveStats(site, in),
		Userlists: resolveUserlists(site, in), Peers: resolvePeers(site), Alive: resolveAlive(site),
		Resolvers: resolveResolvers(site),
	}
	sorry, shared, byFrontend := sorryBackends(site), forwardForIsShared(site), site.ForwardForByFrontend()
	for i := range site.Frontends {
		f := resolveFrontend(site, &site.Frontends[i], at("frontends", i), sorry)
		f.Options = append(f.Options, forwardForFrontend(site, &site.Frontends[i], at("frontends", i), byFrontend)...)
		h.Frontends, h.Tables = append(h.Frontends, f), append(h.Tables, f.Rules.Tables...)
	}
	h.Backends = make([]Backend, 0, len(site.Backends))
	aborts := firstAbortOnClose(site) >= 0
	for i := range site.Backends {
		b := &site.Backends[i]
		back := resolveBackend(site, b, at("backends", i), in, aborts)
		back.Options = append(back.Options, forwardForBackend(site, b, at("backends", i), shared, byFrontend)...)
		h.Backends, h.Tables = append(h.Backends, back), append(h.Tables, back.Rules.Tables...)
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
		need += len(b.Servers) + b.Made
	}
	return max(need, systemdNoFile)
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
