package model

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
)

// StatsName is the name of the frontend that serves the statistics page.
const StatsName = "stats"

// DefaultStatsPort is the port of the statistics page: the one that HAProxy's
// own examples and S1 use.
const DefaultStatsPort = 8404

// DefaultStatsURI is its path.
const DefaultStatsURI = "/stats"

// PortOrDefault returns the port of the page (1-65535).
func (s *Stats) PortOrDefault() int {
	if s.Port == 0 {
		return DefaultStatsPort
	}
	return s.Port
}

// URIOrDefault returns the path of the page.
func (s *Stats) URIOrDefault() string {
	if s.URI == "" {
		return DefaultStatsURI
	}
	return s.URI
}

func (c *cross) stats() {
	s := c.site.Stats
	if s == nil {
		return
	}
	if c.refer("stats.nic", s.NIC, c.roles) {
		c.addressesOn(s.NIC, "stats.nic", "the statistics page is served there")
	}
	if s.Refresh != 0 && !s.Refresh.wholeSeconds() {
		c.add("stats.refresh", "bad-value", fmt.Sprintf("bad value %q for refresh", s.Refresh), "a browser counts whole seconds")
	}
	if s.TLS != nil {
		c.certificate("stats.tls.certificate", s.TLS.Certificate)
	}
	c.statsUsers(s)
	if s.Prometheus != "" && s.Prometheus == s.URIOrDefault() {
		c.add("stats.prometheus", "duplicate", fmt.Sprintf("path %s is defined twice", s.Prometheus),
			"the statistics page is there: give the metrics another path, such as /metrics")
	}
}

// statsUsers wants a password for each user, and a user where somebody may
// change something.
func (c *cross) statsUsers(s *Stats) {
	names := unique{}
	for i, u := range s.Users {
		path := diag.Path("stats.users").Index(i)
		names.claim(c, u.Name, place{"stats.users", i, "name"}, "user")
		if u.Password.IsZero() && !c.hasFailedBelow(path) {
			c.add(path, "missing-field", fmt.Sprintf("user %q has no password", u.Name), "add password: {file: PATH}, or {env: NAME}")
		}
	}
	switch {
	case len(s.Users) > 0 || c.hasFailedBelow("stats.users"):
	case s.Admin:
		c.add("stats.admin", "missing-field", "admin needs users", "add users with passwords: whoever sees the page could switch servers off")
	case s.Realm != "":
		c.add("stats.realm", "missing-field", "realm needs users", "add users with passwords, or take realm out: nobody is asked")
	}
}
