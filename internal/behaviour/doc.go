//go:build linux

// Package behaviour has tests only. Each starts the real HAProxy with the
// haproxy.cfg that lbgen renders for a site, as it is, puts small servers
// behind it and asks it over HTTP and TCP what a visitor would see.
//
// A scenario runs in a network of its own, in which every address is at hand:
// HAProxy binds the site's own addresses, servers answer at theirs, and clients
// come from where they like. Start with scenario_test.go.
//
// TestRoutesForeseeHAProxy holds internal/route against the daemon: made-up sites
// (route_site_test.go), and made-up requests to them (route_request_test.go).
package behaviour
