package model

import (
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// routed is a section whose routes are looked at.
type routed struct {
	path, list diag.Path // of the section, and of its routes
	name, mode string
	front      *Frontend // nil: a backend
	targets    targets
	limits     int  // rate limits so far
	tls        int  // binds where TLS ends
	asks       bool // whether one of them asks clients for a certificate
}

// routes looks at each route, and for routes that are never reached.
func (c *cross) routes(r *routed, names unique, routes []Route) {
	last := diag.Path("") // the route that leaves nothing to those below it
	for i := range routes {
		path := r.list.Index(i)
		if last != "" {
			c.add(path, "unreachable", "no request reaches this route", "a route before it takes every request: write this one above, or give "+
				"that one a when",
				c.elsewhere("it is this one", last))
			return
		}
		c.route(r, names, i, &routes[i])
		if r.takesAll(&routes[i]) {
			last = path
		}
	}
}

// takesAll says whether no request gets past the route.
func (r *routed) takesAll(route *Route) bool {
	if len(route.When) > 0 || !route.answers() {
		return false
	}
	return route.Redirect == nil || route.Redirect.Scheme == "" || r.tls == 0
}

func (c *cross) route(r *routed, names unique, i int, route *Route) {
	path := r.list.Index(i)
	actions := route.Actions()
	if len(actions) != 1 && !c.hasFailedBelow(path) {
		c.oneAction(path, actions)
	}
	if len(actions) == 1 && r.mode == ModeTCP && !inTCP(actions[0]) {
		c.onlyHTTP(path.Key(actions[0]), actions[0])
	}
	for j := range route.When {
		c.match(r, path.Key("when").Index(j), &route.When[j])
	}
	c.action(r, path, route)
	if route.RateLimit != nil {
		names.claim(c, RateTable(r.name, i), place{r.list, i, "rate_limit"}, "proxy")
		c.rateLimit(r, path.Key("rate_limit"), route.RateLimit)
	}
}

func (c *cross) oneAction(path diag.Path, actions []string) {
	if len(actions) == 0 {
		c.add(path, "missing-field", "a route does nothing", "add what it does: backend, deny, redirect, return, set_header, …")
		return
	}
	c.add(path, "bad-value", "a route does one thing, and this one "+join2(actions), "write a route for each of them, with the same when")
}

// join2 names the first two of several.
func join2(names []string) string { return "has " + names[0] + " and " + names[1] }

func inTCP(action string) bool {
	switch action {
	case "backend", "reject", "allow", "silent_drop", "rate_limit":
		return true
	default:
		return false
	}
}

// action looks at what a route does.
func (c *cross) action(r *routed, path diag.Path, route *Route) {
	switch {
	case route.Backend == "":
	case r.front == nil:
		c.add(path.Key("backend"), "bad-value", "a rule of a backend cannot name another one",
			"a request stays where its frontend sent it: write this as a route of the frontend")
	default:
		c.speaksTo(path.Key("backend"), route.Backend, r.mode, r.targets)
	}
	c.redirect(r, path.Key("redirect"), route)
	c.returns(path.Key("return"), route.Return)
	c.auth(r, path.Key("auth"), route.Auth)
	c.oneOf(path.Key("set_header"), route.SetHeader)
	c.oneOf(path.Key("add_header"), route.AddHeader)
	c.oneOf(path.Key("set_response_header"), route.SetResponseHeader)
	c.oneOf(path.Key("add_response_header"), route.AddResponseHeader)
	if route.StripPrefix != "" && strings.Trim(route.StripPrefix, "/") == "" {
		c.add(path.Key("strip_prefix"), "bad-value", fmt.Sprintf("bad value %q for strip_prefix", route.StripPrefix),
			"every path begins with a slash: write more of it, such as /api")
	}
}

func (c *cross) oneOf(path diag.Path, h *Header) {
	if h != nil && h.Value.IsZero() == (h.Sample == "") && !c.hasFailedBelow(path) {
		c.add(path, "missing-field", "a header has exactly one of value and sample",
			"write value: TEXT, or sample: src for what HAProxy knows of the request")
	}
}

func (c *cross) redirect(r *routed, path diag.Path, route *Route) {
	d := route.Redirect
	if d == nil {
		return
	}
	if ways := keys([]written{{"scheme", d.Scheme != ""}, {"prefix", d.Prefix != ""}, {"location", d.Location != ""}}); len(ways) != 1 &&
		!c.hasFailedBelow(path) {
		c.add(path, "missing-field", "a redirect has exactly one of scheme, prefix and location",
			"write {scheme: https}, {prefix: https://www.example.com} or {location: /login}")
	}
	if d.DropQuery && d.Prefix == "" {
		c.add(path.Key("drop_query"), "bad-value", "drop_query without prefix",
			"a location has no query but its own, and a scheme keeps it: take drop_query out")
	}
	if d.Scheme == "https" && r.front != nil {
		c.redirectToTLS(r, path, route)
	}
}

// redirectToTLS refuses what would go round for ever. A header in when may say
// that a proxy before this one ends TLS.
func (c *cross) redirectToTLS(r *routed, path diag.Path, route *Route) {
	for i := range route.When {
		m := &route.When[i]
		if m.TLS != nil && *m.TLS != m.Not {
			c.add(path.Key("scheme"), "loop", "clients that came by TLS are sent to where they are", "write tls: false")
			return
		}
		if m.Header != nil {
			return
		}
	}
	if !r.targets.ends && !c.hasFailedBelow("frontends") {
		c.add(path.Key("scheme"), "loop", "clients are sent to https, and TLS ends nowhere in this site",
			"give a bind tls: {certificate: …}; where a proxy before this one ends TLS, match on its header: {header: {name: X-Forwarded-Proto, "+
				"value: https}, not: true}")
	}
}

func (c *cross) returns(path diag.Path, r *Return) {
	switch {
	case r == nil:
	case r.Page != "" && r.Text != "":
		c.add(path, "bad-value", "an answer has both page and text", "write one of them")
	case r.Page == "" && r.Text == "" && r.ContentType != "" && !c.hasFailedBelow(path):
		c.add(path.Key("content_type"), "missing-field", "content_type of an empty answer", "add page or text, or take it out")
	}
}

func (c *cross) auth(r *routed, path diag.Path, a *Auth) {
	if a == nil {
		return
	}
	if c.refer(path.Key("userlist"), a.Userlist, r.targets.lists) {
		groups := known{what: "group of userlist " + a.Userlist + ":", list: "userlists", names: r.targets.groups[a.Userlist]}
		for i, g := range a.Groups {
			c.refer(path.Key("groups").Index(i), g, groups)
		}
	}
}

// rateLimit wants one thing to be counted that can be counted here.
func (c *cross) rateLimit(r *routed, path diag.Path, l *RateLimit) {
	r.limits++
	counted := keys([]written{{"requests", l.Requests != 0}, {"connections", l.Connections != 0}, {"concurrent", l.Concurrent != 0}})
	switch {
	case c.hasFailedBelow(path):
	case len(counted) != 1:
		c.add(path, "missing-field", "a rate limit has exactly one of requests, connections and concurrent",
			"write what is counted; two limits are two routes")
	case r.limits > StickyCounters:
		c.add(path, "bad-value", fmt.Sprintf("more than %d rate limits on the way of one request", StickyCounters),
			"HAProxy has no more counters, those of the frontend and of the backend together: leave one out")
	case r.mode == ModeTCP && counted[0] == "requests":
		c.add(path.Key("requests"), "bad-value", "there are no requests in TCP mode", "count connections")
	case r.front == nil && counted[0] != "requests":
		c.add(path.Key(counted[0]), "bad-value", "a backend sees requests only", "count requests, or write this as a route of the frontend")
	case l.Concurrent != 0 && l.Period != 0:
		c.add(path.Key("period"), "bad-value", "concurrent connections have no period", "take it out: they are counted at one time")
	default:
		c.rateClient(r, path, l)
	}
}

// rateClient looks at who is counted and what is answered.
func (c *cross) rateClient(r *routed, path diag.Path, l *RateLimit) {
	if r.mode == ModeTCP {
		c.inMode(path, r.mode, []written{{"status", l.Status != 0}, {"header", l.Header != ""}})
		return
	}
	if l.Header != "" && l.Requests == 0 {
		c.add(path.Key("header"), "bad-value", "a header tells the client of a request, not of a connection",
			"count requests: the connections are the proxy's")
	}
}
