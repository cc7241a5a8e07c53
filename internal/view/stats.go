package view

import (
	"net/netip"

	"github.com/lbgen/lbgen/internal/model"
)

// Stats is the frontend of the statistics page.
type Stats struct {
	Name, URI, Refresh string // Refresh: "" for none
	Binds              []Bind
	Allow              []string
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
